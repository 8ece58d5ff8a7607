/**
 * The tables as the code sees them. `migrations/` makes them; both must say the same.
 *
 * Ids are text, times integer milliseconds, documents JSON as text: the database never looks inside, and what comes out
 * is byte for byte what went in. Rows were parsed before they were written, so they are trusted when read.
 */
import type { Selector } from "../../protocol/selector.ts";
import type { BootReport } from "../../protocol/boot.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId, ContentVersion } from "../../protocol/content.ts";
import type { Envelope, KeyId } from "../../protocol/dsse.ts";
import type { Binding, DeviceStanding, TokenAcceptance } from "../../protocol/enrolment.ts";
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
} from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { GroupName, Image, Role, Site } from "../../protocol/names.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { DeviceStatus, RolloutEvent } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { DeviceState } from "../store/devices.ts";
import type { Change, Cursor } from "../store/feed.ts";
import type { RefusalBody } from "../store/refusals.ts";
import type { ResponseRule } from "../store/response-rules.ts";
import type { Unsigned } from "../store/signing.ts";
import type { EmergencyStop } from "../../protocol/emergency.ts";

declare const encoded: unique symbol;
/** JSON text of a value of this type. */
export type Json<Value> = string & { readonly [encoded]: Value };

export const encode = <Value>(value: Value): Json<Value> => JSON.stringify(value) as Json<Value>;
export const decode = <Value>(json: Json<Value>): Value => JSON.parse(json) as Value;
export const encodeOrNull = <Value>(value: Value | null): Json<Value> | null => (value === null ? null : encode(value));
export const decodeOrNull = <Value>(json: Json<Value> | null): Value | null => (json === null ? null : decode(json));

/** Rewritten with every report, so it is kept small; what is large or seldom changes of a device's state stands
 * in tables of its own. */
export interface DevicesTable {
  id: DeviceId;
  public_key: PublicKey;
  name: string;
  site: Site;
  role: Role;
  registered_at: Instant;
  standing: DeviceStanding;
  binding: Binding;
  device_group: GroupName | null;
  image: Image | null;
  /** Null for a device that was registered before standings were kept. */
  standing_since: Instant | null;
  standing_because: string | null;
  /** Null until something was heard. */
  last_heard_at: Instant | null;
  leaving: DeviceState["leaving"];
  healthy: Json<NonNullable<DeviceState["healthy"]>> | null;
  /** Null until its agent has logged in at a controller that keeps it. */
  minor: number | null;
}
export interface DeviceBootsTable {
  device: DeviceId;
  boot: Json<BootReport> | null;
  content: Json<ContentVersion[]>;
}
/** Written when a device says it. */
export interface DeviceTrustTable {
  device: DeviceId;
  trust_version: number;
  policy_version: number;
}
/** One life of a device's outbox. `through` outlives the reports themselves, so old ones stay duplicates after pruning. */
interface EpochsTable {
  device: DeviceId;
  epoch: EpochId;
  through: number;
  opened_at: Instant;
}
/** The end of each stream. Its row is updated in the transaction that appends: no gaps, and commits in order. */
interface StreamsTable {
  id: StreamId;
  last: number;
}
/** The change feed, and in it the reports: a report is a change with an epoch. One row for both, written once. */
interface ChangesTable {
  stream: StreamId;
  sequence: number;
  at: Instant;
  /** Of `at` in UTC, as 202611: what is pruned together. */
  month: number;
  device: DeviceId;
  epoch: EpochId | null;
  epoch_sequence: number | null;
  digest: Sha256 | null;
  body: Json<Change["body"]>;
}
/**
 * `waiting` (no agent has it), `handed`, `ended`. Open means not ended and not withdrawn; the oldest open order of a
 * device is the one its agent may have. `position` counts a device's orders.
 */
