/**
 * The real controller, except for one thing. For the drill's sabotage: if a controller like these is not noticed, by the
 * judge or by the agents, the drill proves nothing.
 *
 * `gateless`: its rollouts go from wave to wave without waiting for a gate. `credulous`: it takes every signature for a
 * good one.
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { parseConfig } from "../../controller/config.ts";
import { startController } from "../../controller/controller.ts";
import { decide, gateOf, waveStateOf } from "../../controller/rollout/engine.ts";
import type { Decision } from "../../controller/rollout/types.ts";

const gateless: typeof decide = (state, now): Decision => {
  const decision = decide(state, now);
  const wave = state.definition.waves.findIndex((_, i) => waveStateOf(state, i).state === "open");
  if (wave < 0) return decision;
  const commands = decision.commands.filter(({ kind }) => kind !== "settle-gate");
  const passed = { ...gateOf(state, wave, now), verdict: "proceed", rule: "passed" } as const;
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the engine's, not a function
  return { ...decision, commands: [...commands, { kind: "settle-gate", wave, decision: passed, then: "proceed" }] };
};

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string" },
    "silent-after": { type: "string" },
    "lab-pace": { type: "string" },
    "json-ready": { type: "boolean" },
    console: { type: "string" },
    spoil: { type: "string" },
  },
});
const controller = await startController(
  parseConfig({
    dataFolder: values.data,
    host: "127.0.0.1",
    port: values.port,
    silentAfterMs: Number(values["silent-after"]) * 1_000,
    leaseMs: 5_000,
    labPace: Number(values["lab-pace"]),
  }),
  {
    version: values.spoil ?? "spoiled",
    consoleFolder: values.console ?? "no-console",
    log: pino({ level: "warn" }, pino.destination(2)),
    ...(values.spoil === "gateless" ? { decide: gateless } : {}),
    ...(values.spoil === "credulous" ? { verify: () => true } : {}),
  },
);
process.once("SIGTERM", () => {
  void controller.stop().then(() => process.exit(0));
});
const setupLink = await controller.makeSetupLink();
process.stdout.write(`${JSON.stringify({ listening: controller.url, setupLink })}\n`);
