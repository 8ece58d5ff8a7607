/** The benches, in the order in which they are listed. */
import type { Bench } from "./bench.ts";
import { engine } from "./engine/engine.ts";
import { gatewayBench } from "./gateway.ts";

export const BENCHES: readonly Bench[] = [gatewayBench, engine];
