/**
 * The REST interface as functions: what is sent and what comes back has the types of `protocol/api.ts`.
 *
 * A method for each thing that can be asked, and no choices: `requests.ts` asks.
 * @throws ApiProblem, Unreachable, ControllerNotTrusted, UnexpectedAnswer from every method
 */
import type { z } from "zod";
import {
  BootPage,
  type BootQuery,
  OrderPage,
  type OrderQuery,
  ReportPage,
  type ReportQuery,
} from "../../protocol/api-device.ts";
import { DevicePage, type DeviceQuery } from "../../protocol/api-devices.ts";
import * as emergency from "../../protocol/api-emergency.ts";
import * as incident from "../../protocol/api-incidents.ts";
import * as proposal from "../../protocol/api-proposals.ts";
import * as trust from "../../protocol/api-trust.ts";
import * as api from "../../protocol/api.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import { TokenList, TokenMade, type TokenRequest, TrustPins } from "../../protocol/enrolment.ts";
import type { DeviceId, HoldId, IncidentId, PlanId, RolloutId, StopId, TokenId } from "../../protocol/ids.ts";
import type { GroupName } from "../../protocol/names.ts";
import { type ApiClientOptions, type Query, Requests } from "./requests.ts";

/** Of a large rollout every report is read. */
const EVIDENCE_WITHIN_MS = 600_000;

export class ApiClient {
  private readonly requests: Requests;

  constructor(options: ApiClientOptions) {
    this.requests = new Requests(options);
  }

  get url(): string {
    return this.requests.url;
  }

  /** Redeems the one-time code of a set-up link. The token is shown this once. */
  setUp(code: string, name: string): Promise<z.infer<typeof api.SetupAnswer>> {
    return this.requests.ask("POST", "/setup", api.SetupAnswer, { body: { code, name } });
  }
  session(): Promise<z.infer<typeof api.SessionView>> {
    return this.requests.ask("GET", "/session", api.SessionView);
  }
  overview(): Promise<api.Overview> {
    return this.requests.ask("GET", "/overview", api.Overview);
  }
  trust(): Promise<trust.TrustView> {
    return this.requests.ask("GET", "/trust", trust.TrustView);
  }
  publishTrust(envelope: Envelope): Promise<trust.TrustView> {
    return this.requests.ask("POST", "/trust/documents", trust.TrustView, { body: { envelope } });
  }
  publishPolicy(envelope: Envelope): Promise<trust.TrustView> {
    return this.requests.ask("POST", "/trust/policies", trust.TrustView, { body: { envelope } });
  }
  /** Has the controller's starter key of a role sign, to hand that role over. */
  signAsStarter(body: z.input<typeof trust.StarterSignatureRequest>): Promise<z.infer<typeof trust.StarterSignature>> {
    return this.requests.ask("POST", "/trust/signatures", trust.StarterSignature, { body });
  }
  emergency(): Promise<emergency.EmergencyView> {
    return this.requests.ask("GET", "/emergency-stop", emergency.EmergencyView);
  }
  /** One person is enough. Asked for again while it is in force, it is the same stop. */
  stopEverything(because: string, stopId?: StopId): Promise<emergency.EmergencyView> {
    const body: z.input<typeof emergency.StopRequest> = { because, stopId };
    return this.requests.ask("POST", "/emergency-stop", emergency.EmergencyView, { body });
  }
  renewResume(): Promise<emergency.EmergencyView> {
    return this.requests.ask("POST", "/emergency-stop/renew", emergency.EmergencyView);
  }
  /** Hands in an approver's signature that everything may go on. */
  addResumeApproval(body: z.input<typeof trust.SignatureRequest>): Promise<emergency.EmergencyView> {
    return this.requests.ask("POST", "/emergency-stop/approvals", emergency.EmergencyView, { body });
  }
  /** By the controller's starter key. */
  approveResume(statementDigest: Sha256): Promise<emergency.EmergencyView> {
    return this.requests.ask("POST", "/emergency-stop/approve", emergency.EmergencyView, { body: { statementDigest } });
  }
  holds(): Promise<z.infer<typeof emergency.HoldList>> {
    return this.requests.ask("GET", "/holds", emergency.HoldList);
  }
  makeHold(body: z.input<typeof emergency.HoldRequest>): Promise<emergency.HoldView> {
    return this.requests.ask("POST", "/holds", emergency.HoldView, { body, once: true });
  }
  /** Hands in an approver's signature under a hold. */
  addHoldApproval(id: HoldId, body: z.input<typeof trust.SignatureRequest>): Promise<emergency.HoldView> {
    return this.requests.ask("POST", `/holds/${id}/approvals`, emergency.HoldView, { body });
  }
  /** By the controller's starter key. */
  approveHold(id: HoldId, statementDigest: Sha256): Promise<emergency.HoldView> {
    return this.requests.ask("POST", `/holds/${id}/approve`, emergency.HoldView, { body: { statementDigest } });
  }
  releaseHold(id: HoldId): Promise<emergency.HoldView> {
    return this.requests.ask("POST", `/holds/${id}/release`, emergency.HoldView);
  }
  refusals(query: z.input<typeof emergency.RefusalQuery> = {}): Promise<z.infer<typeof emergency.RefusalPage>> {
    return this.requests.ask("GET", "/refusals", emergency.RefusalPage, { query: query as Query });
  }
  content(): Promise<z.infer<typeof api.ContentList>> {
    return this.requests.ask("GET", "/content", api.ContentList);
  }

