/**
 * The record: everything that must survive, and the one interface through which it is read and written.
 *
 * A transaction is one method; every promise resolves after the commit is on disk. Each part says what is stored of one
 * thing; what goes wrong is a `StoreFailed`.
 */
import type { AccessStore } from "./store/access.ts";
import type { DetectionStore } from "./store/detection.ts";
import type { DeviceStore } from "./store/devices.ts";
import type { EmergencyStore } from "./store/emergency.ts";
import type { EnrolmentStore } from "./store/enrolment.ts";
import type { EvidenceStore } from "./store/evidence.ts";
import type { FeedStore } from "./store/feed.ts";
import type { GatewayStore } from "./store/gateways.ts";
import type { GroupStore } from "./store/groups.ts";
import type { IncidentStore } from "./store/incidents.ts";
import type { LeadershipStore } from "./store/leadership.ts";
import type { LoginStore } from "./store/logins.ts";
import type { MailboxStore } from "./store/mailbox.ts";
import type { PlanStore } from "./store/plans.ts";
import type { RefusalStore } from "./store/refusals.ts";
import type { ReportStore } from "./store/reports.ts";
import type { ResponseRuleStore } from "./store/response-rules.ts";
import type { RolloutStore } from "./store/rollouts.ts";
import type { TrustStore } from "./store/trust.ts";
import type { WebhookStore } from "./store/webhooks.ts";

export interface Store
  extends DeviceStore,
    EnrolmentStore,
    LoginStore,
    ReportStore,
    FeedStore,
    MailboxStore,
    GroupStore,
    IncidentStore,
    ResponseRuleStore,
    DetectionStore,
    PlanStore,
    EmergencyStore,
    RefusalStore,
    RolloutStore,
    EvidenceStore,
    TrustStore,
    WebhookStore,
    LeadershipStore,
    GatewayStore,
    AccessStore {
  /** Applies what is missing of the schema, forward only. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}
