/** `npm run bench -- engine`: what the pure cores cost with a million devices in memory. */
import type { Bench } from "./bench.ts";
import { fleetFigures } from "./engine/fleet-figures.ts";
import { rolloutFigures } from "./engine/rollout-figures.ts";

export const engineBench: Bench = {
  name: "engine",
  about: "a tick of the rollout engine and of the fleet in memory, and what a device costs there",
  sizes: [
    { name: "devices", about: "devices of the fleet", full: 1_000_000, small: 20_000 },
    { name: "changes", about: "changes a tick", full: 1_000, small: 100 },
    { name: "ticks", about: "ticks a round", full: 300, small: 20 },
    { name: "rounds", about: "rounds", full: 5, small: 2 },
  ],
  budgets: [{ metric: "rollout-tick-p99", oursMax: 5 }],
  // One after the other: garbage of the one must not be collected in the times of the other.
  run: async (options) => [...(await rolloutFigures(options)), ...(await fleetFigures(options))],
};