interface MailboxTable {
  device: DeviceId;
  position: number;
  order_id: OrderId;
  plan: PlanId;
  rollout: RolloutId;
  envelope: Json<Envelope>;
  status: "waiting" | "handed" | "ended";
  withdrawn: 0 | 1;
  handed_at: Instant | null;
}
interface GroupsTable {
  name: GroupName;
  selector: Json<Selector>;
}
interface IncidentsTable {
  id: IncidentId;
  title: string;
  source: ContentSourceId;
  sha256: Sha256;
  evidence: string;
  declared_at: Instant;
  declared_by: string;
}
/** The best evidence of each device; `boot` is the report that carried it. */
interface IncidentCrashesTable {
  incident: IncidentId;
  device: DeviceId;
  at: Instant;
  boot: Json<BootReport>;
}
/** `plan` holds the whole device set and comes last, so that SQLite reads the other columns without it. */
export interface PlansTable {
  id: PlanId;
  digest: Sha256;
  created_at: Instant;
  created_by: string;
  generation: number | null;
  envelope: Json<Envelope> | null;
  approved_at: Instant | null;
  approved_by: string | null;
  rollout: RolloutId | null;
  /** What approvers sign, and its payload digest; null in plans of before version 4. */
  statement: Json<Unsigned> | null;
  statement_digest: Sha256 | null;
  plan: Json<Plan>;
}
/** A signature counts only under the statement that it names. */
export interface ApprovalsTable {
  plan: PlanId;
  key_id: KeyId;
  statement_digest: Sha256;
  person: string;
  sig: string;
  at: Instant;
  added_by: string;
}
interface EmergencyStopsTable {
  id: StopId;
  stop: Json<EmergencyStop>;
  at: Instant;
  /** The word that lets devices go on, and its payload digest. */
  statement: Json<Unsigned>;
  statement_digest: Sha256;
  envelope: Json<Envelope> | null;
  resumed_at: Instant | null;
  resumed_by: string | null;
}
interface HoldsTable {
  id: HoldId;
  statement: Json<Unsigned>;
  statement_digest: Sha256;
  because: string;
  made_at: Instant;
  made_by: string;
  envelope: Json<Envelope> | null;
  approved_at: Instant | null;
  approved_by: string | null;
  released_at: Instant | null;
  released_by: string | null;
}
/** Signatures under the words about stops and holds. */
export interface WordApprovalsTable {
  subject: StopId | HoldId;
  key_id: KeyId;
  statement_digest: Sha256;
  person: string;
  sig: string;
  at: Instant;
  added_by: string;
}
/** Copies of the reports that say so, for a list over the fleet. */
interface RefusalsTable {
  device: DeviceId;
  epoch: EpochId;
  sequence: number;
  at: Instant;
  body: Json<RefusalBody>;
}
interface TrustDocumentsTable {
  version: number;
  envelope: Json<Envelope>;
  stored_at: Instant;
}
/** `position` counts what was published: other policy holders may begin to count versions again. */
interface PoliciesTable {
  position: number;
  version: number;
  envelope: Json<Envelope>;
  stored_at: Instant;
}
/** By source; from the second era on, by source and era: generations begin again there. */
interface GenerationsTable {
  source: string;
  last: number;
}
interface RolloutsTable {
  id: RolloutId;
  plan: PlanId;
  started_at: Instant;
  version: number;
  cursor: Json<Cursor>;
}
interface RolloutEventsTable {
  rollout: RolloutId;
  version: number;
  event: Json<RolloutEvent>;
}
interface RolloutDevicesTable {
  rollout: RolloutId;
  device: DeviceId;
  wave: number;
  status: DeviceStatus;
  generation: number;
  order_id: OrderId | null;
  since: Instant;
  detail: string | null;
}
/** One row, `id` 1. */
interface LeadershipTable {
  id: 1;
  owner: StreamId;
  epoch: number;
  until: Instant;
}
/** `lost_*` are of the last loss: at which beat, since when, and when that was said. */
interface GatewaysTable {
  stream: StreamId;
  beats: number;
  alive_at: Instant;
  lost_beats: number | null;
  lost_from: Instant | null;
  lost_at: Instant | null;
}
/** One row, `id` 1. `at`: up to when everything was evaluated; `shown`: what followers show of it. */
interface DetectionTable {
  id: 1;
  at: Instant;
  cursor: Json<Cursor>;
  names: string;
  memory: string;
  shown: string;
  /** 1: parts that belong to it are still to be taken over. */
  parts: number;
}
export interface DetectionDevicesTable {
  device: DeviceId;
  /** Its number in the detector; no two devices share one. */
  slot: number;
  known: Json<readonly number[]>;
  memory: Json<readonly number[]> | null;
}
export interface DetectionExposuresTable {
  device: DeviceId;
  version: number;
  written_at: number;
}
/** Locked while an event is appended, so of two that meet one wins. */
interface IncidentHeadsTable {
  incident: IncidentId;
  version: number;
}
interface IncidentEventsTable {
  incident: IncidentId;
  version: number;
  event: Json<IncidentEvent>;
}
/** One row, `id` 1. */
interface ResponseRulesTable {
  id: 1;
  rules: Json<readonly ResponseRule[]>;
  changed_at: Instant;
  changed_by: string;
}
interface SetupCodesTable {
  hash: Sha256;
  expires_at: Instant;
  used_at: Instant | null;
}
interface TokensTable {
  hash: Sha256;
  name: string;
  created_at: Instant;
}
/** `pool`: 1 for devices that are made from an image and thrown away again. `acceptance` says who lets them in. */
export interface EnrolmentTokensTable {
  id: TokenId;
  hash: Sha256;
  device_group: GroupName;
  site: Site;
  role: Role;
  pool: 0 | 1;
  acceptance: Json<TokenAcceptance>;
  uses_max: number;
  uses: number;
  created_at: Instant;
  created_by: string;
  expires_at: Instant;
  revoked_at: Instant | null;
  revoked_by: string | null;
}
interface WebhooksTable {
  name: string;
  id: string;
  url: string;
  generation: number;
  rotated_at: Instant;
  disabled_because: string | null;
  made_at: Instant;
  made_by: string;
}
interface WebhookDeliveriesTable {
  webhook: string;
  id: string;
  type: string;
  at: Instant;
  body: string;
  attempts: number;
  state: "waiting" | "delivered" | "given-up";
  answer: string | null;
  next_at: Instant | null;
}
/** `code_from`: the oldest migration whose code can still work with the schema once this one has run. */
interface MigrationsTable {
  number: number;
  name: string;
  code_from: number;
}

