/**
 * Requests and answers of the REST interface under /api/v1. The OpenAPI document is generated from these schemas.
 *
 * Console, CLI and drill use nothing else. Every answer that shows the fleet says as of when (`asOf`).
 */
import { z } from "zod";
import { BootEnd, BootHealthy, BootReport } from "./boot.ts";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId, ContentVersion } from "./content.ts";
import { Envelope, KeyId } from "./dsse.ts";
import { IncidentView } from "./api-incidents.ts";
import { Binding, DeviceStanding } from "./enrolment.ts";
import { DeviceId, IncidentId, OrderId, PlanId, RolloutId } from "./ids.ts";
import { DeviceName, GroupName, Image, Role, Site, Slug, text } from "./names.ts";
import { PlanStatement } from "./plan.ts";
import { Playbook } from "./playbook.ts";
import { DeviceStatus, GateDecision, RolloutEvent, RolloutPhase, WaveCounts } from "./rollout.ts";
import { Selector } from "./selector.ts";
import { Gate, Strategy } from "./strategy.ts";
import { Instant } from "./time.ts";
import { PublicKey } from "./public-key.ts";
import { KeyKind } from "./trust-document.ts";

// ---- set-up and session --------------------------------------------------------------------------------------------

/** The code of the one-time link that the controller prints at its first start. */
export const SetupRequest = z.strictObject({ code: z.string().min(20).max(200), name: text(100) });
/** `token` is shown this once; it is the CLI's credential. The browser gets a cookie besides. */
export const SetupAnswer = z.strictObject({ token: z.string(), name: text(100) });
/** Signs a browser in with the token of set-up: the answer sets its cookie. */
export const SignInRequest = z.strictObject({ token: z.string().min(20).max(200) });
export const SessionView = z.strictObject({
  name: text(100),
  starterKeys: z.boolean(),
  version: z.string(),
  /** Where this controller answers for approvals. Which origins count is for the trust document to say. */
  approvalOrigin: z.url(),
});
export type SessionView = z.infer<typeof SessionView>;

// ---- devices -------------------------------------------------------------------------------------------------------

/** A device made its id and key itself; an administrator vouches for them. */
export const DeviceRegistration = z.strictObject({
  id: DeviceId,
  publicKey: PublicKey,
  name: DeviceName,
  site: Site,
  role: Role,
});
export type DeviceRegistration = z.infer<typeof DeviceRegistration>;

/**
 * `starting`: booted, not yet good. `boot-loop`: two or more boots in a row that ended badly. `silent`: gone without a
 * goodbye and past its window. `away`: said goodbye. `unknown`: not heard since the controller started, or never.
 */
export const Condition = z.enum(["healthy", "starting", "boot-loop", "silent", "away", "unknown"]);
export type Condition = z.infer<typeof Condition>;

export const DeviceView = z.strictObject({
  id: DeviceId,
  name: DeviceName,
  site: Site,
  role: Role,
  condition: Condition,
  /** Why it is in this condition, in a sentence. */
  because: z.string(),
  connected: z.boolean(),
  standing: DeviceStanding,
  standingSince: Instant,
  standingBecause: z.string(),
  /** Why it does not count and what to do; null for one that counts. */
  standingAdvice: z.string().nullable(),
  /** Does it stand in counts, gates and plans? */
  counts: z.boolean(),
  binding: Binding,
  /** What it enrolled for; null for a device that a person registered. */
  group: GroupName.nullable(),
  image: Image.nullable(),
  registeredAt: Instant,
  lastHeardAt: Instant.nullable(),
  /** Which trust document and policy it says it has (0: none); null: it has not said. */
  trust: z.strictObject({ trustVersion: z.int(), policyVersion: z.int() }).nullable(),
  content: z.array(ContentVersion),
  lastBoot: BootReport.nullable(),
  lastHealthy: BootHealthy.nullable(),
  lastEnd: BootEnd.nullable(),
});
export type DeviceView = z.infer<typeof DeviceView>;

export const page = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), next: z.string().nullable(), asOf: Instant });
export const PageQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const Group = z.strictObject({ name: GroupName, selector: Selector });
export type Group = z.infer<typeof Group>;
export const GroupBody = z.strictObject({ selector: Selector });
export const GroupView = Group.extend({ deviceCount: z.int() });
export const GroupList = z.strictObject({ items: z.array(GroupView), asOf: Instant });

// ---- incidents (see api-incidents.ts) ------------------------------------------------------------------------------

/** A crash kept with an incident: the report of the boot after it, with all the evidence that it carried. */
export const IncidentCrashView = z.strictObject({
  device: DeviceId,
  name: z.string(),
  /** Null for a device that is not known any more. */
  site: Site.nullable(),
  role: Role.nullable(),
  at: Instant,
  boot: BootReport,
});
export const IncidentCrashPage = page(IncidentCrashView);

/** Content versions seen on the fleet, with who runs them and how these fare. */
export const ContentVersionView = z.strictObject({
  source: ContentSourceId,
  sha256: Sha256,
  label: z.string(),
  path: z.string(),
  firstSeenAt: Instant,
  devices: z.int(),
  crashed: z.int(),
});
export const ContentList = z.strictObject({ items: z.array(ContentVersionView), asOf: Instant });

// ---- plans ---------------------------------------------------------------------------------------------------------

