/** The benches, in the order in which they are listed. */
import type { Bench } from "./bench.ts";
import { agentBench } from "./agent.ts";
import { detectionBench } from "./detection.ts";
import { engineBench } from "./engine.ts";
import { gatewayBench } from "./gateway.ts";
import { haltBench } from "./halt.ts";
import { storeBench } from "./store.ts";
import { stormBench } from "./storm.ts";

export const BENCHES: readonly Bench[] = [
  gatewayBench,
  stormBench,
  haltBench,
  engineBench,
  detectionBench,
  storeBench,
  agentBench,
];