export interface Tables {
  devices: DevicesTable;
  device_boots: DeviceBootsTable;
  device_trust: DeviceTrustTable;
  epochs: EpochsTable;
  streams: StreamsTable;
  changes: ChangesTable;
  mailbox: MailboxTable;
  device_groups: GroupsTable;
  incidents: IncidentsTable;
  incident_crashes: IncidentCrashesTable;
  plans: PlansTable;
  approvals: ApprovalsTable;
  emergency_stops: EmergencyStopsTable;
  holds: HoldsTable;
  word_approvals: WordApprovalsTable;
  refusals: RefusalsTable;
  trust_documents: TrustDocumentsTable;
  policies: PoliciesTable;
  generations: GenerationsTable;
  rollouts: RolloutsTable;
  rollout_events: RolloutEventsTable;
  rollout_devices: RolloutDevicesTable;
  leadership: LeadershipTable;
  gateways: GatewaysTable;
  detection: DetectionTable;
  detection_devices: DetectionDevicesTable;
  detection_exposures: DetectionExposuresTable;
  detection_part_devices: DetectionDevicesTable;
  detection_part_exposures: DetectionExposuresTable;
  incident_heads: IncidentHeadsTable;
  incident_events: IncidentEventsTable;
  response_rules: ResponseRulesTable;
  setup_codes: SetupCodesTable;
  tokens: TokensTable;
  enrolment_tokens: EnrolmentTokensTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  schema_migrations: MigrationsTable;
}
