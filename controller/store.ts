/** The record: everything that must survive, and the one interface through which it is read and written. */
import type { DeviceRegistration, Group } from "../protocol/api.ts";
import type { BootReport } from "../protocol/boot.ts";
import type { Sha256 } from "../protocol/canonical.ts";
import type { ContentSourceId } from "../protocol/content.ts";
import type { Envelope, KeyId } from "../protocol/dsse.ts";
import type { Binding, DeviceStanding, TokenAcceptance } from "../protocol/enrolment.ts";
import type { ReportBody } from "../protocol/frames.ts";
import type {
  DeviceId,
  EpochId,
  HoldId,
  IncidentId,
  OrderId,
  PlanId,
  RolloutId,
  StopId,
  StreamId,
  TokenId,
} from "../protocol/ids.ts";
import type { EmergencyStop } from "../protocol/emergency.ts";
import type { ResponseRule as ResponseRuleSchema } from "../protocol/api-incidents.ts";
import type { IncidentEvent } from "../protocol/incident.ts";
import type { GroupName, Image, Role, Site } from "../protocol/names.ts";
import type { Order, Plan } from "../protocol/plan.ts";
import type { DeviceStatus, RolloutEvent } from "../protocol/rollout.ts";
import type { Instant } from "../protocol/time.ts";
import type { PublicKey } from "../protocol/public-key.ts";
import type { z } from "zod";

/** Which trust document and which policy somebody has; 0: none. */
export interface TrustVersions {
  readonly trustVersion: number;
  readonly policyVersion: number;
}

/** A device as it is stored. What it said since is in the change feed and in `DeviceState`. */
export interface DeviceRow {
  readonly id: DeviceId;
  readonly publicKey: PublicKey;
  readonly name: string;
  readonly site: Site;
  readonly role: Role;
  readonly registeredAt: Instant;
  readonly standing: DeviceStanding;
  readonly standingSince: Instant;
  /** Why it has this standing, in a sentence. */
  readonly standingBecause: string;
  /** Null for a device that a person registered. */
  readonly group: GroupName | null;
  /** Of a machine that is made from an image and thrown away again. */
  readonly image: Image | null;
  readonly binding: Binding;
  /** The last thing known, folded by ingest in the same transaction as the report; null until the first report. */
  readonly state: DeviceState | null;
}

/** The newest report of each kind, as stored; enough to rebuild the fleet in memory after a restart. */
export interface DeviceState {
  readonly lastHeardAt: Instant;
  readonly boot: Extract<ReportBody, { kind: "boot-began" }>["boot"] | null;
  readonly healthy: Extract<ReportBody, { kind: "boot-healthy" }>["healthy"] | null;
  /** What is on the disk now: the boot's content with the changes since. */
  readonly content: Extract<ReportBody, { kind: "boot-began" }>["boot"]["content"];
  readonly leaving: Extract<ReportBody, { kind: "leaving" }>["reason"] | null;
  /** What the device says that it believes; null: it has not said. */
  readonly trust: TrustVersions | null;
  /** The newest schema minor that its agent speaks, as it said at its last login; null: it has not said. */
  readonly minor: number | null;
}

/**
 * What the fleet in memory keeps of a state: what conditions, counts, filters and lists are made of. Every `DeviceState`
 * is one; the rest of it is read from storage when somebody looks at the device.
 */
export interface KnownState extends Pick<DeviceState, "lastHeardAt" | "leaving" | "trust" | "minor"> {
  readonly boot: Pick<NonNullable<DeviceState["boot"]>, "bootId" | "tries" | "previousEnd" | "machine"> | null;
  readonly healthy: Pick<NonNullable<DeviceState["healthy"]>, "bootId"> | null;
  readonly content: readonly Pick<DeviceState["content"][number], "source" | "sha256" | "label" | "path">[];
}
export interface KnownDevice extends Omit<DeviceRow, "state" | "standingSince" | "standingBecause" | "binding"> {
  readonly state: KnownState | null;
}

/** A report as it came from a device, with the digest of the bytes it came in. */
export interface IngestReport {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
  readonly sequence: number;
  readonly digest: Sha256;
  readonly receivedAt: Instant;
  readonly body: ReportBody;
}
/** The same with its body as JSON: what waits in a queue and crosses threads is then one text, not a dozen objects. */
export interface SerializedReport extends Omit<IngestReport, "body"> {
  readonly json: string;
}
/** Names a report among those of its device. */
export type ReportKey = Pick<IngestReport, "epoch" | "sequence">;
/** `stored`: new. `duplicate`: already durable, same bytes. `conflict`: this sequence holds other bytes; nothing was changed. */
export type IngestResult = "stored" | "duplicate" | "conflict";

