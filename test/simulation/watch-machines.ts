/**
 * Watches the machines themselves: only planned machines change, only in the files that are faulty, each change was
 * promised in the journal and is made once, no new step begins after a withdrawal, and no file is ever lost.
 */
import type { PlanId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import type { RolloutMirror } from "./rollout-mirror.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { World } from "./world.ts";

interface Line {
  readonly event: string;
  readonly orderId?: string;
  readonly step?: number;
  readonly planId?: PlanId;
  readonly again?: boolean;
}

/** From the frame to the journal: the agent has to write it down before it counts, and may be writing something else. */
const NOTING_MS = 100;
const ENDS_PROMISE = ["done", "fail", "not-applicable", "abandon", "undo-done", "undo-fail"];

export class MachineWatch {
  private readonly world: World;
  private readonly planOf: (id: PlanId) => RolloutMirror | undefined;
  private readonly wasTakenBack: (order: string) => boolean;
  private readonly moves = new Map<string, number>();
  /** When the withdrawal of an order came to a process: the next one has to be told again. */
  private readonly withdrawn = new Map<string, number>();

  constructor(
    world: World,
    rollouts: { planOf(id: PlanId): RolloutMirror | undefined; wasTakenBack(order: string): boolean },
  ) {
    this.world = world;
    this.planOf = (id) => rollouts.planOf(id);
    this.wasTakenBack = (order) => rollouts.wasTakenBack(order);
  }

  readonly effect = (machine: SimMachine, what: string): void => {
    const journal = machine.logs.journal.records() as readonly Line[];
    const order = journal.findLast(({ event }) => event === "accepted");
    const plan = order?.planId === undefined ? undefined : this.planOf(order.planId);
    const name = machine.traits.name;
    this.world.count(`effect ${what.split(" ")[0]}`);
    if (plan === undefined || !plan.rows.has(machine.id))
      this.world.broken("no machine outside the plan", `${name}: ${what}`);
    if (promiseOf(journal, order?.orderId) === undefined)
      this.world.broken("a step is promised before it acts", `${name}: ${what}`);
    this.noteMove(machine, what);
    const lost = machine.disk.lost();
    if (lost !== undefined) this.world.broken("no file is lost", `${name}: ${lost}`);
    for (const { sha256, path } of machine.disk.quarantine.values()) {
      if (sha256 !== machine.setup.faulty) this.world.broken("only the faulty file is moved", `${name}: ${path}`);
    }
  };

  /** A frame has come to an agent: it may say that an order is withdrawn. */
  arrived(machine: SimMachine, text: string): void {
    const frame = JSON.parse(text) as { readonly orders?: readonly Order[] };
    for (const { orderId, withdrawn } of frame.orders ?? []) {
      const key = processOf(machine, orderId);
      if (!withdrawn || this.withdrawn.has(key)) continue;
      this.withdrawn.set(key, this.world.time.now());
      this.world.count("withdrawal");
      machine.say(`hears that ${orderId} is withdrawn`);
    }
  }

  /** A step that is promised for the first time begins now: its order must not have been withdrawn before. */
  readonly journal = (machine: SimMachine, record: unknown): void => {
    const { traits, logs } = machine;
    const { event, orderId, step } = record as Line;
    if (event === "accepted" && orderId !== undefined && this.wasTakenBack(orderId)) {
      this.world.broken("stop means stop", `${traits.name} took ${orderId}, which was taken back before anyone had it`);
    }
    const since = this.withdrawn.get(processOf(machine, orderId));
    if (event !== "start" || since === undefined || this.world.time.now() - since < NOTING_MS) return;
    const lines = logs.journal.records() as readonly Line[];
    if (lines.some((line) => line.event === "start" && line.orderId === orderId && line.step === step)) return;
    this.world.broken(
      "stop means stop",
      `${traits.name} began step ${step} of ${orderId}, which was withdrawn ${this.world.time.now() - since} ms before`,
    );
  };

  /** A file goes away once more than it has come back, at most; a restart belongs to one boot. */
  private noteMove(machine: SimMachine, what: string): void {
    const [verb, ...rest] = what.split(" ");
    const key = verb === "restart" ? `restart in boot ${machine.boots} of` : `${rest.join(" ")} of`;
    const by = verb === "quarantine" || verb === "restart" ? 1 : verb === "restore" ? -1 : 0;
    const moves = (this.moves.get(`${key} ${machine.id}`) ?? 0) + by;
    this.moves.set(`${key} ${machine.id}`, moves);
    const most = verb === "restart" ? machine.processesInBoot : 1;
    if (moves > most || moves < 0)
      this.world.broken("effective once", `${machine.traits.name}: ${what}, ${moves} times`);
  }
}

const processOf = ({ id, boots, processesInBoot }: SimMachine, orderId: string | undefined): string =>
  `${id} ${boots}.${processesInBoot} ${orderId}`;

/** The step that is promised and not yet ended. */
function promiseOf(journal: readonly Line[], orderId: string | undefined): number | undefined {
  let promised: number | undefined;
  for (const { event, step, orderId: of } of journal) {
    if (of !== orderId) continue;
    if (event === "start" || event === "undo-start") promised = step;
    else if (ENDS_PROMISE.includes(event) && step === promised) promised = undefined;
  }
  return promised;
}