  devices(query: z.input<typeof DeviceQuery> = {}): Promise<z.infer<typeof DevicePage>> {
    return this.requests.ask("GET", "/devices", DevicePage, { query: query as Query });
  }
  device(id: DeviceId): Promise<api.DeviceView> {
    return this.requests.ask("GET", `/devices/${id}`, api.DeviceView);
  }
  deviceBoots(id: DeviceId, query: z.input<typeof BootQuery> = {}): Promise<z.infer<typeof BootPage>> {
    return this.requests.ask("GET", `/devices/${id}/boots`, BootPage, { query: query as Query });
  }
  deviceReports(id: DeviceId, query: z.input<typeof ReportQuery> = {}): Promise<z.infer<typeof ReportPage>> {
    return this.requests.ask("GET", `/devices/${id}/reports`, ReportPage, { query: query as Query });
  }
  deviceOrders(id: DeviceId, query: z.input<typeof OrderQuery> = {}): Promise<z.infer<typeof OrderPage>> {
    return this.requests.ask("GET", `/devices/${id}/orders`, OrderPage, { query: query as Query });
  }
  registerDevice(device: api.DeviceRegistration): Promise<api.DeviceView> {
    return this.requests.ask("POST", "/devices", api.DeviceView, { body: device });
  }

  acceptDevice(id: DeviceId, because: string): Promise<api.DeviceView> {
    return this.requests.ask("POST", `/devices/${id}/accept`, api.DeviceView, { body: { because } });
  }
  revokeDevice(id: DeviceId, because: string): Promise<api.DeviceView> {
    return this.requests.ask("POST", `/devices/${id}/revoke`, api.DeviceView, { body: { because } });
  }

  /** The token is shown this once. */
  makeEnrolmentToken(body: z.input<typeof TokenRequest>): Promise<z.infer<typeof TokenMade>> {
    return this.requests.ask("POST", "/enrolment-tokens", TokenMade, { body });
  }
  enrolmentTokens(): Promise<z.infer<typeof TokenList>> {
    return this.requests.ask("GET", "/enrolment-tokens", TokenList);
  }
  revokeEnrolmentToken(id: TokenId): Promise<void> {
    return this.requests.tell("DELETE", `/enrolment-tokens/${id}`);
  }
  trustPins(): Promise<z.infer<typeof TrustPins>> {
    return this.requests.ask("GET", "/trust/pins", TrustPins);
  }

  groups(): Promise<z.infer<typeof api.GroupList>> {
    return this.requests.ask("GET", "/groups", api.GroupList);
  }
  putGroup(name: GroupName, body: z.input<typeof api.GroupBody>): Promise<z.infer<typeof api.GroupView>> {
    return this.requests.ask("PUT", `/groups/${name}`, api.GroupView, { body });
  }
  deleteGroup(name: GroupName): Promise<void> {
    return this.requests.tell("DELETE", `/groups/${name}`);
  }

