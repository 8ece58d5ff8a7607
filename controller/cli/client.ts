/**
 * The REST interface as functions: what is sent and what comes back has the types of `protocol/api.ts`.
 *
 * Every answer is parsed by its schema before anyone sees it. Depends on `protocol/` alone, so that drills and scripts
 * can use it too. @throws ApiProblem, Unreachable, ControllerNotTrusted, UnexpectedAnswer from every method
 */
import * as incident from "../../protocol/api-incidents.ts";
import * as proposal from "../../protocol/api-proposals.ts";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import * as api from "../../protocol/api.ts";
import * as emergency from "../../protocol/api-emergency.ts";
import * as trust from "../../protocol/api-trust.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import {
  BootPage,
  type BootQuery,
  OrderPage,
  type OrderQuery,
  ReportPage,
  type ReportQuery,
} from "../../protocol/api-device.ts";
import { DevicePage, type DeviceQuery } from "../../protocol/api-devices.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { TokenList, TokenMade, type TokenRequest, TrustPins } from "../../protocol/enrolment.ts";
import type { DeviceId, HoldId, IncidentId, PlanId, RolloutId, StopId, TokenId } from "../../protocol/ids.ts";
import type { GroupName } from "../../protocol/names.ts";
import { Problem } from "../../protocol/problem.ts";
import { ApiProblem, ControllerNotTrusted, UnexpectedAnswer, Unreachable } from "./errors.ts";
import { readEvents } from "./event-stream.ts";
import { fetchPinned } from "./pinned-fetch.ts";
import { tlsFault } from "./tls-fault.ts";

const ROOT = "/api/v1";
/** A loaded controller answers in a second or two; longer than this and it is better to say so. */
const ANSWER_WITHIN_MS = 30_000;
/** Of a large rollout every report is read. */
const EVIDENCE_WITHIN_MS = 600_000;
/** Three heartbeats of the controller: some proxies accept a stream and never pass anything on. */
const STREAM_SILENT_MS = 45_000;

export interface ApiClientOptions {
  /** Of the controller, as it printed it: `http://127.0.0.1:8480`. */
  readonly url: string;
  readonly token?: string;
  /** PEM of the only authority that is believed; without it, those that this machine believes. For https alone. */
  readonly ca?: string | undefined;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";
type Query = Readonly<Record<string, string | number | undefined>>;

interface Ask {
  readonly query?: Query;
  readonly body?: unknown;
  /** The thing is made once, also if the request has to be sent again. */
  readonly once?: true;
}

export class ApiClient {
  readonly url: string;
  private readonly token: string | undefined;
  private readonly ca: string | undefined;

  constructor({ url, token, ca }: ApiClientOptions) {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
    this.ca = url.startsWith("https:") ? ca : undefined;
  }

