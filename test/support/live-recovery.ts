/**
 * The machines of a drill at a real controller: real store, real orchestrator, real orders and signed receipts, a clock
 * that stands still. What the controller stores of the rollout is written down as the drill writes its own trace.
 *
 * The clock rings for nobody: the orchestrator looks when the machines of a second have spoken, and when it asked to be
 * woken, so that both drivers look at the same moments.
 */
import { MOMENTS } from "../../controller/drill/recovery/habits.ts";
import { type CourseInput, LOOKED, PERSON_SECONDS } from "../../controller/drill/recovery/course.ts";
import { type Desk, Machines } from "../../controller/drill/recovery/machines.ts";
import { roleName, siteName } from "../../controller/drill/recovery/placing.ts";
import { eventLine, rowLine } from "../../controller/drill/recovery/trace.ts";
import { decide } from "../../controller/rollout/engine.ts";
import type { Presence } from "../../controller/store/feed.ts";
import type { IngestReport, PresenceReport } from "../../controller/store/reports.ts";
import type { AppendResult, RolloutAppend } from "../../controller/store/rollouts.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { callOn, storeFrom } from "../../controller/storage/store-methods.ts";
import type { BootReport } from "../../protocol/boot.ts";
import { canonicalBytes, sha256Hex } from "../../protocol/canonical.ts";
import { peek } from "../../protocol/dsse.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, EpochId, OrderId, RolloutId } from "../../protocol/ids.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import type { OrderOutcome } from "../../protocol/progress.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import { ControllerHarness } from "./controller-harness.ts";
import { aBoot, aHealthyBoot, NOON } from "./fleet-builders.ts";
import { aPlanRequest } from "./plan-builders.ts";

const PERSON = "a person";

/** What a machine said at a second, to be stored when all have spoken. */
type Word =
  | { readonly machine: number; readonly presence: Presence }
  | { readonly machine: number; readonly body: () => ReportBody }
  | { readonly machine: number; readonly takes: true };

/** The plan begins so long after the machines were first heard. */
export const SETTLED_MS = 3_600_000;

export class LiveRecovery {
  readonly trace: string[] = [];
  readonly #input: CourseInput;
  readonly #machines: Machines;
  readonly #harness: ControllerHarness;
  readonly #ids: DeviceId[] = [];
  readonly #placeOf = new Map<DeviceId, number>();
  readonly #sequences: number[] = [];
  readonly #boots: number[] = [];
  /** Orders that lie ready, those that were taken, and those of which the device was told that they are withdrawn. */
  readonly #lying = new Map<number, OrderId>();
  readonly #taken = new Map<number, WaveOrder>();
  readonly #withdrawn = new Set<OrderId>();
  /** Those that said that they restart, and have not said since that they did. */
  readonly #restarting = new Set<number>();
  #words: Word[] = [];
  #second: number;
  #wakeAt: number | null = null;
  #personAt = Number.POSITIVE_INFINITY;
  #isPaused = false;

  private constructor(input: CourseInput, harness: ControllerHarness) {
    this.#input = input;
    this.#harness = harness;
    this.#machines = new Machines(input.columns, { ...input.nature, isIncurable: false }, input.draws, input.times);
    this.#second = input.times.begins;
  }

  /** Carries the whole recovery out. @returns its trace */
  static async run(input: CourseInput): Promise<readonly string[]> {
    const real = openSqliteStoreInThread(":memory:");
    const call = callOn(real);
    const drill: { live?: LiveRecovery } = {};
    const store = storeFrom(async (method, args) => {
      const result = await call(method, args);
      const { live } = drill;
      if (live === undefined) return result;
      if (method === "appendRollout") live.#noted(args[0] as RolloutAppend, result as AppendResult);
      if (method === "createRollout") live.trace.push(eventLine(args[2] as RolloutEvent));
      return result;
    });
    const opened: ControllerHarness[] = [];
    const clock = { now: () => opened[0]?.clock.now() ?? NOON, after: () => () => undefined };
    const harness = await ControllerHarness.open(
      {
        clock,
        decide(state, now) {
          const decision = decide(state, now);
          if (drill.live !== undefined) drill.live.#wakeAt = decision.wakeAt;
          return decision;
        },
      },
      store,
    );
    opened.push(harness);
    const live = new LiveRecovery(input, harness);
    drill.live = live;
    try {
      await live.#settle();
      await live.#carryOut();
      return live.trace;
    } finally {
      await harness.stop();
    }
  }

