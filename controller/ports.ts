/**
 * What the controller's parts ask of each other. The orchestrator and the edges meet only here; main.ts chooses.
 */
import type {
  Condition,
  ContentList,
  DeviceRegistration,
  DeviceView,
  Group,
  GroupList,
  IncidentCrashPage,
  Notice,
  Overview,
  PageQuery,
  PlanList,
  PlanRequest,
  PlanView,
  RolloutAction,
  RolloutDevicePage,
  RolloutDeviceQuery,
  RolloutList,
  RolloutView,
} from "../protocol/api.ts";
import type {
  ConnectorList,
  ConnectorView,
  DetectionView,
  IncidentClosing,
  IncidentHaltAnswer,
  IncidentHaltRequest,
  IncidentList,
  IncidentMerging,
  IncidentRequest,
  IncidentSpread,
  IncidentTimeline,
  IncidentView,
  ResponseRules,
  ResponseRulesView,
  WebhookList,
  WebhookMade,
  WebhookRequest,
  WebhookView,
} from "../protocol/api-incidents.ts";
import type {
  DryRunRequest,
  DryRunView,
  Library,
  PlanProposal,
  ProposalQuery,
  ProposedPlanRequest,
} from "../protocol/api-proposals.ts";
import type { BootPage, BootQuery, OrderPage, OrderQuery, ReportPage, ReportQuery } from "../protocol/api-device.ts";
import type { DeviceFacetQuery, DeviceFacets, DevicePage, DeviceQuery } from "../protocol/api-devices.ts";
import type { Sha256 } from "../protocol/canonical.ts";
import type { CheckAnswer, CheckQuestion } from "../protocol/check.ts";
import type { ContentSourceId } from "../protocol/content.ts";
import type { Envelope, Signer } from "../protocol/dsse.ts";
import type { DeviceStanding, TokenList, TokenMade, TokenRequest } from "../protocol/enrolment.ts";
import type { EvidenceBundle } from "../protocol/evidence-bundle.ts";
import type { DeviceId, HoldId, IncidentId, OrderId, PlanId, RolloutId, StopId, TokenId } from "../protocol/ids.ts";
import type { EmergencyStop } from "../protocol/emergency.ts";
import type { IncidentEvent, VersionRef } from "../protocol/incident.ts";
import type { GroupName } from "../protocol/names.ts";
import type { Problem } from "../protocol/problem.ts";
import type { Instant } from "../protocol/time.ts";
import type { Policy } from "../protocol/policy.ts";
import type { VerifyRaw } from "../protocol/signatures.ts";
import type { PublicKey } from "../protocol/public-key.ts";
import type { OnlineKey, TrustDocument } from "../protocol/trust-document.ts";
import type { SignatureRequest, StarterSignature, StarterSignatureRequest, TrustView } from "../protocol/api-trust.ts";
import type {
  EmergencyView,
  HoldList,
  HoldRequest,
  HoldView,
  RefusalPage,
  RefusalQuery,
} from "../protocol/api-emergency.ts";
import type { z } from "zod";
import type { TrustVersions } from "./store/devices.ts";
import type { HoldRow, StopRow } from "./store/emergency.ts";

export interface Clock {
  now(): Instant;
  /** Calls back once, not before `ms` have passed; returns how to forget it. */
  after(ms: number, call: () => void): () => void;
}

/** At least `count` random bytes; a seed in the simulator. */
export type Random = (count: number) => Uint8Array;

export interface Gateway {
  /** Tells connected agents to look into their mailboxes. */
  nudge(devices: Iterable<DeviceId>): void;
  /** Tells connected agents what they have not got of trust and policy. */
  tellTrust(): void;
  /** Tells connected agents that know of them of stops and holds, at once. */
  tellPrecautions(frames: readonly string[]): void;
  /** Tells connected agents to take no new step of these orders, which are withdrawn in their mailboxes. */
  stopOrders(orders: Iterable<{ readonly device: DeviceId; readonly order: OrderId }>): void;
  /**
   * The record says something else of this device now. One that is revoked is closed at once; one that is pending or
   * cloned gets no more orders; one that is accepted may ask for them. Called after the commit, in every process that
   * has a gateway: a connection is held against the record only when it logs in.
   */
  standingChanged(device: DeviceId, standing: DeviceStanding): void;
  /** Says again in the feed who is connected: the others took this process for dead. */
  announce(): void;
}

