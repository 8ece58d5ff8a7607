/** Ways to break on purpose what is simulated: whoever watches promises must be seen to notice a broken one. */
import type { OrchestratorDeps } from "../../controller/orchestrator/orchestrator.ts";
import type { Store } from "../../controller/store.ts";
import type { IngestReport } from "../../controller/store/reports.ts";
import { decide, gateOf } from "../../controller/rollout/engine.ts";
import type { RolloutCommand } from "../../controller/rollout/types.ts";
import { callOn, storeFrom } from "../../controller/storage/store-methods.ts";

export interface Sabotage {
  /** In place of the engine's decision. */
  readonly decide?: OrchestratorDeps["decide"];
  /** Between the controller and its record. */
  readonly store?: (store: Store) => Store;
  /** The agent's disk says that this record is written, and it is not. */
  readonly losesRecord?: (record: unknown) => boolean;
}

interface Case {
  readonly name: string;
  readonly sabotage: Sabotage;
  /** The promise that is broken by it. */
  readonly rule: string;
}

/** The answer comes at once, the commit when the next one is asked for. */
function acknowledgesFirst(store: Store): Store {
  const call = callOn(store);
  let late: (() => Promise<unknown>) | undefined;
  return storeFrom(async (method, args) => {
    if (method !== "ingest") return call(method, args);
    await late?.();
    late = () => call(method, args);
    return (args[1] as readonly IngestReport[]).map(() => "stored");
  });
}

const passesGates: NonNullable<Sabotage["decide"]> = (state, now) => {
  const decision = decide(state, now);
  const wave = state.waves.findIndex(({ passed }) => passed === null);
  if (state.phase !== "running" || (state.waves[wave]?.openedAt ?? null) === null) return decision;
  const seen = { ...gateOf(state, wave, now), verdict: "proceed", rule: "passed" } as const;
  // oxlint-disable-next-line unicorn/no-thenable -- a word, not a function: nothing takes this for a promise
  const pass: RolloutCommand = { kind: "settle-gate", wave, decision: seen, then: "proceed" };
  return { ...decision, commands: [...decision.commands.filter(({ kind }) => kind !== "settle-gate"), pass] };
};

export const SABOTAGES: readonly Case[] = [
  {
    name: "reports are acknowledged before they are stored",
    rule: "acknowledged means durable",
    sabotage: { store: acknowledgesFirst },
  },
  {
    name: "a gate is passed without looking",
    rule: "no gate is passed that does not hold",
    sabotage: { decide: passesGates },
  },
  {
    name: "a step acts without its promise",
    rule: "a step is promised before it acts",
    sabotage: { losesRecord: (record) => (record as { readonly event?: string }).event === "start" },
  },
];