  incidents(): Promise<z.infer<typeof incident.IncidentList>> {
    return this.requests.ask("GET", "/incidents", incident.IncidentList);
  }
  incident(id: IncidentId): Promise<incident.IncidentView> {
    return this.requests.ask("GET", `/incidents/${id}`, incident.IncidentView);
  }
  declareIncident(body: z.input<typeof incident.IncidentRequest>): Promise<incident.IncidentView> {
    return this.requests.ask("POST", "/incidents", incident.IncidentView, { body, once: true });
  }
  /** Oldest first. */
  incidentTimeline(id: IncidentId): Promise<z.infer<typeof incident.IncidentTimeline>> {
    return this.requests.ask("GET", `/incidents/${id}/timeline`, incident.IncidentTimeline);
  }
  /** Sites with the most affected machines first. */
  incidentSpread(id: IncidentId): Promise<z.infer<typeof incident.IncidentSpread>> {
    return this.requests.ask("GET", `/incidents/${id}/spread`, incident.IncidentSpread);
  }
  /** What could not be done is in the answer. */
  haltIncident(id: IncidentId, because: string): Promise<z.infer<typeof incident.IncidentHaltAnswer>> {
    return this.requests.ask("POST", `/incidents/${id}/halt`, incident.IncidentHaltAnswer, { body: { because } });
  }
  closeIncident(id: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.requests.ask("POST", `/incidents/${id}/close`, incident.IncidentView, { body: { because } });
  }
  reopenIncident(id: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.requests.ask("POST", `/incidents/${id}/reopen`, incident.IncidentView, { body: { because } });
  }
  /** Answers the incident in which all goes on. */
  mergeIncident(id: IncidentId, into: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.requests.ask("POST", `/incidents/${id}/merge`, incident.IncidentView, { body: { into, because } });
  }
  proposal(id: IncidentId, playbook?: string): Promise<proposal.PlanProposal> {
    return this.requests.ask("GET", `/incidents/${id}/proposal`, proposal.PlanProposal, { query: { playbook } });
  }
  planIncident(id: IncidentId, body: z.input<typeof proposal.ProposedPlanRequest>): Promise<api.PlanView> {
    return this.requests.ask("POST", `/incidents/${id}/plan`, api.PlanView, { body, once: true });
  }
  /** Asks devices what the steps would do there; without `devices`, some are chosen. Nothing is changed by it. */
  startDryRun(id: IncidentId, body: z.input<typeof proposal.DryRunRequest>): Promise<proposal.DryRunView> {
    return this.requests.ask("POST", `/incidents/${id}/dry-run`, proposal.DryRunView, { body });
  }
  /** What has been answered so far. */
  dryRun(id: IncidentId): Promise<proposal.DryRunView> {
    return this.requests.ask("GET", `/incidents/${id}/dry-run`, proposal.DryRunView);
  }
  library(): Promise<z.infer<typeof proposal.Library>> {
    return this.requests.ask("GET", "/library", proposal.Library);
  }

  detection(): Promise<incident.DetectionView> {
    return this.requests.ask("GET", "/detection", incident.DetectionView);
  }
  responseRules(): Promise<z.infer<typeof incident.ResponseRulesView>> {
    return this.requests.ask("GET", "/detection/responses", incident.ResponseRulesView);
  }
  /** Replaces all rules. */
  putResponseRules(body: incident.ResponseRules): Promise<z.infer<typeof incident.ResponseRulesView>> {
    return this.requests.ask("PUT", "/detection/responses", incident.ResponseRulesView, { body });
  }
  connectors(): Promise<z.infer<typeof incident.ConnectorList>> {
    return this.requests.ask("GET", "/connectors", incident.ConnectorList);
  }
  webhooks(): Promise<z.infer<typeof incident.WebhookList>> {
    return this.requests.ask("GET", "/webhooks", incident.WebhookList);
  }
  /** Its secret is shown this once. */
  makeWebhook(body: z.input<typeof incident.WebhookRequest>): Promise<z.infer<typeof incident.WebhookMade>> {
    return this.requests.ask("POST", "/webhooks", incident.WebhookMade, { body });
  }
  /** Another secret, shown this once; for a day messages are signed with both. */
  rotateWebhook(name: string): Promise<z.infer<typeof incident.WebhookMade>> {
    return this.requests.ask("POST", `/webhooks/${name}/rotate`, incident.WebhookMade);
  }
  /** Sends a test and waits for what comes of it. */
  testWebhook(name: string): Promise<z.infer<typeof incident.WebhookView>> {
    return this.requests.ask("POST", `/webhooks/${name}/test`, incident.WebhookView);
  }
  switchWebhook(name: string, isOn: boolean): Promise<z.infer<typeof incident.WebhookView>> {
    return this.requests.ask("PUT", `/webhooks/${name}`, incident.WebhookView, { body: { isOn } });
  }
  deleteWebhook(name: string): Promise<void> {
    return this.requests.tell("DELETE", `/webhooks/${name}`);
  }

