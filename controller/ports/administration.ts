/**
 * The controller as people see it, desk by desk: what the API offers, without HTTP. Every refusal is a `Refused`, and
 * nothing was changed then.
 */
import type { Notice } from "../../protocol/api.ts";
import type { DeviceDesk, EnrolmentDesk, FleetDesk } from "./fleet-desks.ts";
import type { DetectionDesk, HaltDesk, IncidentDesk, NotifyDesk, ProposalDesk } from "./incident-desks.ts";
import type { EvidenceDesk, PlanDesk, RolloutDesk } from "./rollout-desks.ts";
import type { EmergencyDesk, HoldDesk, RefusalDesk, TrustDesk } from "./trust-desks.ts";

export interface Administration
  extends FleetDesk,
    DeviceDesk,
    EnrolmentDesk,
    IncidentDesk,
    HaltDesk,
    DetectionDesk,
    ProposalDesk,
    NotifyDesk,
    PlanDesk,
    RolloutDesk,
    EvidenceDesk,
    TrustDesk,
    EmergencyDesk,
    HoldDesk,
    RefusalDesk {
  /** Tells of changes; returns how to stop listening. */
  onNotice(call: (notice: Notice) => void): () => void;
  /** Notices after an id that is still remembered, oldest first; a single `reset` if it is not. */
  noticesAfter(id: string | undefined): { readonly items: readonly Notice[]; readonly last: string };
}
