/** What every part of the administration works with. What people wrote down is read where it stands: in the store. */
import type { Orchestrator } from "../orchestrator/orchestrator.ts";
import type { Precautions } from "../ports/precautions.ts";
import type { TrustKeeper } from "../ports/trust.ts";

export interface Desk {
  readonly orchestrator: Orchestrator;
  readonly trust: TrustKeeper;
  readonly precautions: Precautions;
}
