/** A fault in few letters. */
import type { StepFault } from "../../../protocol/progress.ts";
import type { Fault } from "../../ports.ts";

export const fault = (kind: StepFault, because: string): Fault => ({ kind: "fault", fault: kind, because });