/** A device that says who it is and which life of its outbox it will report from. */
export interface LoginQuestion {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
}
export interface LoginFacts {
  readonly publicKey: PublicKey;
  /** Whoever is revoked is not let in; all others may report. */
  readonly standing: DeviceStanding;
  /** `direct`: its logins are bound to the TLS connection. Set at enrolment, never by what a login says. */
  readonly binding: Binding;
  /** The highest sequence of the epoch that is durable; 0 if none. */
  readonly through: number;
}

/** Presence is durable too, but it is the gateway that says it. */
export type Presence =
  | {
      readonly kind: "connected";
      /** The network that it speaks from, as "192.0.2.0/24"; left out where it is not known. */
      readonly segment?: string;
      /** The newest schema minor that the agent speaks; left out in rows of before it was kept. */
      readonly minor?: number;
      /** When the connection was heard last whose place this one takes: nobody had noticed that it was gone. */
      readonly replacedHeardAt?: Instant;
    }
  | {
      readonly kind: "dropped";
      /** Measured by the gateway; left out in rows of before it was. */
      readonly lastHeardAt?: Instant;
    };
export interface PresenceReport {
  readonly deviceId: DeviceId;
  readonly receivedAt: Instant;
  readonly presence: Presence;
}

/** A person, a rule or the gateway said what a device is to count for. */
export interface StandingChange {
  readonly kind: "standing";
  readonly standing: DeviceStanding;
}

/** One line of a stream of the change feed. Sequences of a stream have no gaps; streams have no order between them. */
export interface Change {
  readonly stream: StreamId;
  readonly sequence: number;
  readonly at: Instant;
  readonly deviceId: DeviceId;
  readonly body: ReportBody | Presence | { readonly kind: "registered" } | StandingChange;
}
/** How far a reader has come: stream to the last sequence it has read. */
export type Cursor = Readonly<Record<string, number>>;

/** Which version the crash evidence of an incident is about. An incident whose cause is not known yet has none. */
export interface IncidentRow {
  readonly id: IncidentId;
  readonly title: string;
  readonly source: ContentSourceId;
  readonly sha256: Sha256;
  readonly evidence: string;
  readonly declaredAt: Instant;
  readonly declaredBy: string;
}
/** A crash on a version that an incident is about: the report of the boot after it, with its evidence. */
export interface IncidentCrash {
  readonly incident: IncidentId;
  readonly device: DeviceId;
  /** When the controller received the report. */
  readonly at: Instant;
  readonly boot: BootReport;
}
/**
 * Events of one incident, in one transaction: all of them, or nothing. An incident begins with `expectedVersion` 0.
 * `about` says from now on which version its crash evidence is about; left out, that stays as it is.
 */
export interface IncidentAppend {
  readonly incident: IncidentId;
  /** How many events it has. */
  readonly expectedVersion: number;
  readonly leaderEpoch: number;
  readonly events: readonly IncidentEvent[];
  readonly about?: IncidentRow | undefined;
}
export type IncidentAppended =
  | { readonly kind: "appended"; readonly version: number }
  | { readonly kind: "stale-version"; readonly version: number }
  | { readonly kind: "stale-leader"; readonly leaderEpoch: number };
/** One event as it is stored, of an incident. `version` counts the events of an incident from 1. */
export interface StoredIncidentEvent {
  readonly incident: IncidentId;
  readonly version: number;
  readonly event: IncidentEvent;
}
/** What the controller may do by itself, as a person set it. */
export type ResponseRule = z.infer<typeof ResponseRuleSchema>;
export interface ResponseRulesRow {
  readonly rules: readonly ResponseRule[];
  readonly changedAt: Instant;
  readonly changedBy: string;
}

/** A process that takes agents' connections: it counts its beats for as long as it lives. */
export interface GatewayRow {
  /** Its stream of the change feed. */
  readonly stream: StreamId;
  readonly beats: number;
  /** When it counted last, by its own clock. */
  readonly aliveAt: Instant;
  /** The last time that whoever led had to say that it has stopped. It is lost for as long as `beats` stays the same. */
  readonly lost: GatewayLoss | null;
}
export interface GatewayLoss {
  readonly beats: number;
  /** Its last sign of life. */
  readonly from: Instant;
  readonly at: Instant;
}