export const PlanRequest = z.strictObject({
  title: text(200),
  playbook: Playbook,
  strategy: Strategy,
  devices: Selector,
  incident: IncidentId.nullable().default(null),
  /** The plan whose late devices this one takes: those it has already are left out. */
  supplements: PlanId.nullable().default(null),
});
export const ApprovalView = z.strictObject({
  person: Slug,
  /** Null for somebody whom the trust document does not name any more. */
  name: text(100).nullable(),
  keyId: KeyId,
  kind: KeyKind.nullable(),
  /** By the key that the controller made for itself. */
  starter: z.boolean(),
  /** Whether it counts under the trust document of now. */
  counts: z.boolean(),
  at: Instant,
  /** Who was signed in when it came. */
  by: text(100),
});
export const PlanView = z.strictObject({
  id: PlanId,
  title: text(200),
  createdAt: Instant,
  createdBy: text(100),
  incident: IncidentId.nullable(),
  undoes: PlanId.nullable(),
  playbook: Playbook,
  strategy: Strategy,
  digest: Sha256,
  waves: z.array(
    z.strictObject({
      name: text(60),
      deviceCount: z.int(),
      sites: z.array(z.strictObject({ site: Site, deviceCount: z.int() })),
    }),
  ),
  supplements: PlanId.nullable(),
  /** What approvers sign: the statement, and the very bytes (`payload`, base64). Null in plans of an older form. */
  statement: PlanStatement.nullable(),
  statementDigest: Sha256.nullable(),
  signed: Envelope.pick({ payloadType: true, payload: true }).nullable(),
  approvals: z.array(ApprovalView),
  /** People who have to approve before it can start, by the trust document and the policy of now. */
  approvalsNeeded: z.int(),
  /** `waiting`: for approvers. `void`: it was approved, but not by enough of those who count now. */
  approval: z.enum(["waiting", "approved", "void"]),
  envelope: Envelope.nullable(),
  approvedAt: Instant.nullable(),
  approvedBy: text(1_000).nullable(),
  rollout: RolloutId.nullable(),
});
export type PlanView = z.infer<typeof PlanView>;
export const PlanList = z.strictObject({ items: z.array(PlanView), asOf: Instant });
/** For the controller's own starter key. The person repeats the digest he read, so that he cannot approve what he did not see. */
export const ApprovalRequest = z.strictObject({ digest: Sha256 });

// ---- rollouts ------------------------------------------------------------------------------------------------------

export const RolloutRequest = z.strictObject({ plan: PlanId });
export const RolloutAction = z.enum(["pause", "resume", "halt", "abort"]);
export type RolloutAction = z.infer<typeof RolloutAction>;
export const RolloutActionBody = z.strictObject({ because: text(1_000) });

export const WaveView = z.strictObject({
  name: text(60),
  state: z.enum(["not-open", "open", "passed"]),
  openedAt: Instant.nullable(),
  gate: Gate,
  counts: WaveCounts,
  decision: GateDecision,
});
export const RolloutView = z.strictObject({
  id: RolloutId,
  plan: PlanId,
  incident: IncidentId.nullable(),
  undoes: PlanId.nullable(),
  title: text(200),
  phase: RolloutPhase,
  /** Why the rollout stands where it stands, in one sentence. */
  because: z.string(),
  /** What the rollout waits for now, most important first; each says which devices and why. */
  waitsFor: z.array(z.string()),
  startedAt: Instant,
  validUntil: Instant,
  waves: z.array(WaveView),
  counts: WaveCounts,
  events: z.array(RolloutEvent),
  asOf: Instant,
});
export type RolloutView = z.infer<typeof RolloutView>;
export const RolloutList = z.strictObject({ items: z.array(RolloutView), asOf: Instant });

export const RolloutDeviceQuery = PageQuery.extend({
  wave: z.coerce.number().int().min(0).optional(),
  /** `waiting` means connected here, `unreached` waiting and not connected: together they are the `waiting` of the counts. */
  status: DeviceStatus.or(z.literal("unreached")).optional(),
});
export const RolloutDeviceView = z.strictObject({
  device: DeviceId,
  name: DeviceName,
  site: Site,
  role: Role,
  wave: z.int(),
  status: DeviceStatus,
  connected: z.boolean(),
  order: OrderId.nullable(),
  since: Instant,
  detail: z.string().nullable(),
});
export const RolloutDevicePage = page(RolloutDeviceView);

// ---- overview ------------------------------------------------------------------------------------------------------

export const Overview = z.strictObject({
  asOf: Instant,
  /** The state of the fleet in one sentence. */
  sentence: z.string(),
  /** Those that count: accepted, and of an image one. */
  devices: z.int(),
  conditions: z.record(Condition, z.int()),
  /** Of all devices that are known. */
  standings: z.record(DeviceStanding, z.int()),
  connected: z.int(),
  incidents: z.array(IncidentView),
  rollouts: z.array(
    z.strictObject({ id: RolloutId, title: text(200), phase: RolloutPhase, because: z.string(), counts: WaveCounts }),
  ),
  starterKeys: z.boolean(),
  controllerStartedAt: Instant,
});
export type Overview = z.infer<typeof Overview>;

// ---- live notices --------------------------------------------------------------------------------------------------

/** Something changed; ask for it again. `reset` means that notices were missed: ask for everything again. */
export const Notice = z.strictObject({
  id: z.string(),
  topic: z.enum(["fleet", "rollout", "incident", "plan", "trust", "reset"]),
  key: z.string().nullable(),
});
export type Notice = z.infer<typeof Notice>;
export const NoticeQuery = z.strictObject({ after: z.string().max(100).optional() });
export const NoticeList = z.strictObject({ items: z.array(Notice), last: z.string() });

export const Empty = z.strictObject({});