  /** Redeems the one-time code of a set-up link. The token is shown this once. */
  setUp(code: string, name: string): Promise<z.infer<typeof api.SetupAnswer>> {
    return this.ask("POST", "/setup", api.SetupAnswer, { body: { code, name } });
  }
  session(): Promise<z.infer<typeof api.SessionView>> {
    return this.ask("GET", "/session", api.SessionView);
  }
  overview(): Promise<api.Overview> {
    return this.ask("GET", "/overview", api.Overview);
  }
  trust(): Promise<trust.TrustView> {
    return this.ask("GET", "/trust", trust.TrustView);
  }
  publishTrust(envelope: Envelope): Promise<trust.TrustView> {
    return this.ask("POST", "/trust/documents", trust.TrustView, { body: { envelope } });
  }
  publishPolicy(envelope: Envelope): Promise<trust.TrustView> {
    return this.ask("POST", "/trust/policies", trust.TrustView, { body: { envelope } });
  }
  /** Has the controller's starter key of a role sign, to hand that role over. */
  signAsStarter(body: z.input<typeof trust.StarterSignatureRequest>): Promise<z.infer<typeof trust.StarterSignature>> {
    return this.ask("POST", "/trust/signatures", trust.StarterSignature, { body });
  }
  emergency(): Promise<emergency.EmergencyView> {
    return this.ask("GET", "/emergency-stop", emergency.EmergencyView);
  }
  /** One person is enough. Asked for again while it is in force, it is the same stop. */
  stopEverything(because: string, stopId?: StopId): Promise<emergency.EmergencyView> {
    const body: z.input<typeof emergency.StopRequest> = { because, stopId };
    return this.ask("POST", "/emergency-stop", emergency.EmergencyView, { body });
  }
  renewResume(): Promise<emergency.EmergencyView> {
    return this.ask("POST", "/emergency-stop/renew", emergency.EmergencyView);
  }
  /** Hands in an approver's signature that everything may go on. */
  addResumeApproval(body: z.input<typeof trust.SignatureRequest>): Promise<emergency.EmergencyView> {
    return this.ask("POST", "/emergency-stop/approvals", emergency.EmergencyView, { body });
  }
  /** By the controller's starter key. */
  approveResume(statementDigest: Sha256): Promise<emergency.EmergencyView> {
    return this.ask("POST", "/emergency-stop/approve", emergency.EmergencyView, { body: { statementDigest } });
  }
  holds(): Promise<z.infer<typeof emergency.HoldList>> {
    return this.ask("GET", "/holds", emergency.HoldList);
  }
  makeHold(body: z.input<typeof emergency.HoldRequest>): Promise<emergency.HoldView> {
    return this.ask("POST", "/holds", emergency.HoldView, { body, once: true });
  }
  /** Hands in an approver's signature under a hold. */
  addHoldApproval(id: HoldId, body: z.input<typeof trust.SignatureRequest>): Promise<emergency.HoldView> {
    return this.ask("POST", `/holds/${id}/approvals`, emergency.HoldView, { body });
  }
  /** By the controller's starter key. */
  approveHold(id: HoldId, statementDigest: Sha256): Promise<emergency.HoldView> {
    return this.ask("POST", `/holds/${id}/approve`, emergency.HoldView, { body: { statementDigest } });
  }
  releaseHold(id: HoldId): Promise<emergency.HoldView> {
    return this.ask("POST", `/holds/${id}/release`, emergency.HoldView);
  }
  refusals(query: z.input<typeof emergency.RefusalQuery> = {}): Promise<z.infer<typeof emergency.RefusalPage>> {
    return this.ask("GET", "/refusals", emergency.RefusalPage, { query: query as Query });
  }
  content(): Promise<z.infer<typeof api.ContentList>> {
    return this.ask("GET", "/content", api.ContentList);
  }

  devices(query: z.input<typeof DeviceQuery> = {}): Promise<z.infer<typeof DevicePage>> {
    return this.ask("GET", "/devices", DevicePage, { query: query as Query });
  }
  device(id: DeviceId): Promise<api.DeviceView> {
    return this.ask("GET", `/devices/${id}`, api.DeviceView);
  }
  deviceBoots(id: DeviceId, query: z.input<typeof BootQuery> = {}): Promise<z.infer<typeof BootPage>> {
    return this.ask("GET", `/devices/${id}/boots`, BootPage, { query: query as Query });
  }
  deviceReports(id: DeviceId, query: z.input<typeof ReportQuery> = {}): Promise<z.infer<typeof ReportPage>> {
    return this.ask("GET", `/devices/${id}/reports`, ReportPage, { query: query as Query });
  }
  deviceOrders(id: DeviceId, query: z.input<typeof OrderQuery> = {}): Promise<z.infer<typeof OrderPage>> {
    return this.ask("GET", `/devices/${id}/orders`, OrderPage, { query: query as Query });
  }
  registerDevice(device: api.DeviceRegistration): Promise<api.DeviceView> {
    return this.ask("POST", "/devices", api.DeviceView, { body: device });
  }

  acceptDevice(id: DeviceId, because: string): Promise<api.DeviceView> {
    return this.ask("POST", `/devices/${id}/accept`, api.DeviceView, { body: { because } });
  }
  revokeDevice(id: DeviceId, because: string): Promise<api.DeviceView> {
    return this.ask("POST", `/devices/${id}/revoke`, api.DeviceView, { body: { because } });
  }