/** What detection remembers besides devices. `names`, `memory` and `shown` are JSON that the store does not look into. */
export interface DetectionRow {
  /** Up to when everything was evaluated. */
  readonly at: Instant;
  /** Up to where the change feed is told. */
  readonly cursor: Cursor;
  readonly names: string;
  readonly memory: string;
  /** What controllers show that do not detect. */
  readonly shown: string;
}
export interface DetectionDevice {
  readonly device: DeviceId;
  /** Its number in the detector. */
  readonly slot: number;
  /** What whoever tells the detector remembers of it. */
  readonly known: readonly number[];
  /** The detector's own memory of it; null: it has none, and one that is stored stays. */
  readonly memory: readonly number[] | null;
}
export interface DetectionExposure {
  readonly device: DeviceId;
  /** The number of a version in `names`. */
  readonly version: number;
  /** A whole number of the detector's. */
  readonly writtenAt: number;
}
export interface DetectionPart {
  readonly leaderEpoch: number;
  readonly isFirst: boolean;
  readonly devices: readonly DetectionDevice[];
  readonly exposures: readonly DetectionExposure[];
}
/** What has changed since the last save: all of it, or nothing. */
export interface DetectionSave extends DetectionRow {
  readonly leaderEpoch: number;
  /** What was staged belongs to it. */
  readonly hasParts: boolean;
  readonly devices: readonly DetectionDevice[];
  readonly exposures: readonly DetectionExposure[];
  /** Exposures that are over. */
  readonly cleared: readonly Pick<DetectionExposure, "device" | "version">[];
  /** Versions whose exposures are not needed any more. */
  readonly retired: readonly number[];
  /** Nothing that was remembered before counts any more. */
  readonly anew: boolean;
}
/** What is signed: an envelope without its signatures. */
export type Unsigned = Pick<Envelope, "payloadType" | "payload">;
/** One signature under a plan's statement. */
export interface Approval {
  readonly keyId: KeyId;
  readonly person: string;
  readonly sig: string;
  readonly at: Instant;
  /** Who was signed in when it came. */
  readonly by: string;
}
/** Something that approvers sign besides plans, with what they have signed of it so far. */
interface WordRow {
  readonly statement: Unsigned;
  /** In the order in which they came; of this very statement. */
  readonly approvals: readonly Approval[];
  /** The statement with its approvals, once there were enough. */
  readonly envelope: Envelope | null;
}
/** An emergency stop and the word that lets devices go on. */
export interface StopRow extends WordRow {
  readonly stop: EmergencyStop;
  readonly resumedAt: Instant | null;
  readonly resumedBy: string | null;
}
export interface HoldRow extends WordRow {
  readonly id: HoldId;
  readonly because: string;
  readonly madeAt: Instant;
  readonly madeBy: string;
  readonly approvedAt: Instant | null;
  readonly approvedBy: string | null;
  readonly releasedAt: Instant | null;
  readonly releasedBy: string | null;
}
/** What makes a word good: the payload digest of the statement that was signed, and what came of it. */
interface Enough {
  readonly statement: Sha256;
  readonly envelope: Envelope;
  readonly at: Instant;
  readonly by: string;
}

/** What a device would not do or believe. */
export type RefusalBody = Extract<ReportBody, { kind: "order-refused" | "trust-refused" }>;
export interface RefusalRow {
  readonly device: DeviceId;
  readonly sequence: number;
  readonly at: Instant;
  readonly body: RefusalBody;
}

export interface PlanRow {
  readonly plan: Plan;
  readonly digest: Sha256;
  readonly createdBy: string;
  readonly generation: number | null;
  /** What approvers sign; null in plans of before approvers had keys of their own. */
  readonly statement: Unsigned | null;
  /** In the order in which they came; of this very statement. */
  readonly approvals: readonly Approval[];
  /** The statement with its approvals, once there were enough. */
  readonly envelope: Envelope | null;
  readonly approvedAt: Instant | null;
  readonly approvedBy: string | null;
  readonly rollout: RolloutId | null;
}
export interface RolloutDeviceRow {
  readonly device: DeviceId;
  readonly wave: number;
  readonly status: DeviceStatus;
  /** Counts the orders this device got in this rollout; 0 before the first. */
  readonly generation: number;
  readonly order: OrderId | null;
  readonly since: Instant;
  readonly detail: string | null;
}
export interface RolloutRow {
  readonly id: RolloutId;
  readonly plan: PlanId;
  readonly startedAt: Instant;
  /** Number of events; what the next append must expect. */
  readonly version: number;
  /** Up to where the change feed is folded into the device rows. */
  readonly cursor: Cursor;
}

