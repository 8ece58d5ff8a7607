/**
 * One seed, one story: machines report, a faulty version spreads, a person rolls it back, everything fails that can;
 * then the faults cease and it must come right. The promises are watched all along.
 */
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { later } from "../../protocol/time.ts";
import { checkEnd, whatIsWrong } from "./end.ts";
import { agentPorts } from "./machine-ports.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import type { Sabotage } from "./sabotage.ts";
import { agentConfig, FAULTY, makeMachines } from "./sim-fleet.ts";
import { SimController } from "./sim-controller.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { StoreLineEvents } from "./store-line.ts";
import { tellStory } from "./story.ts";
import { MachineWatch } from "./watch-machines.ts";
import { ReportWatch } from "./watch-reports.ts";
import { RolloutWatch } from "./watch-rollouts.ts";
import { type Violation, World } from "./world.ts";

export interface SimulationOptions {
  readonly machines?: number;
  /** Prints every line as it happens. */
  readonly print?: boolean;
  /** Something is broken on purpose, to see that it is found. */
  readonly sabotage?: Sabotage;
}

export interface Outcome {
  readonly seed: number;
  /** The first promise that was broken, if any was. */
  readonly violation: Violation | undefined;
  /** A digest of everything that happened, in order. */
  readonly trace: string;
  readonly events: number;
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>;
  readonly lastLines: readonly string[];
}

/** In the world's own time. A story that is not over by then has failed. */
const STORY_MS_MAX = 6 * 60 * 60_000;
const MACHINES = 12;

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const { machines: count = MACHINES, print = false, sabotage = {} } = options;
  const world = new World(seed, print);
  const store = openSqliteStoreInThread(":memory:");
  await store.migrate();

  const reports = new ReportWatch(world, store);
  const network = new Network<SimMachine>(world, (machine) => ({
    ...reports.tapOf(machine),
    arrived: (text) => events.arrived(machine, text),
  }));
  const rollouts: RolloutWatch = new RolloutWatch(
    world,
    store,
    () => controller.orchestrator?.fleet,
    (id) => machines.find((machine) => machine.id === id),
  );
  const onStoreCall: StoreLineEvents["done"] = (method, args, result) => {
    reports.onStoreCall(method, args, result);
    rollouts.onStoreCall(method, args, result);
  };
  const controller = new SimController({ world, network, store, onStoreCall, sabotage });
  const events: MachineWatch = new MachineWatch(world, rollouts);
  const machines = makeMachines(count, {
    world,
    network,
    portsOf: agentPorts,
    trustRoot: await controller.firstTrust(),
    config: agentConfig(),
    faulty: FAULTY,
    events,
    sabotage,
  });
  const operator = new Operator(world, controller);

  let isOver = false;
  controller.start();
  for (const machine of machines) world.time.after(machine.dice.of("first boot").below(20_000), () => machine.boot());
  tellStory({ world, operator, controller, machines, rollouts }).then(
    () => {
      isOver = true;
    },
    (error: unknown) =>
      world.broken("the story can be told", error instanceof Error ? String(error.stack) : String(error)),
  );
  await world.time.run(
    later(world.time.now(), STORY_MS_MAX),
    () => world.runChecks(),
    () => isOver || world.violation !== undefined,
  );
  if (!isOver) world.broken("everything comes right", whatIsWrong(machines, rollouts));

  if (world.violation === undefined) {
    await reports.checkAll();
    await rollouts.checkAll();
    checkEnd(world, machines, rollouts);
  }
  await store.close();
  const { violation, lastLines, counts, time } = world;
  return {
    seed,
    violation,
    trace: world.traceDigest(),
    events: time.events,
    counts: Object.fromEntries(counts),
    lastLines,
  };
}