  /** The token is shown this once. */
  makeEnrolmentToken(body: z.input<typeof TokenRequest>): Promise<z.infer<typeof TokenMade>> {
    return this.ask("POST", "/enrolment-tokens", TokenMade, { body });
  }
  enrolmentTokens(): Promise<z.infer<typeof TokenList>> {
    return this.ask("GET", "/enrolment-tokens", TokenList);
  }
  async revokeEnrolmentToken(id: TokenId): Promise<void> {
    await this.send("DELETE", `/enrolment-tokens/${id}`, {});
  }
  trustPins(): Promise<z.infer<typeof TrustPins>> {
    return this.ask("GET", "/trust/pins", TrustPins);
  }

  groups(): Promise<z.infer<typeof api.GroupList>> {
    return this.ask("GET", "/groups", api.GroupList);
  }
  putGroup(name: GroupName, body: z.input<typeof api.GroupBody>): Promise<z.infer<typeof api.GroupView>> {
    return this.ask("PUT", `/groups/${name}`, api.GroupView, { body });
  }
  async deleteGroup(name: GroupName): Promise<void> {
    await this.send("DELETE", `/groups/${name}`, {});
  }

  incidents(): Promise<z.infer<typeof incident.IncidentList>> {
    return this.ask("GET", "/incidents", incident.IncidentList);
  }
  incident(id: IncidentId): Promise<incident.IncidentView> {
    return this.ask("GET", `/incidents/${id}`, incident.IncidentView);
  }
  declareIncident(body: z.input<typeof incident.IncidentRequest>): Promise<incident.IncidentView> {
    return this.ask("POST", "/incidents", incident.IncidentView, { body, once: true });
  }
  /** Oldest first. */
  incidentTimeline(id: IncidentId): Promise<z.infer<typeof incident.IncidentTimeline>> {
    return this.ask("GET", `/incidents/${id}/timeline`, incident.IncidentTimeline);
  }
  /** Sites with the most affected machines first. */
  incidentSpread(id: IncidentId): Promise<z.infer<typeof incident.IncidentSpread>> {
    return this.ask("GET", `/incidents/${id}/spread`, incident.IncidentSpread);
  }
  /** What could not be done is in the answer. */
  haltIncident(id: IncidentId, because: string): Promise<z.infer<typeof incident.IncidentHaltAnswer>> {
    return this.ask("POST", `/incidents/${id}/halt`, incident.IncidentHaltAnswer, { body: { because } });
  }
  closeIncident(id: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.ask("POST", `/incidents/${id}/close`, incident.IncidentView, { body: { because } });
  }
  reopenIncident(id: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.ask("POST", `/incidents/${id}/reopen`, incident.IncidentView, { body: { because } });
  }
  /** Answers the incident in which all goes on. */
  mergeIncident(id: IncidentId, into: IncidentId, because: string): Promise<incident.IncidentView> {
    return this.ask("POST", `/incidents/${id}/merge`, incident.IncidentView, { body: { into, because } });
  }
  proposal(id: IncidentId, playbook?: string): Promise<proposal.PlanProposal> {
    return this.ask("GET", `/incidents/${id}/proposal`, proposal.PlanProposal, { query: { playbook } });
  }
  planIncident(id: IncidentId, body: z.input<typeof proposal.ProposedPlanRequest>): Promise<api.PlanView> {
    return this.ask("POST", `/incidents/${id}/plan`, api.PlanView, { body, once: true });
  }
  /** Asks devices what the steps would do there; without `devices`, some are chosen. Nothing is changed by it. */
  startDryRun(id: IncidentId, body: z.input<typeof proposal.DryRunRequest>): Promise<proposal.DryRunView> {
    return this.ask("POST", `/incidents/${id}/dry-run`, proposal.DryRunView, { body });
  }
  /** What has been answered so far. */
  dryRun(id: IncidentId): Promise<proposal.DryRunView> {
    return this.ask("GET", `/incidents/${id}/dry-run`, proposal.DryRunView);
  }
  library(): Promise<z.infer<typeof proposal.Library>> {
    return this.ask("GET", "/library", proposal.Library);
  }