/** An order to post. Behind another open order of the device it is queued, and its device row says so. */
export interface MailboxPost {
  readonly device: DeviceId;
  readonly order: OrderId;
  readonly plan: PlanId;
  readonly envelope: Envelope;
}
/** An order as it lies or lay in its mailbox, with what the approver of its plan signed. */
export interface MailboxOrder {
  readonly order: OrderId;
  /** Counts the orders of the device, from 1. */
  readonly position: number;
  readonly plan: PlanId;
  readonly rollout: RolloutId;
  readonly envelope: Envelope;
  readonly statement: Envelope;
  /** `waiting`: no agent has it. `ended`: by the device's last word, or taken back before an agent had it. */
  readonly status: "waiting" | "handed" | "ended";
  readonly withdrawn: boolean;
  readonly handedAt: Instant | null;
}
/** A receipt as its device signed it, and where in the feed the report stands that carried it. */
export interface SignedReceipt extends Pick<Change, "stream" | "sequence"> {
  /** Of one step, or the last one of an order. */
  readonly of: "step" | "order";
  readonly receipt: Envelope;
}
/** What a device was ordered in a rollout, and what it has signed since the rollout began, of whichever order. */
export interface DeviceTrace extends Pick<DeviceRow, "name" | "publicKey" | "registeredAt" | "group"> {
  readonly device: DeviceId;
  /** Every one that was ever posted, oldest first. */
  readonly orders: readonly Envelope[];
  /** Oldest first. */
  readonly receipts: readonly SignedReceipt[];
}
/**
 * One transaction of a rollout: all of it, or nothing.
 *
 * `recalls` take back orders that no agent has been handed; `rows` of devices whose recall came too late are left out
 * and named in the answer. `withdrawals` mark orders that may have been handed: the agent is told to stop.
 */
export interface RolloutAppend {
  readonly rollout: RolloutId;
  readonly expectedVersion: number;
  readonly leaderEpoch: number;
  readonly events: readonly RolloutEvent[];
  readonly rows: readonly RolloutDeviceRow[];
  readonly posts: readonly MailboxPost[];
  readonly recalls: readonly { readonly device: DeviceId; readonly order: OrderId }[];
  readonly withdrawals: readonly { readonly device: DeviceId; readonly order: OrderId }[];
  readonly cursor: Cursor;
}
export type AppendResult =
  | {
      readonly kind: "appended";
      readonly version: number;
      readonly queued: readonly OrderId[];
      readonly tooLate: readonly OrderId[];
    }
  | { readonly kind: "stale-version"; readonly version: number }
  | { readonly kind: "stale-leader"; readonly leaderEpoch: number };

