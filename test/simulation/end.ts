/** How a simulation must end: every machine with a network has recovered, and no device is forgotten. */
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { RolloutWatch } from "./watch-rollouts.ts";
import type { World } from "./world.ts";

const FINAL: readonly DeviceStatus[] = ["succeeded", "failed", "refused", "not-applicable", "stopped"];

export const isAllRight = (machines: readonly SimMachine[], rollouts: RolloutWatch): boolean =>
  sick(machines).length === 0 && forgotten(machines, rollouts).length === 0;

export function checkEnd(world: World, machines: readonly SimMachine[], rollouts: RolloutWatch): void {
  const ill = sick(machines);
  if (ill.length > 0) world.broken("every machine with a network recovers", ill.join("; "));
  const left = forgotten(machines, rollouts);
  if (left.length > 0) world.broken("no device is forgotten", left.join("; "));
  for (const machine of machines) {
    const lost = machine.disk.lost();
    if (lost !== undefined) world.broken("no file is lost", `${machine.traits.name}: ${lost}`);
  }
}

export const whatIsWrong = (machines: readonly SimMachine[], rollouts: RolloutWatch): string =>
  [
    ...sick(machines),
    ...forgotten(machines, rollouts),
    ...[...rollouts.mirrors.values()].map(({ id, phase }) => `${id} is ${phase}`),
  ].join("; ");

const isReachable = ({ traits }: SimMachine): boolean => traits.reach !== "none";

const sick = (machines: readonly SimMachine[]): readonly string[] =>
  machines
    .filter((machine) => isReachable(machine) && (machine.hasFaultyContent || !machine.isHealthy))
    .map((machine) => `${machine.traits.name} ${machine.hasFaultyContent ? "still has the file" : "is not healthy"}`);

/** Each row is final, or its machine was truly never reached. */
const forgotten = (machines: readonly SimMachine[], rollouts: RolloutWatch): readonly string[] =>
  [...rollouts.mirrors.values()].flatMap((mirror) =>
    [...mirror.rows.values()]
      .filter(({ device, status }) => {
        const machine = machines.find(({ id }) => id === device);
        if (FINAL.includes(status)) return false;
        if (machine === undefined || !isReachable(machine)) return status !== "waiting";
        // Nobody is offered anything by a rollout that was stopped for good.
        return status !== "waiting" || mirror.phase === "running" || mirror.phase === "completed";
      })
      .map(({ device, status }) => {
        const name = machines.find(({ id }) => id === device)?.traits.name ?? device;
        return `${name} is ${status} in ${mirror.id} (${mirror.phase})`;
      }),
  );