  detection(): Promise<incident.DetectionView> {
    return this.ask("GET", "/detection", incident.DetectionView);
  }
  responseRules(): Promise<z.infer<typeof incident.ResponseRulesView>> {
    return this.ask("GET", "/detection/responses", incident.ResponseRulesView);
  }
  /** Replaces all rules. */
  putResponseRules(body: incident.ResponseRules): Promise<z.infer<typeof incident.ResponseRulesView>> {
    return this.ask("PUT", "/detection/responses", incident.ResponseRulesView, { body });
  }
  connectors(): Promise<z.infer<typeof incident.ConnectorList>> {
    return this.ask("GET", "/connectors", incident.ConnectorList);
  }
  webhooks(): Promise<z.infer<typeof incident.WebhookList>> {
    return this.ask("GET", "/webhooks", incident.WebhookList);
  }
  /** Its secret is shown this once. */
  makeWebhook(body: z.input<typeof incident.WebhookRequest>): Promise<z.infer<typeof incident.WebhookMade>> {
    return this.ask("POST", "/webhooks", incident.WebhookMade, { body });
  }
  /** Another secret, shown this once; for a day messages are signed with both. */
  rotateWebhook(name: string): Promise<z.infer<typeof incident.WebhookMade>> {
    return this.ask("POST", `/webhooks/${name}/rotate`, incident.WebhookMade);
  }
  /** Sends a test and waits for what comes of it. */
  testWebhook(name: string): Promise<z.infer<typeof incident.WebhookView>> {
    return this.ask("POST", `/webhooks/${name}/test`, incident.WebhookView);
  }
  switchWebhook(name: string, isOn: boolean): Promise<z.infer<typeof incident.WebhookView>> {
    return this.ask("PUT", `/webhooks/${name}`, incident.WebhookView, { body: { isOn } });
  }
  async deleteWebhook(name: string): Promise<void> {
    await this.send("DELETE", `/webhooks/${name}`, {});
  }

  plans(): Promise<z.infer<typeof api.PlanList>> {
    return this.ask("GET", "/plans", api.PlanList);
  }
  plan(id: PlanId): Promise<api.PlanView> {
    return this.ask("GET", `/plans/${id}`, api.PlanView);
  }
  makePlan(body: z.input<typeof api.PlanRequest>): Promise<api.PlanView> {
    return this.ask("POST", "/plans", api.PlanView, { body, once: true });
  }
  editPlan(id: PlanId, body: z.input<typeof api.PlanRequest>): Promise<api.PlanView> {
    return this.ask("PUT", `/plans/${id}`, api.PlanView, { body });
  }
  /** Hands in an approver's signature under the plan's statement. */
  addApproval(id: PlanId, body: z.input<typeof trust.SignatureRequest>): Promise<api.PlanView> {
    return this.ask("POST", `/plans/${id}/approvals`, api.PlanView, { body });
  }
  /** By the controller's starter key. The digest is the one that was read, so that nobody approves what they did not see. */
  approvePlan(id: PlanId, digest: Sha256): Promise<api.PlanView> {
    return this.ask("POST", `/plans/${id}/approve`, api.PlanView, { body: { digest } });
  }

  rollouts(): Promise<z.infer<typeof api.RolloutList>> {
    return this.ask("GET", "/rollouts", api.RolloutList);
  }
  rollout(id: RolloutId): Promise<api.RolloutView> {
    return this.ask("GET", `/rollouts/${id}`, api.RolloutView);
  }
  rolloutDevices(
    id: RolloutId,
    query: z.input<typeof api.RolloutDeviceQuery> = {},
  ): Promise<z.infer<typeof api.RolloutDevicePage>> {
    return this.ask("GET", `/rollouts/${id}/devices`, api.RolloutDevicePage, { query: query as Query });
  }
  /** As text: it is kept as it came, and may be large. Whoever reads it checks it. */
  async rolloutEvidence(id: RolloutId): Promise<string> {
    return bodyOf(await this.send("GET", `/rollouts/${id}/evidence`, {}, EVIDENCE_WITHIN_MS));
  }
  startRollout(plan: PlanId): Promise<api.RolloutView> {
    return this.ask("POST", "/rollouts", api.RolloutView, { body: { plan }, once: true });
  }
  act(id: RolloutId, action: api.RolloutAction, because: string): Promise<api.RolloutView> {
    return this.ask("POST", `/rollouts/${id}/${action}`, api.RolloutView, { body: { because } });
  }
  /** A new plan that undoes what the rollout did; it needs its own approval. */
  makeUndoPlan(id: RolloutId): Promise<api.PlanView> {
    return this.ask("POST", `/rollouts/${id}/undo`, api.PlanView, { once: true });
  }

