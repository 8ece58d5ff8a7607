/** What happens in a simulation from outside: the vendor's push, the person's decisions, and the end of all faults. */
import { Refused } from "../../controller/ports/refused.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import type { Dice } from "./dice.ts";
import { isAllRight } from "./end.ts";
import type { Operator } from "./operator.ts";
import { mopUpRequest, planRequest, push } from "./sim-fleet.ts";
import type { SimController } from "./sim-controller.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { RolloutWatch } from "./watch-rollouts.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;

export interface Cast {
  readonly world: World;
  readonly operator: Operator;
  readonly controller: SimController;
  readonly machines: readonly SimMachine[];
  readonly rollouts: RolloutWatch;
}

export async function tellStory(cast: Cast): Promise<void> {
  const { world, operator, controller, machines } = cast;
  const dice = world.dice.of("story");
  for (const { registration } of machines) {
    const register = () =>
      operator.ask(`register ${registration.name}`, (administration) => administration.registerDevice(registration));
    let answer = await register();
    while (answer instanceof Refused) {
      if (answer.code !== "unavailable") throw answer; // a controller that is stopping says so
      await operator.pause(3_000);
      answer = await register();
    }
  }
  await operator.pause(MINUTE);
  for (const machine of machines) {
    if (dice.chance(0.6)) world.time.after(dice.below(MINUTE), () => push(machine));
    disturb(world, machine);
  }
  await operator.pause(dice.between(1, 4) * MINUTE);

  const request = planRequest(dice, machines.length);
  const begun = [await operator.rollOut(request)];
  const until = world.time.now() + dice.between(6, 15) * MINUTE;
  if (dice.chance(0.3)) {
    // Somebody else does not know of the first one: orders queue behind orders.
    await operator.pause(dice.between(10, 90) * 1_000);
    begun.push(await operator.rollOut(planRequest(dice, machines.length)));
  }
  await Promise.all(begun.filter((id) => id !== undefined).map((id) => steer(world, operator, dice, id, until)));
  const [first] = begun;
  if (first !== undefined && dice.chance(0.25)) begun.push(await undo(world, operator, first));

  world.isFaulty = false;
  world.say("world", "the faults cease");
  for (const machine of machines) machine.isDiskFull = false;
  controller.start();
  for (const id of begun) if (id !== undefined) await settle(operator, id);
  await mopUp(cast, mopUpRequest(request));
}

/** Whoever still has the faulty file is taken again, until nobody has it who can be reached. */
async function mopUp({ operator, machines, rollouts }: Cast, request: ReturnType<typeof mopUpRequest>): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    for (let looks = 0; looks < 120 && !isAllRight(machines, rollouts); looks += 1) await operator.pause(20_000);
    if (isAllRight(machines, rollouts)) return;
    const id = await operator.rollOut(request);
    if (id !== undefined) await settle(operator, id);
  }
}

/** Looks now and then until the time is over; does what people do. */
async function steer(world: World, operator: Operator, dice: Dice, id: RolloutId, until: number): Promise<void> {
  const isRestless = dice.chance(0.5);
  for (let looks = 0; world.time.now() < until; looks += 1) {
    await operator.pause(dice.pick(looks < 5 ? [2, 5, 10] : [10, 30, 60]) * 1_000);
    const { phase } = await operator.look(id);
    if (phase === "aborted") return;
    if (phase === "running" && isRestless && dice.chance(looks < 5 ? 0.3 : 0.1)) {
      await operator.act(id, dice.pick(["pause", "pause", "halt", "halt", "abort"]));
    }
    if ((phase === "paused" || phase === "halted") && dice.chance(0.4)) await operator.act(id, "resume");
  }
}

/** It was the wrong thing to do after all: the faulty file comes back, and will have to go again. */
async function undo(world: World, operator: Operator, id: RolloutId): Promise<RolloutId | undefined> {
  world.mayBeUndone = true;
  await operator.act(id, "halt");
  return operator.rollOutPlan("undo", (administration) => administration.makeUndoPlan(id, "Ada"));
}

/** After the faults: the rollout is resumed until it completes, or is given up when it will not. */
async function settle(operator: Operator, id: RolloutId): Promise<void> {
  for (let looks = 0; looks < 40; looks += 1) {
    const { phase } = await operator.look(id);
    if (phase === "aborted" || phase === "completed") return;
    if (phase !== "running") await operator.act(id, "resume");
    await operator.pause(MINUTE);
  }
  await operator.act(id, "abort");
}

/** Faults of one machine: power, the agent's process, the disk. */
function disturb(world: World, machine: SimMachine): void {
  const dice = machine.dice.of("trouble");
  const next = (): void => {
    world.time.after(dice.between(20, 600) * 1_000, () => {
      if (!world.isFaulty) return;
      const kind = dice.pick(["power", "outage", "process", "process", "disk"]);
      if (kind === "power") machine.losePower();
      if (kind === "outage") machine.losePower(8 * MINUTE);
      if (kind === "process") machine.loseProcess("a fault of its own");
      if (kind === "disk") machine.fillDisk(dice.between(5, 120) * 1_000);
      next();
    });
  };
  next();
}