  /** Every machine as it is when the plan begins: registered, known, and down or up, there or gone. */
  async #settle(): Promise<void> {
    const { columns } = this.#input;
    const { isHurt, isConnected } = this.#machines;
    for (let machine = 0; machine < columns.size; machine += 1) {
      const site = siteName(columns.site[machine] ?? 0);
      const id = await this.#harness.register(machine, { site, role: roleName(columns.role[machine] ?? 0) });
      this.#ids.push(id);
      this.#placeOf.set(id, machine);
      this.#sequences.push(0);
      this.#boots.push(0);
    }
    const everyone = this.#ids.keys().toArray();
    const well = everyone.filter((machine) => isHurt[machine] === 0);
    const gone = everyone.filter((machine) => isConnected[machine] === 0);
    const looping = everyone.filter((machine) => isHurt[machine] !== 0 && columns.rung[machine] === MOMENTS);
    for (const machine of everyone) this.#words.push({ machine, presence: { kind: "connected" } });
    for (const machine of everyone) this.#words.push({ machine, body: () => this.#boot(machine) });
    for (const machine of well) this.#words.push({ machine, body: () => this.#healthy(machine) });
    for (const machine of gone)
      if (isHurt[machine] === 0) this.#words.push({ machine, body: () => ({ kind: "leaving", reason: "shutdown" }) });
    for (const machine of new Set([...gone, ...looping])) this.#words.push({ machine, presence: { kind: "dropped" } });
    await this.#store();
    await this.#harness.orchestrator.catchUp();
    // Those that are there and those in a loop are heard now; the others that are down were long before.
    this.#harness.clock.advance(SETTLED_MS);
    const heard = new Set([...everyone.filter((machine) => isConnected[machine] !== 0), ...looping]);
    for (const machine of heard) this.#words.push({ machine, presence: { kind: "connected" } });
    for (const machine of looping) this.#words.push({ machine, body: () => this.#boot(machine) });
    for (const machine of looping)
      if (isConnected[machine] === 0) this.#words.push({ machine, presence: { kind: "dropped" } });
    await this.#store();
    await this.#harness.orchestrator.catchUp();
  }

  async #carryOut(): Promise<void> {
    const { strategy, times } = this.#input;
    const { administration, orchestrator } = this.#harness;
    if (strategy === null) throw new Error("without a strategy there is no rollout to look at");
    const plan = await administration.makePlan(aPlanRequest({ strategy }), PERSON);
    await administration.approvePlan(plan.id, plan.digest, PERSON);
    const { id } = await administration.startRollout(plan.id, PERSON);
    await orchestrator.catchUp();
    for (;;) {
      if (this.#isPaused && this.#personAt === Number.POSITIVE_INFINITY) this.#personAt = this.#second + PERSON_SECONDS;
      const next = Math.min(this.#machines.nextSecond(), this.#wakeSecond(), this.#personAt);
      if (next > times.horizon) return;
      this.#harness.clock.advance((next - this.#second) * 1_000);
      this.#second = next;
      this.#machines.step(next, this.#desk);
      await this.#store();
      await orchestrator.catchUp();
      if (next >= this.#personAt) await this.#resume(id);
    }
  }

  async #resume(id: RolloutId): Promise<void> {
    this.#personAt = Number.POSITIVE_INFINITY;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    await this.#harness.administration.act(id, "resume", PERSON, LOOKED);
    await this.#harness.orchestrator.catchUp();
  }

  #wakeSecond(): number {
    const at = this.#wakeAt;
    if (at === null) return Number.POSITIVE_INFINITY;
    const { zero, times } = this.#input;
    const second = Math.ceil((at - zero) / 1_000 / times.grain) * times.grain;
    return Math.max(this.#second + times.grain, second);
  }

  /** A transaction that stands in the store. */
  #noted({ rows, events, posts, recalls, withdrawals }: RolloutAppend, result: AppendResult): void {
    if (result.kind !== "appended") throw new Error(`the store refused it: ${result.kind}`);
    if (result.queued.length + result.tooLate.length > 0)
      throw new Error("no order should be behind another, or too late");
    const now = this.#harness.clock.now();
    for (const row of rows) this.trace.push(rowLine(now, this.#place(row.device), row));
    for (const { device } of recalls) this.#lying.delete(this.#place(device));
    for (const { device, order } of posts) this.#lying.set(this.#place(device), order);
    for (const { order } of withdrawals) this.#withdrawn.add(order);
    for (const event of events) {
      this.trace.push(eventLine(event));
      if (event.kind === "paused") this.#isPaused = true;
      if (event.kind === "halted") {
        this.#isPaused = false;
        this.#machines.giveToTechnicians(this.#second);
      }
    }
    for (const { device } of posts) this.#machines.offered(this.#place(device), this.#second);
  }

  /** What machines say becomes words; they are stored in the order in which they were said. */
  readonly #desk: Desk = {
    connected: (machine) => void this.#words.push({ machine, presence: { kind: "connected" } }),
    dropped: (machine) => void this.#words.push({ machine, presence: { kind: "dropped" } }),
    leaves: (machine) => {
      this.#restarting.add(machine);
      this.#words.push({ machine, body: () => ({ kind: "leaving", reason: "restart" }) });
      this.#words.push({ machine, presence: { kind: "dropped" } });
    },
    down: (machine) => void this.#words.push({ machine, body: () => this.#boot(machine) }),
    up: (machine) => void this.#words.push({ machine, body: () => this.#healthy(machine) }),
    lost: () => undefined,
    accepted: (machine) => {
      this.#words.push({ machine, takes: true });
    },
    ended: (machine, outcome) => void this.#words.push({ machine, body: () => this.#ended(machine, outcome) }),
    stopped: (machine) => {
      const { orderId } = this.#mustHave(machine);
      const because = "it was withdrawn before it restarted the machine";
      this.#words.push({ machine, body: () => ({ kind: "order-refused", orderId, rule: "withdrawn", because }) });
    },
    hasOrder: (machine) => this.#lying.has(machine),
    isWithdrawn: (machine) => this.#withdrawn.has(this.#mustHave(machine).orderId),
  };

  /** In the order in which they were said, as many at once as are of one kind. */
  async #store(): Promise<void> {
    const words = this.#words;
    this.#words = [];
    const { store, orchestrator, clock } = this.#harness;
    const receivedAt = clock.now();
    let [reports, presence]: [IngestReport[], PresenceReport[]] = [[], []];
    const flush = async (): Promise<void> => {
      if (reports.length + presence.length > 0) await store.ingest(orchestrator.deps.stream, reports, presence);
      [reports, presence] = [[], []];
    };
    for (const word of words) {
      const deviceId = this.#idOf(word.machine);
      if ("presence" in word) {
        if (reports.length > 0) await flush();
        presence.push({ deviceId, receivedAt, presence: word.presence });
        continue;
      }
      if (presence.length > 0) await flush();
      const body = "takes" in word ? await this.#takes(word.machine) : word.body();
      const sequence = (this.#sequences[word.machine] = (this.#sequences[word.machine] ?? 0) + 1);
      const epoch = deviceId.replace("dev_", "epoch_") as EpochId; // one epoch a device is enough here
      reports.push({ deviceId, epoch, sequence, digest: sha256Hex(canonicalBytes(body)), receivedAt, body });
    }
    await flush();
  }

  /** The order is taken out of the real mailbox; it must be the one that was offered. */
  async #takes(machine: number): Promise<ReportBody> {
    const pulled = (await this.#harness.store.takeMailbox(this.#idOf(machine), this.#harness.clock.now())).find(
      ({ withdrawn }) => !withdrawn,
    );
    if (pulled === undefined || pulled.orderId !== this.#lying.get(machine))
      throw new Error(`machine ${machine} found another order in its mailbox than it was offered`);
    this.#lying.delete(machine);
    this.#taken.set(machine, peek(pulled.order, WaveOrder));
    return { kind: "order-accepted", orderId: pulled.orderId };
  }

  #boot(machine: number): ReportBody {
    this.#boots[machine] = (this.#boots[machine] ?? 0) + 1;
    const previousEnd: BootReport["previousEnd"] = this.#restarting.delete(machine)
      ? { kind: "planned-restart" }
      : { kind: "bugcheck", bugcheck: { code: "50", parameters: ["0", "0", "0", "0"] } };
    return { kind: "boot-began", boot: aBoot({ bootId: this.#bootId(machine), tries: 2, previousEnd }) };
  }
  #healthy(machine: number): ReportBody {
    return { kind: "boot-healthy", healthy: aHealthyBoot({ bootId: this.#bootId(machine) }) };
  }
  #ended(machine: number, outcome: OrderOutcome): ReportBody {
    return this.#harness.ended(this.#idOf(machine), this.#mustHave(machine), outcome);
  }

  #bootId(machine: number): BootReport["bootId"] {
    return `boot-${this.#boots[machine] ?? 0}` as BootReport["bootId"]; // of its alphabet
  }
  #mustHave(machine: number): WaveOrder {
    const order = this.#taken.get(machine);
    if (order === undefined) throw new Error(`machine ${machine} has taken no order`);
    return order;
  }
  #place(device: DeviceId): number {
    const place = this.#placeOf.get(device);
    if (place === undefined) throw new Error(`${device} is no machine of this drill`);
    return place;
  }
  #idOf(machine: number): DeviceId {
    return this.#ids[machine] as DeviceId; // every machine was registered
  }
}