  notices(after?: string): Promise<z.infer<typeof api.NoticeList>> {
    return this.ask("GET", "/notices", api.NoticeList, { query: { after } });
  }
  /** Notices as they come, until the stream ends or `signal` is aborted. */
  async *events(after: string | undefined, signal: AbortSignal): AsyncGenerator<api.Notice, void> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (after !== undefined) headers["last-event-id"] = after;
    // One controller, held by its listener and timer: a signal composed of others may be collected before it fires.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    signal.addEventListener("abort", end);
    const timer = setTimeout(end, STREAM_SILENT_MS);
    if (signal.aborted) end();
    try {
      const response = await this.exchange("GET", "/events", headers, undefined, ending.signal);
      if (!response.ok || response.body === null) throw await refusalIn(response);
      for await (const { event, data } of readEvents(response.body, () => timer.refresh())) {
        const notice = event === "notice" ? api.Notice.safeParse(parseJson(data)) : undefined;
        if (notice?.success === true) yield notice.data;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw isSaid(error) ? error : unreachable(this.url, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }

  private async ask<S extends z.ZodType>(method: Method, path: string, answer: S, ask: Ask = {}): Promise<z.output<S>> {
    const response = await this.send(method, path, ask);
    const parsed = answer.safeParse(parseJson(await bodyOf(response)));
    if (parsed.success) return parsed.data;
    throw new UnexpectedAnswer(
      "The controller answered in a form that this version does not know. Use the command line that came with the controller.",
      { cause: parsed.error },
    );
  }

  private async send(
    method: Method,
    path: string,
    { query = {}, body, once }: Ask,
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (once === true) headers["idempotency-key"] = randomUUID();
    const timeout = AbortSignal.timeout(withinMs);
    const json = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.exchange(method, path + queryText(query), headers, json, timeout);
    if (!response.ok) throw await refusalIn(response);
    return response;
  }

  private async exchange(
    method: Method,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const wish = { method, headers: { ...headers, ...authorization }, signal, ...(body === undefined ? {} : { body }) };
    const address = this.url + ROOT + path;
    try {
      // A token goes nowhere but where it was meant for.
      if (this.ca === undefined) return await fetch(address, { ...wish, redirect: "error" });
      return await fetchPinned(this.ca, address, wish);
    } catch (cause) {
      const fault = tlsFault(this.url, this.ca !== undefined, cause);
      throw fault === undefined ? unreachable(this.url, cause) : new ControllerNotTrusted(fault, { cause });
    }
  }
}

const isSaid = (error: unknown): error is Error =>
  error instanceof ApiProblem || error instanceof UnexpectedAnswer || error instanceof ControllerNotTrusted;

const unreachable = (url: string, cause: unknown): Unreachable =>
  new Unreachable(
    `The controller at ${url} does not answer. It may be stopped, or the address may be wrong. If something was asked for, it is not known whether it was done.`,
    { cause },
  );

async function bodyOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unreachable(response.url, cause);
  }
}

async function refusalIn(response: Response): Promise<Error> {
  const problem = Problem.safeParse(parseJson(await bodyOf(response)));
  if (problem.success) return new ApiProblem(problem.data);
  return new UnexpectedAnswer(
    `Something at this address answered with HTTP status ${response.status}, but not as a Ringback controller does. Check the address.`,
  );
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no schema accepts it, so the caller's refuses
  }
}
