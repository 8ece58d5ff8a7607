/** What every part of the administration works with. What people wrote down is read where it stands: in the store. */
import type { Signer } from "../../protocol/dsse.ts";
import type { Trust } from "../../protocol/trust.ts";
import type { Orchestrator } from "../orchestrator/orchestrator.ts";

export interface Desk {
  readonly orchestrator: Orchestrator;
  /** Signs statements until approvers hold their own keys. */
  readonly approver: Signer;
  readonly trust: Trust;
}