  plans(): Promise<z.infer<typeof api.PlanList>> {
    return this.requests.ask("GET", "/plans", api.PlanList);
  }
  plan(id: PlanId): Promise<api.PlanView> {
    return this.requests.ask("GET", `/plans/${id}`, api.PlanView);
  }
  makePlan(body: z.input<typeof api.PlanRequest>): Promise<api.PlanView> {
    return this.requests.ask("POST", "/plans", api.PlanView, { body, once: true });
  }
  editPlan(id: PlanId, body: z.input<typeof api.PlanRequest>): Promise<api.PlanView> {
    return this.requests.ask("PUT", `/plans/${id}`, api.PlanView, { body });
  }
  /** Hands in an approver's signature under the plan's statement. */
  addApproval(id: PlanId, body: z.input<typeof trust.SignatureRequest>): Promise<api.PlanView> {
    return this.requests.ask("POST", `/plans/${id}/approvals`, api.PlanView, { body });
  }
  /** By the controller's starter key. The digest is the one that was read, so that nobody approves what they did not see. */
  approvePlan(id: PlanId, digest: Sha256): Promise<api.PlanView> {
    return this.requests.ask("POST", `/plans/${id}/approve`, api.PlanView, { body: { digest } });
  }

  rollouts(): Promise<z.infer<typeof api.RolloutList>> {
    return this.requests.ask("GET", "/rollouts", api.RolloutList);
  }
  rollout(id: RolloutId): Promise<api.RolloutView> {
    return this.requests.ask("GET", `/rollouts/${id}`, api.RolloutView);
  }
  rolloutDevices(
    id: RolloutId,
    query: z.input<typeof api.RolloutDeviceQuery> = {},
  ): Promise<z.infer<typeof api.RolloutDevicePage>> {
    return this.requests.ask("GET", `/rollouts/${id}/devices`, api.RolloutDevicePage, { query: query as Query });
  }
  /** As text: it is kept as it came, and may be large. Whoever reads it checks it. */
  rolloutEvidence(id: RolloutId): Promise<string> {
    return this.requests.text(`/rollouts/${id}/evidence`, EVIDENCE_WITHIN_MS);
  }
  startRollout(plan: PlanId): Promise<api.RolloutView> {
    return this.requests.ask("POST", "/rollouts", api.RolloutView, { body: { plan }, once: true });
  }
  act(id: RolloutId, action: api.RolloutAction, because: string): Promise<api.RolloutView> {
    return this.requests.ask("POST", `/rollouts/${id}/${action}`, api.RolloutView, { body: { because } });
  }
  /** A new plan that undoes what the rollout did; it needs its own approval. */
  makeUndoPlan(id: RolloutId): Promise<api.PlanView> {
    return this.requests.ask("POST", `/rollouts/${id}/undo`, api.PlanView, { once: true });
  }

  notices(after?: string): Promise<z.infer<typeof api.NoticeList>> {
    return this.requests.ask("GET", "/notices", api.NoticeList, { query: { after } });
  }
  /** Notices as they come, until the stream ends or `signal` is aborted. */
  events(after: string | undefined, signal: AbortSignal): AsyncGenerator<api.Notice, void> {
    return this.requests.events(after, signal);
  }
}