/** What a device says to a question what steps would do there. */
export type DryRunAnswer =
  | CheckAnswer
  /** No answer yet. */
  | { readonly kind: "asked" }
  /** Its agent does not know such questions. */
  | { readonly kind: "too-old" }
  /** Not connected to this process, gone before it answered, or not to be given orders (pending, cloned). */
  | { readonly kind: "not-connected" }
  /** Connected, and said nothing in time. */
  | { readonly kind: "silent" };
/** Grows as answers come; `answers` has every device that was asked, in the order of asking. */
export interface DryRun {
  readonly answers: ReadonlyMap<DeviceId, DryRunAnswer>;
  /** No answer is `asked` any more: within a minute. */
  readonly done: Promise<void>;
}
/** Asks connected devices what steps would do there. Nothing is changed, stored or promised by it. */
export interface DryRuns {
  ask(devices: Iterable<DeviceId>, question: CheckQuestion): DryRun;
}

/** From which the secrets of resume tickets are made; 32 bytes. */
export interface ResumeKey {
  readonly madeAt: Instant;
  readonly secret: Uint8Array;
}
/** Those that are good now, the newest first: it alone makes new tickets. */
export type ResumeKeys = () => readonly ResumeKey[];

/** Verifies a P-256 signature (raw r and s) over bytes, made by the key of `publicKey`. */
export type VerifyDevice = (publicKey: PublicKey, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** Wakes whoever reads the change feed or shows it. A lost wake-up delays, it loses nothing. */
export interface Bus {
  feedGrew(): void;
  onFeedGrew(call: () => void): () => void;
}

// ---- trust ---------------------------------------------------------------------------------------------------------

export type StarterRole = "roots" | "policyHolders" | "approvers";

/** The trust documents and the policy that agents are told of. The controller holds them; it does not decide them. */
export interface TrustKeeper {
  /** The newest. */
  readonly document: TrustDocument;
  /** All of them, oldest first. */
  readonly documents: readonly Envelope[];
  readonly policy: Policy;
  readonly policyEnvelope: Envelope;
  /** Of the newest ones. */
  readonly versions: TrustVersions;
  /** Signs orders and freshness. It proves that they are of this moment, not that anybody wants them. */
  readonly online: Signer;
  readonly onlineKey: OnlineKey;
  readonly verify: VerifyRaw;
  /** The key that the controller made for itself, while the newest document names it. */
  starter(role: StarterRole): Signer | undefined;
  /** @throws Refused if agents would not take it */
  publishTrust(envelope: Envelope): Promise<void>;
  /** @throws Refused if agents would not take it */
  publishPolicy(envelope: Envelope): Promise<void>;
  /** Reads what another controller may have published. */
  refresh(): Promise<void>;
  /** Issues the document anew before it expires, as long as the controller holds the root. */
  renewIfDue(): Promise<void>;
  onChange(call: () => void): () => void;
}

/** Emergency stops and holds. A stop counts from the moment it is pressed, whether the database takes it or not. */
export interface Precautions {
  /** Stops that nobody has ended. */
  readonly inForce: readonly EmergencyStop[];
  /** Stops that the database has not got yet. */
  readonly unstored: readonly EmergencyStop[];
  /** As they were read last, newest first. */
  readonly stops: readonly StopRow[];
  readonly holds: readonly HoldRow[];
  /** What agents are told of all of it at their login. */
  readonly frames: readonly string[];
  /** Kept in a file, told to agents, stored: in this order. `kept`, `stored`: whether each could be done. */
  stop(stop: EmergencyStop): Promise<{ readonly kept: boolean; readonly stored: boolean }>;
  /** Another word to sign for a stop: the one before has expired. */
  renew(stop: EmergencyStop): Promise<void>;
  /** Stores what waits, reads what another controller may have stored, and tells what is new. */
  refresh(): Promise<void>;
  onTell(call: (frames: readonly string[]) => void): () => void;
}

// ---- vendors and listeners -----------------------------------------------------------------------------------------

/** What one connector's vendor answered. `failed`: `because` says why, and what a person can do at the vendor. */
export interface VendorOutcome {
  /** A slug: the connector's name. */
  readonly connector: string;
  readonly outcome: "done" | "failed";
  readonly because: string;
}
/**
 * Ways to the vendors of content sources. A call asks every connector that serves the source, and answers one outcome
 * each; none, where no connector serves it. It takes seconds at most, never throws for what a vendor does, and may be
 * made again: asking twice for the same changes nothing.
 */
export interface VendorConnectors {
  list(): readonly z.infer<typeof ConnectorView>[];
  /** No update of this source is given out any more. */
  pause(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
  /** The version before is given out in the place of the newest. */
  revert(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
  /** Devices stay on the version of this digest, where the vendor knows it. */
  pin(source: ContentSourceId, sha256: Sha256, because: string): Promise<readonly VendorOutcome[]>;
  /** What was paused or pinned goes on. */
  resume(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
}

/** Something happened to an incident. Thin: whoever is told asks the API for the rest. */
export interface IncidentNotice {
  /** The incident and the number of its event: told again, it is the same. */
  readonly id: string;
  readonly type: `incident.${IncidentEvent["kind"]}`;
  readonly at: Instant;
  readonly incident: IncidentId;
  readonly title: string;
  /** What happened, for people. */
  readonly sentence: string;
}
/** A version for which the numbers speak, and not yet enough to convict it; no incident is about it. */
export interface SuspectNotice {
  /** Of the version, and when it was first seen. */
  readonly id: string;
  readonly type: "detection.suspect";
  readonly at: Instant;
  readonly of: VersionRef;
  readonly title: string;
  readonly sentence: string;
}
export type OutwardNotice = IncidentNotice | SuspectNotice;

/** Tells people elsewhere. Resolves once it will not be forgotten; what was told before (same id) is not told again. */
export interface Notifier {
  tell(notices: readonly OutwardNotice[]): Promise<void>;
}

/** Where people have messages sent. Every refusal is a `Refused`. */
export interface Webhooks extends Notifier {
  list(): Promise<readonly WebhookView[]>;
  /** The secret is in this answer and nowhere else. */
  make(request: z.infer<typeof WebhookRequest>, by: string): Promise<z.infer<typeof WebhookMade>>;
  remove(name: string): Promise<void>;
  /** Another secret. For a day messages are signed with both. */
  rotate(name: string): Promise<z.infer<typeof WebhookMade>>;
  switch(name: string, isOn: boolean, by: string): Promise<WebhookView>;
  /** Sends a test at once, and answers what came of it. */
  test(name: string): Promise<WebhookView>;
}

// ---- what people may ask -------------------------------------------------------------------------------------------

/** A request that cannot be carried out. The API shows it as problem+json; nothing was changed. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Problem["code"];
  readonly errors: NonNullable<Problem["errors"]>;
  constructor(code: Problem["code"], message: string, errors: NonNullable<Problem["errors"]> = []) {
    super(message);
    this.code = code;
    this.errors = errors;
  }
}

/** The controller as people see it: what the API offers, without HTTP. Every refusal is a `Refused`. */
export interface Administration {
  overview(): Promise<Overview>;
  registerDevice(device: DeviceRegistration): Promise<{ readonly created: boolean; readonly device: DeviceView }>;
  /** The token is in this answer and nowhere else. */
  makeEnrolmentToken(request: z.output<typeof TokenRequest>, by: string): Promise<z.infer<typeof TokenMade>>;
  enrolmentTokens(): Promise<z.infer<typeof TokenList>>;
  revokeEnrolmentToken(id: TokenId, by: string): Promise<void>;
  setStanding(id: DeviceId, standing: "accepted" | "revoked", by: string, because: string): Promise<DeviceView>;
  device(id: DeviceId): Promise<DeviceView>;
  devices(query: z.output<typeof DeviceQuery>): Promise<z.infer<typeof DevicePage>>;
  /** What devices can be filtered by, with how many of them each choice would leave. */
  deviceFacets(query: z.output<typeof DeviceFacetQuery>): Promise<z.infer<typeof DeviceFacets>>;
  /** Newest first, like every list of one device. */
  deviceBoots(id: DeviceId, query: z.output<typeof BootQuery>): Promise<z.infer<typeof BootPage>>;
  deviceReports(id: DeviceId, query: z.output<typeof ReportQuery>): Promise<z.infer<typeof ReportPage>>;
  deviceOrders(id: DeviceId, query: z.output<typeof OrderQuery>): Promise<z.infer<typeof OrderPage>>;
  groups(): Promise<z.infer<typeof GroupList>>;
  putGroup(group: Group): Promise<void>;
  deleteGroup(name: GroupName): Promise<void>;
  content(): Promise<z.infer<typeof ContentList>>;
  incidents(): Promise<z.infer<typeof IncidentList>>;
  incident(id: IncidentId): Promise<IncidentView>;
  /** The evidence of crashes that is kept with the incident, by device. */
  incidentCrashes(id: IncidentId, query: z.output<typeof PageQuery>): Promise<z.infer<typeof IncidentCrashPage>>;
  declareIncident(request: z.infer<typeof IncidentRequest>, by: string): Promise<IncidentView>;
  /** What happened, oldest first. */
  incidentTimeline(id: IncidentId): Promise<z.infer<typeof IncidentTimeline>>;
  /** How it lies over the sites. */
  incidentSpread(id: IncidentId): Promise<z.infer<typeof IncidentSpread>>;
  /** Everything that one person may stop about it, in one go. What could not be done is in the answer, not a refusal. */
  haltIncident(
    id: IncidentId,
    request: z.infer<typeof IncidentHaltRequest>,
    by: string,
  ): Promise<z.infer<typeof IncidentHaltAnswer>>;
  closeIncident(id: IncidentId, request: z.infer<typeof IncidentClosing>, by: string): Promise<IncidentView>;
  reopenIncident(id: IncidentId, request: z.infer<typeof IncidentClosing>, by: string): Promise<IncidentView>;
  /** Answers the incident in which all goes on. */
  mergeIncident(id: IncidentId, request: z.infer<typeof IncidentMerging>, by: string): Promise<IncidentView>;
  /** What detection sees, and what it can promise on this fleet. */
  detection(): Promise<DetectionView>;
  /** What the controller may do by itself, by source. */
  responseRules(): Promise<z.infer<typeof ResponseRulesView>>;
  putResponseRules(rules: ResponseRules, by: string): Promise<z.infer<typeof ResponseRulesView>>;
  /** The playbooks that are proposed from. */
  library(): Promise<z.infer<typeof Library>>;
  /** The plan that fits an incident, with the reason for each choice. Nothing is stored by it. */
  incidentProposal(id: IncidentId, query: z.output<typeof ProposalQuery>): Promise<PlanProposal>;
  /** Makes the proposed plan; it needs its approvals like any other. */
  planIncident(id: IncidentId, request: z.output<typeof ProposedPlanRequest>, by: string): Promise<PlanView>;
  /** Asks a few connected devices what the proposed steps would do there. Nothing is changed by it. */
  startDryRun(id: IncidentId, request: z.output<typeof DryRunRequest>): Promise<z.infer<typeof DryRunView>>;
  /** How far the last such question has come. */
  dryRun(id: IncidentId): Promise<z.infer<typeof DryRunView>>;
  /** Ways to vendors, as they are set up. */
  connectors(): Promise<z.infer<typeof ConnectorList>>;
  webhooks(): Promise<z.infer<typeof WebhookList>>;
  /** The secret is in this answer and nowhere else. */
  makeWebhook(request: z.infer<typeof WebhookRequest>, by: string): Promise<z.infer<typeof WebhookMade>>;
  deleteWebhook(name: string): Promise<void>;
  rotateWebhook(name: string): Promise<z.infer<typeof WebhookMade>>;
  switchWebhook(name: string, isOn: boolean, by: string): Promise<WebhookView>;
  testWebhook(name: string): Promise<WebhookView>;
  plans(): Promise<z.infer<typeof PlanList>>;
  plan(id: PlanId): Promise<PlanView>;
  makePlan(request: z.output<typeof PlanRequest>, by: string): Promise<PlanView>;
  /** A new plan that undoes what the rollout's plan did; it needs its own approval. */
  makeUndoPlan(rollout: RolloutId, by: string): Promise<PlanView>;
  /** Approves with the controller's own starter key, as long as it counts. */
  approvePlan(id: PlanId, digest: Sha256, by: string): Promise<PlanView>;
  /** Another text of a plan that was not started. Its approvals are void. */
  editPlan(id: PlanId, request: z.output<typeof PlanRequest>, by: string): Promise<PlanView>;
  /** Takes an approver's signature under the statement. */
  addApproval(id: PlanId, approval: z.infer<typeof SignatureRequest>, by: string): Promise<PlanView>;
  startRollout(plan: PlanId, by: string): Promise<RolloutView>;
  rollouts(): Promise<z.infer<typeof RolloutList>>;
  rollout(id: RolloutId): Promise<RolloutView>;
  rolloutDevices(id: RolloutId, query: z.output<typeof RolloutDeviceQuery>): Promise<z.infer<typeof RolloutDevicePage>>;
  act(id: RolloutId, action: RolloutAction, by: string, because: string): Promise<RolloutView>;
  /** Everything about a rollout that others signed, and what the controller says of it, sealed by its online key. */
  rolloutEvidence(id: RolloutId, by: string): Promise<EvidenceBundle>;
  /** Whom agents believe, and which keys the controller still holds itself. */
  trust(): Promise<TrustView>;
  publishTrust(envelope: Envelope, by: string): Promise<TrustView>;
  publishPolicy(envelope: Envelope, by: string): Promise<TrustView>;
  /** Signs with the controller's starter key of a role: the way to hand that role over. */
  signAsStarter(
    request: z.infer<typeof StarterSignatureRequest>,
    by: string,
  ): Promise<z.infer<typeof StarterSignature>>;
  /** Everything that is stopped, and who may let it go on. */
  emergency(): Promise<EmergencyView>;
  /** One person stops everything. Pressed again while it is stopped, it is the same stop. */
  /** @param stopId of a stop that devices name and this controller does not know: known here, it can be ended */
  stopEverything(because: string, by: string, stopId?: StopId): Promise<EmergencyView>;
  /** Another word to sign: the one before has expired. Its signatures are void. */
  renewResume(by: string): Promise<EmergencyView>;
  addResumeApproval(approval: z.infer<typeof SignatureRequest>, by: string): Promise<EmergencyView>;
  /** With the controller's own starter key, as long as it counts. */
  approveResume(statementDigest: Sha256, by: string): Promise<EmergencyView>;
  holds(): Promise<z.infer<typeof HoldList>>;
  makeHold(request: z.infer<typeof HoldRequest>, by: string): Promise<HoldView>;
  addHoldApproval(id: HoldId, approval: z.infer<typeof SignatureRequest>, by: string): Promise<HoldView>;
  approveHold(id: HoldId, statementDigest: Sha256, by: string): Promise<HoldView>;
  releaseHold(id: HoldId, by: string): Promise<HoldView>;
  /** What devices would not do or believe, newest first, with what to do about it. */
  refusals(query: z.output<typeof RefusalQuery>): Promise<z.infer<typeof RefusalPage>>;
  /** Tells of changes; returns how to stop listening. */
  onNotice(call: (notice: Notice) => void): () => void;
  /** Notices after an id that is still remembered, oldest first; a single `reset` if it is not. */
  noticesAfter(id: string | undefined): { readonly items: readonly Notice[]; readonly last: string };
}

/** Who asks. Tokens are opaque; only their hashes are stored. */
export interface Access {
  /** Exchanges the one-time set-up code for a token. Undefined if the code is not good (any more). */
  setUp(code: string, name: string): Promise<{ readonly token: string } | undefined>;
  isSetUp(): Promise<boolean>;
  /** May set-up be tried: until it was done, and again while a link is open that was asked for at the machine since. */
  takesSetup(): Promise<boolean>;
  owner(token: string): Promise<string | undefined>;
}

/** Conditions are of the fleet in memory; storage knows only what was reported. */
export type { Condition };

/** Structured log lines; never a secret, never a file's contents. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