/**
 * The record could not be read or written; nothing was written half, and the same call may be made again.
 *
 * `closed`: the store was closed. `busy`: another writer held on for too long. `disk-full`, `io`: the disk refused.
 * `unreachable`: no connection to the database. `schema`: the database belongs to a newer version of this program.
 */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";
  readonly code: "closed" | "busy" | "disk-full" | "io" | "unreachable" | "schema" | "unexpected";
  constructor(code: StoreFailed["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A token with which devices enrol, as it is stored: never the token itself. */
export interface EnrolmentTokenRow {
  readonly id: TokenId;
  readonly hash: Sha256;
  readonly group: GroupName;
  readonly site: Site;
  readonly role: Role;
  /** For machines that are made from an image and thrown away again. */
  readonly pool: boolean;
  readonly acceptance: TokenAcceptance;
  /** So many devices may become known by it. */
  readonly usesMax: number;
  readonly uses: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly revokedBy: string | null;
}
/** A device that shows a token and has proven its key. */
export interface Enrolment {
  readonly tokenHash: Sha256;
  readonly deviceId: DeviceId;
  readonly publicKey: PublicKey;
  readonly name: string;
  readonly group: GroupName;
  readonly image: Image | null;
  readonly binding: Binding;
  /** What the token's rule says of this device. */
  readonly standing: "pending" | "accepted";
  readonly because: string;
}
/**
 * `used-up`: the token is good, but all its uses are taken. `taken`: the id belongs to another key. `refused`: nothing
 * was stored; why is for the log alone.
 */
export type EnrolmentResult =
  | {
      readonly kind: "enrolled";
      /** The id that the key has had before, if it is known. */
      readonly deviceId: DeviceId;
      readonly standing: DeviceStanding;
      readonly isNew: boolean;
    }
  | { readonly kind: "used-up" | "taken" }
  | { readonly kind: "refused"; readonly because: string };

/** Where messages are sent. Its secrets are made of a key in the data folder, its id and its generation. */
export interface WebhookRow {
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly generation: number;
  readonly rotatedAt: Instant;
  /** Null while messages are sent. */
  readonly disabledBecause: string | null;
  readonly madeAt: Instant;
  readonly madeBy: string;
}
/** A message for a webhook. `nextAt` is null when it is delivered or given up. */
export interface WebhookDeliveryRow {
  /** The webhook's id. */
  readonly webhook: string;
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  readonly body: string;
  readonly attempts: number;
  readonly state: "waiting" | "delivered" | "given-up";
  readonly answer: string | null;
  readonly nextAt: Instant | null;
}

/** Everything that must survive. A transaction is one method; every promise resolves after the commit is on disk. */
export interface Store {
  /** Applies what is missing of the schema, forward only. */
  migrate(): Promise<void>;
  close(): Promise<void>;

  /** `conflict`: the id is taken by another key. The same registration again is `same`, with name, site and role updated. */
  registerDevice(
    stream: StreamId,
    device: DeviceRegistration,
    now: Instant,
  ): Promise<"registered" | "same" | "conflict">;
  /**
   * `same`: it has this standing already, or is revoked: that is lifted only by accepting the device. A change is told
   * in the feed.
   */
  setStanding(
    stream: StreamId,
    device: DeviceId,
    standing: DeviceStanding,
    because: string,
    now: Instant,
  ): Promise<"changed" | "same" | "unknown">;
  addEnrolmentToken(token: EnrolmentTokenRow): Promise<void>;
  /** Newest first, at most `limit`. */
  enrolmentTokens(limit: number): Promise<readonly EnrolmentTokenRow[]>;
  enrolmentToken(hash: Sha256): Promise<EnrolmentTokenRow | undefined>;
  /** False if there is no such token, or it was revoked before. */
  revokeEnrolmentToken(id: TokenId, at: Instant, by: string): Promise<boolean>;
  /**
   * Counts the use and stores the device, in one transaction. A key that is known keeps its id and takes no use: a
   * device that did not hear the answer asks again, and no device more becomes known by that.
   */
  enrol(stream: StreamId, enrolment: Enrolment, now: Instant): Promise<EnrolmentResult>;
  device(id: DeviceId): Promise<DeviceRow | undefined>;
  /** By id, after `after`; for rebuilding memory. */
  devicesAfter(after: DeviceId | null, limit: number): Promise<readonly KnownDevice[]>;

  /** The group commit: all reports of a batch in one transaction; one result each, in order. Ends mailbox orders on their last report. */
  ingest(
    stream: StreamId,
    reports: readonly (IngestReport | SerializedReport)[],
    presence: readonly PresenceReport[],
  ): Promise<readonly IngestResult[]>;
  /** The highest sequence of the epoch that is durable; 0 if none. */
  through(device: DeviceId, epoch: EpochId): Promise<number>;
  /**
   * The newest reports of a device, newest first; with `before`, the newest of those that are older than it. None if
   * the device has no such epoch.
   */
  reportsOf(device: DeviceId, limit: number, before?: ReportKey): Promise<readonly IngestReport[]>;
  /** What logins are checked against, many at once; one answer each, in order, undefined for an unknown device. */
  loginFacts(asked: readonly LoginQuestion[]): Promise<readonly (LoginFacts | undefined)[]>;

  /** Changes after the cursor, oldest first in each stream, at most `limit`. */
  changesAfter(
    cursor: Cursor,
    limit: number,
  ): Promise<{ readonly changes: readonly Change[]; readonly cursor: Cursor }>;
  /** The end of the feed now. */
  feedEnd(): Promise<Cursor>;

  /** What the agent may have now: its oldest open order, marked as handed, and withdrawals of handed orders. */
  takeMailbox(device: DeviceId, now: Instant): Promise<readonly Order[]>;
  /** Every order that was ever in a device's mailbox, newest first; with `before`, those older than that position. */
  ordersOf(device: DeviceId, limit: number, before?: number): Promise<readonly MailboxOrder[]>;

  putGroup(group: Group): Promise<void>;
  deleteGroup(name: GroupName): Promise<boolean>;
  groups(): Promise<readonly Group[]>;
  addIncident(incident: IncidentRow): Promise<void>;
  incidents(): Promise<readonly IncidentRow[]>;
  /** Refused for any leader but the newest, and on any version but the one that was decided on. */
  appendIncident(append: IncidentAppend): Promise<IncidentAppended>;
  /** All events after what is known already (events of each incident; 0 without an entry), by incident and version. */
  incidentEvents(known: Readonly<Record<string, number>>): Promise<readonly StoredIncidentEvent[]>;
  /** Undefined until somebody has set any. */
  responseRules(): Promise<ResponseRulesRow | undefined>;
  putResponseRules(row: ResponseRulesRow): Promise<void>;
  /**
   * A part of what is too much for one transaction: it counts from the save on that says so. `isFirst` throws away what
   * is left of a save that was not completed.
   */
  stageDetection(part: DetectionPart): Promise<"staged" | "stale-leader">;
  /** Takes over at most `limit` rows of the parts of the last save. To be repeated for `more`, before devices are read. */
  takeDetectionParts(leaderEpoch: number, limit: number): Promise<"more" | "done" | "stale-leader">;
  /** What detection remembers. Refused for any leader but the newest, and while parts of the last save are left. */
  saveDetection(save: DetectionSave): Promise<"saved" | "stale-leader">;
  detection(): Promise<DetectionRow | undefined>;
  /** By slot, those above `after`. */
  detectionDevicesAfter(after: number, limit: number): Promise<readonly DetectionDevice[]>;
  /** By version and device, those after `after`. */
  detectionExposuresAfter(
    after: Pick<DetectionExposure, "version" | "device"> | null,
    limit: number,
  ): Promise<readonly DetectionExposure[]>;
  /** Keeps crashes with their incidents, one a device: what was kept of the device before is replaced. */
  pinCrashes(crashes: readonly IncidentCrash[]): Promise<void>;
  /** The crashes kept with an incident, by device, those after `after`. */
  crashesOf(incident: IncidentId, after: DeviceId | null, limit: number): Promise<readonly IncidentCrash[]>;
  addPlan(row: PlanRow): Promise<void>;
  /** Another text of a plan that was not started: its approvals are void, in the same transaction. False if it was started. */
  replacePlan(row: Pick<PlanRow, "plan" | "digest" | "generation" | "statement">): Promise<boolean>;
  /** `changed`: the statement is another one by now, so this signature counts for nothing and was not kept. */
  addApproval(plan: PlanId, statement: Sha256, approval: Approval): Promise<"added" | "had" | "changed">;
  plan(id: PlanId): Promise<PlanRow | undefined>;
  /** Newest first. */
  plans(limit: number): Promise<readonly PlanRow[]>;
  /** The next generation of a source in an era: one more than the last one given there; never given twice. */
  nextGeneration(source: ContentSourceId, era: number): Promise<number>;
  /** Keeps the envelope with enough approvals. False if the statement is another one by now, or the plan was started. */
  approvePlan(
    id: PlanId,
    approval: { readonly statement: Sha256; readonly envelope: Envelope; readonly at: Instant; readonly by: string },
  ): Promise<boolean>;

  /** Every trust document, oldest first. */
  trustDocuments(): Promise<readonly Envelope[]>;
  /** False if there is one of this version. */
  addTrustDocument(version: number, envelope: Envelope, at: Instant): Promise<boolean>;
  /** Every policy, in the order in which they were published. */
  policies(): Promise<readonly Envelope[]>;
  addPolicy(version: number, envelope: Envelope, at: Instant): Promise<void>;

  /**
   * Makes the rollout of a plan with all its device rows. False if the plan already has one, or its statement is not
   * `statement` any more.
   */
  createRollout(
    row: RolloutRow,
    devices: readonly RolloutDeviceRow[],
    started: RolloutEvent,
    statement: Sha256,
  ): Promise<boolean>;
  /** False if it is stored already: it may have been kept aside first. */
  addStop(stop: EmergencyStop, statement: Unsigned): Promise<boolean>;
  /** Newest first. */
  stops(limit: number): Promise<readonly StopRow[]>;
  /** Another word that lets devices go on; signatures under the one before are void. */
  renewResume(id: StopId, statement: Unsigned): Promise<boolean>;
  /** False if the statement is another one by now. */
  resumeStop(id: StopId, word: Enough): Promise<boolean>;
  addHold(hold: Pick<HoldRow, "id" | "statement" | "because" | "madeAt" | "madeBy">): Promise<void>;
  /** Newest first. */
  holds(limit: number): Promise<readonly HoldRow[]>;
  /** False if the statement is another one, or the hold was released. */
  approveHold(id: HoldId, word: Enough): Promise<boolean>;
  /** False if it was released before. */
  releaseHold(id: HoldId, at: Instant, by: string): Promise<boolean>;
  /** `changed`: the statement is another one by now, so this signature counts for nothing and was not kept. */
  addWordApproval(
    subject: StopId | HoldId,
    statement: Sha256,
    approval: Approval,
  ): Promise<"added" | "had" | "changed">;
  /** What devices refused, newest first, those before the one that is named. */
  refusals(limit: number, before?: Pick<RefusalRow, "at" | "device" | "sequence">): Promise<readonly RefusalRow[]>;

  /** False if the name is taken. */
  addWebhook(webhook: WebhookRow): Promise<boolean>;
  /** By name. */
  webhooks(): Promise<readonly WebhookRow[]>;
  /** False if there is none with this id. */
  changeWebhook(
    id: string,
    change: Partial<Pick<WebhookRow, "generation" | "rotatedAt" | "disabledBecause">>,
  ): Promise<boolean>;
  /** With everything that waits for it. False if there was none. */
  deleteWebhook(id: string): Promise<boolean>;
  /** Those that are there already (same webhook, same id) stay as they are. What is over and older than that is forgotten. */
  addDeliveries(deliveries: readonly WebhookDeliveryRow[], forgetBefore: Instant): Promise<void>;
  /** Those of a webhook that wait and are due by then, the longest due first. */
  deliveriesDue(webhook: string, by: Instant, limit: number): Promise<readonly WebhookDeliveryRow[]>;
  recordDelivery(
    delivery: Pick<WebhookDeliveryRow, "webhook" | "id" | "attempts" | "state" | "answer" | "nextAt">,
  ): Promise<void>;
  /** Newest first. */
  deliveriesOf(webhook: string, limit: number): Promise<readonly WebhookDeliveryRow[]>;

  rollouts(): Promise<readonly RolloutRow[]>;
  rolloutEvents(id: RolloutId): Promise<readonly RolloutEvent[]>;
  rolloutDevicesAfter(id: RolloutId, after: DeviceId | null, limit: number): Promise<readonly RolloutDeviceRow[]>;
  /** What its devices were ordered and what they signed, by device, those after `after`: for evidence. */
  rolloutTracesAfter(id: RolloutId, after: DeviceId | null, limit: number): Promise<readonly DeviceTrace[]>;
  appendRollout(append: RolloutAppend): Promise<AppendResult>;

  /** Becomes or stays leader if nobody else is, or the other's lease has run out. Each new leader has a higher epoch. */
  lead(
    owner: StreamId,
    now: Instant,
    leaseMs: number,
  ): Promise<{ readonly leads: boolean; readonly epoch: number; readonly until: Instant }>;

  /** This process takes connections and lives. `was-lost`: the others have taken it for dead until now. */
  beat(stream: StreamId, now: Instant): Promise<"alive" | "was-lost">;
  gateways(): Promise<readonly GatewayRow[]>;
  /** Says that one has stopped at this beat. Refused for any leader but the newest, and for one that has gone on. */
  loseGateway(lost: {
    readonly leaderEpoch: number;
    readonly stream: StreamId;
    readonly loss: GatewayLoss;
  }): Promise<"lost" | "alive" | "stale-leader">;

  /** Set-up codes and tokens are stored as SHA-256 only. */
  addSetupCode(hash: Sha256, expiresAt: Instant): Promise<void>;
  /** Uses up the code and stores the token, in one transaction. False if the code is unknown, used or expired. */
  redeemSetupCode(
    hash: Sha256,
    now: Instant,
    token: { readonly hash: Sha256; readonly name: string },
  ): Promise<boolean>;
  /** Has set-up ever been completed? */
  isSetUp(): Promise<boolean>;
  /** Whose token this is. */
  tokenOwner(hash: Sha256): Promise<string | undefined>;
}
