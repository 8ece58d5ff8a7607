/**
 * A small controller in memory, for tests of what stands in front of it: the API, the command line, the console.
 *
 * It keeps what it is given and refuses what the real one refuses, but no engine runs: a test moves a rollout by
 * `change`. Ids and times are counted, so a run repeats.
 */
import type { z } from "zod";
import type {
  ContentList,
  DeviceRegistration,
  DeviceView,
  Group,
  GroupList,
  IncidentCrashPage,
  Notice,
  Overview,
  PlanList,
  PlanRequest,
  PlanView,
  RolloutAction,
  RolloutDevicePage,
  RolloutDeviceQuery,
  RolloutList,
  RolloutView,
} from "../../protocol/api.ts";
import type {
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
  ConnectorList,
  WebhookList,
  WebhookMade,
  WebhookRequest,
  WebhookView,
} from "../../protocol/api-incidents.ts";
import type { DryRunView, Library, PlanProposal } from "../../protocol/api-proposals.ts";
import type { BootPage, OrderPage, ReportPage } from "../../protocol/api-device.ts";
import type { DeviceFacetQuery, DeviceFacets, DevicePage, DeviceQuery } from "../../protocol/api-devices.ts";
import { digestOf, type Sha256 } from "../../protocol/canonical.ts";
import { type Envelope, KeyId, payloadDigest, peek } from "../../protocol/dsse.ts";
import {
  type DeviceStanding,
  EnrolmentToken,
  type TokenList,
  type TokenMade,
  type TokenRequest,
  type TokenView,
} from "../../protocol/enrolment.ts";
import {
  type DeviceId,
  type HoldId,
  type IncidentId,
  newId,
  type PlanId,
  type RolloutId,
  type TokenId,
} from "../../protocol/ids.ts";
import type {
  EmergencyView,
  HoldList,
  HoldRequest,
  HoldView,
  RefusalPage,
  RefusalView,
} from "../../protocol/api-emergency.ts";
import { type EmergencyStop, HoldStatement } from "../../protocol/emergency.ts";
import type { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { GroupName } from "../../protocol/names.ts";
import type { RolloutPhase, WaveCounts } from "../../protocol/rollout.ts";
import { matches, type Selector } from "../../protocol/selector.ts";
import { at, type Instant, later } from "../../protocol/time.ts";
import type { TrustView } from "../../protocol/api-trust.ts";
import { type Administration, Refused } from "../../controller/ports.ts";
import { anEvidenceBundle } from "./an-evidence-bundle.ts";
import { aHold } from "./precautions.ts";
import { aPolicy, aTrust, sealPolicy, sealTrust } from "./trust.ts";
import { present } from "./present.ts";

const STARTED_AT = at("2026-11-20T09:00:00Z");
const NOTICES_KEPT = 100;

const PHASE_AFTER: Readonly<Record<RolloutAction, RolloutPhase>> = {
  pause: "paused",
  resume: "running",
  halt: "halted",
  abort: "aborted",
};

/** Of a plan that nobody has signed. */
const NOT_APPROVED = {
  approvals: [],
  approval: "waiting" as const,
  envelope: null,
  approvedAt: null,
  approvedBy: null,
};
function standingsOf(devices: readonly DeviceView[]): Record<DeviceStanding, number> {
  const standings = { pending: 0, accepted: 0, revoked: 0, cloned: 0 };
  for (const { standing } of devices) standings[standing]++;
  return standings;
}

export class FakeAdministration implements Administration {
  /** What devices would not do, as the list shows it. */
  readonly refused: RefusalView[] = [];
  private readonly stopped: EmergencyStop[] = [];
  private readonly held = new Map<HoldId, HoldView>();
  /** Set by a test: the next call of this method fails as nobody expected. */
  failing: keyof Administration | undefined;
  /** How often each thing was made. */
  readonly made = { incidents: 0, plans: 0, rollouts: 0 };

  /** What detection says, as a test puts it. */
  detected: Omit<DetectionView, "devices" | "asOf"> = {
    sentence:
      "Fewer than about 100 machines: conviction by numbers is not promised here. The gates of rollouts protect.",
    canConvict: false,
    massSilence: false,
    versions: [],
    learnt: [],
    classes: [],
  };
  /** What is proposed for every incident, as a test puts it. */
  proposed: Omit<PlanProposal, "incident" | "asOf"> = {
    playbook: null,
    because: "The cause is not known yet.",
    alternatives: [],
    request: null,
    missing: ["a playbook"],
    targets: 0,
    excluded: [],
    waves: [],
    rules: [],
    warnings: [],
    whatIf: [],
  };
  /** What devices say that are asked what steps would do there. */
  dryRunAnswers: z.infer<typeof DryRunView>["devices"] = [];
  /** The playbooks, as a test puts them. */
  playbooks: z.infer<typeof Library>["items"] = [];
  /** How incidents lie over the sites, where a test says so. */
  readonly spreads = new Map<IncidentId, z.infer<typeof IncidentSpread>>();
  private readonly timelines = new Map<IncidentId, readonly IncidentEvent[]>();
  private responses: Omit<z.infer<typeof ResponseRulesView>, "asOf"> = { rules: [], changedAt: null, changedBy: null };
  private count = 0;
  private readonly byDevice = new Map<DeviceId, DeviceView>();
  private readonly byToken = new Map<TokenId, TokenView>();
  private readonly byGroup = new Map<GroupName, Group>();
  private readonly byIncident = new Map<IncidentId, IncidentView>();
  private readonly byPlan = new Map<PlanId, PlanView>();
  private readonly byRollout = new Map<RolloutId, RolloutView>();
  private readonly byWebhook = new Map<string, WebhookView>();
  private readonly listeners = new Set<(notice: Notice) => void>();
  private readonly remembered: Notice[] = [];

  /** How many listen for notices now. */
  get listening(): number {
    return this.listeners.size;
  }

  /** The clock goes on by a second whenever something happens. */
  now(): Instant {
    return later(STARTED_AT, this.count * 1_000);
  }

  /** Says that something changed. */
  notify(topic: Notice["topic"], key: string | null): Notice {
    const notice: Notice = { id: `n${++this.count}`, topic, key };
    this.remembered.push(notice);
    if (this.remembered.length > NOTICES_KEPT) this.remembered.shift();
    for (const listener of this.listeners) listener(notice);
    return notice;
  }

  /** Changes a rollout as the engine would. */
  change(id: RolloutId, changes: Partial<RolloutView>): void {
    this.byRollout.set(id, { ...this.rolloutOf(id), ...changes });
    this.notify("rollout", id);
  }

  async overview(): Promise<Overview> {
    this.mayFail("overview");
    const devices = [...this.byDevice.values()];
    const conditions = { healthy: 0, starting: 0, "boot-loop": 0, silent: 0, away: 0, unknown: 0 };
    for (const { condition } of devices) conditions[condition]++;
    return {
      asOf: this.now(),
      sentence: `${devices.length} machines; nothing is known to be wrong.`,
      devices: devices.length,
      conditions,
      standings: standingsOf(devices),
      connected: devices.filter(({ connected }) => connected).length,
      incidents: [...this.byIncident.values()],
      rollouts: [...this.byRollout.values()].map(({ id, title, phase, because, counts }) => ({
        id,
        title,
        phase,
        because,
        counts,
      })),
      starterKeys: true,
      controllerStartedAt: STARTED_AT,
    };
  }

  async registerDevice(registration: DeviceRegistration): Promise<{ created: boolean; device: DeviceView }> {
    const { id, name, site, role } = registration;
    const known = this.byDevice.get(id);
    const device: DeviceView = {
      id,
      name,
      site,
      role,
      condition: "unknown",
      because: "It is registered, but was never heard from.",
      connected: false,
      standing: known?.standing ?? "accepted",
      standingSince: known?.standingSince ?? this.now(),
      standingBecause: known?.standingBecause ?? "A person registered it.",
      standingAdvice: null,
      counts: true,
      binding: "front",
      group: null,
      image: null,
      registeredAt: known?.registeredAt ?? this.now(),
      lastHeardAt: null,
      trust: null,
      content: [],
      lastBoot: null,
      lastHealthy: null,
      lastEnd: null,
    };
    this.byDevice.set(id, device);
    this.notify("fleet", id);
    return { created: known === undefined, device };
  }

  async makeEnrolmentToken(request: z.output<typeof TokenRequest>, by: string): Promise<z.infer<typeof TokenMade>> {
    const { uses: usesMax, lifetimeMs, ...rest } = request;
    const id = newId("token", this.now(), new Uint8Array(10).fill(++this.count));
    const view: TokenView = {
      ...rest,
      id,
      usesMax,
      uses: 0,
      createdAt: this.now(),
      createdBy: by,
      expiresAt: later(this.now(), lifetimeMs),
      revokedAt: null,
      revokedBy: null,
      state: "good",
    };
    this.byToken.set(id, view);
    return { token: EnrolmentToken.parse(`rbe_${"0".repeat(32)}`), view };
  }

  async enrolmentTokens(): Promise<z.infer<typeof TokenList>> {
    return { items: [...this.byToken.values()], asOf: this.now() };
  }

  async revokeEnrolmentToken(id: TokenId, by: string): Promise<void> {
    const view = found(this.byToken.get(id), "token", id);
    this.byToken.set(id, { ...view, state: "revoked", revokedAt: this.now(), revokedBy: by });
  }

  async setStanding(id: DeviceId, standing: "accepted" | "revoked", by: string, because: string): Promise<DeviceView> {
    const device: DeviceView = {
      ...found(this.byDevice.get(id), "device", id),
      standing,
      standingBecause: `${standing} by ${by}: ${because}`,
      counts: standing === "accepted",
    };
    this.byDevice.set(id, device);
    this.notify("fleet", id);
    return device;
  }

  async device(id: DeviceId): Promise<DeviceView> {
    return found(this.byDevice.get(id), "device", id);
  }

  /** By id only; its cursor is the id of the last one. */
  async devices(query: z.output<typeof DeviceQuery>): Promise<z.infer<typeof DevicePage>> {
    const { cursor, limit } = query;
    const all = this.filtered(query).sort((a, b) => (a.id < b.id ? -1 : 1));
    const rest = all.filter((device) => cursor === undefined || device.id > cursor);
    const items = rest.slice(0, limit).map((device) => {
      const { id, name, site, role, condition, connected, registeredAt, lastHeardAt, lastEnd, lastBoot, content } =
        device;
      const { standing, counts, group, image } = device;
      const stands = { standing, counts, group, image };
      const versions = content.map(({ source, label }) => ({ source, label }));
      const tries = lastBoot?.tries ?? null;
      return {
        id,
        name,
        site,
        role,
        condition,
        connected,
        ...stands,
        registeredAt,
        lastHeardAt,
        lastEnd,
        tries,
        versions,
      };
    });
    const conditions = { healthy: 0, starting: 0, "boot-loop": 0, silent: 0, away: 0, unknown: 0 };
    for (const { condition } of this.filtered({ ...query, condition: undefined })) conditions[condition]++;
    return {
      items,
      next: rest.length > limit ? (items.at(-1)?.id ?? null) : null,
      previous: null,
      asOf: this.now(),
      total: all.length,
      before: all.length - rest.length,
      fleet: this.byDevice.size,
      gone: 0,
      counted: this.byDevice.size,
      standings: standingsOf([...this.byDevice.values()]),
      conditions,
    };
  }

  async deviceFacets(query: z.output<typeof DeviceFacetQuery>): Promise<z.infer<typeof DeviceFacets>> {
    const bySite = Map.groupBy(this.filtered({ ...query, site: undefined }), ({ site }) => site);
    const byRole = Map.groupBy(this.filtered({ ...query, role: undefined }), ({ role }) => role);
    return {
      sites: {
        items: [...bySite].map(([site, { length }]) => ({ site, devices: length })),
        choices: bySite.size,
      },
      roles: {
        items: [...byRole].map(([role, { length }]) => ({ role, devices: length })),
        choices: byRole.size,
      },
      content: { items: [], choices: 0 },
      asOf: this.now(),
    };
  }

  async deviceBoots(id: DeviceId): Promise<z.infer<typeof BootPage>> {
    await this.device(id);
    return { items: [], next: null, asOf: this.now() };
  }

  async deviceReports(id: DeviceId): Promise<z.infer<typeof ReportPage>> {
    await this.device(id);
    return { items: [], next: null, asOf: this.now() };
  }

  async deviceOrders(id: DeviceId): Promise<z.infer<typeof OrderPage>> {
    await this.device(id);
    return { items: [], next: null, asOf: this.now() };
  }

  async groups(): Promise<z.infer<typeof GroupList>> {
    const items = [...this.byGroup.values()].map((group) => ({
      ...group,
      deviceCount: this.select(group.selector).length,
    }));
    return { items, asOf: this.now() };
  }

  async putGroup(group: Group): Promise<void> {
    this.byGroup.set(group.name, group);
  }

  async deleteGroup(name: GroupName): Promise<void> {
    if (!this.byGroup.delete(name)) throw new Refused("not-found", `There is no group ${name}.`);
  }

  async content(): Promise<z.infer<typeof ContentList>> {
    return { items: [], asOf: this.now() };
  }

  async incidents(): Promise<z.infer<typeof IncidentList>> {
    return { items: [...this.byIncident.values()], asOf: this.now() };
  }

  async incident(id: IncidentId): Promise<IncidentView> {
    return found(this.byIncident.get(id), "incident", id);
  }

  async incidentCrashes(id: IncidentId): Promise<z.infer<typeof IncidentCrashPage>> {
    found(this.byIncident.get(id), "incident", id);
    return { items: [], next: null, asOf: this.now() };
  }

  async declareIncident(request: z.infer<typeof IncidentRequest>, by: string): Promise<IncidentView> {
    this.made.incidents++;
    const incident: IncidentView = {
      id: this.id("inc"),
      title: request.title,
      state: "open",
      cause: "declared",
      sentence: `${by} declared it faulty.`,
      content: { ...request.content, label: null },
      versions: [{ ...request.content, label: null, verdict: "declared" }],
      evidence: { sentence: request.evidence, for: [], against: [], unknown: [] },
      counts: null,
      closedAt: null,
      mergedInto: null,
      affected: 0,
      exposedAndWell: 0,
      notExposed: 0,
      unknown: 0,
      response: {
        mode: "notify",
        because: "Nothing is done by itself about what a person declared.",
        rolloutsHalted: [],
        mayHalt: false,
        haltWould: [],
        plan: null,
      },
      declaredAt: this.now(),
      declaredBy: by,
      exposed: 0,
      crashed: 0,
      crashes: { sentence: "No crash evidence has come in.", devices: 0, bugchecks: [], suspects: [] },
    };
    this.showIncident(incident, {
      kind: "opened",
      at: incident.declaredAt,
      by: { kind: "person", name: by },
      cause: "declared",
      title: incident.title,
      versions: incident.versions,
      because: request.evidence,
    });
    return incident;
  }

  /** Shows an incident as detection would have opened it, or changes one; the event goes on its timeline. */
  showIncident(incident: IncidentView, event?: IncidentEvent): void {
    this.byIncident.set(incident.id, incident);
    if (event !== undefined) this.timelines.set(incident.id, [...(this.timelines.get(incident.id) ?? []), event]);
    this.notify("incident", incident.id);
  }

  async incidentTimeline(id: IncidentId): Promise<z.infer<typeof IncidentTimeline>> {
    await this.incident(id);
    return { items: [...(this.timelines.get(id) ?? [])], asOf: this.now() };
  }

  async incidentSpread(id: IncidentId): Promise<z.infer<typeof IncidentSpread>> {
    await this.incident(id);
    const others = { sites: 0, devices: 0, affected: 0 };
    return this.spreads.get(id) ?? { sites: [], others, asOf: this.now() };
  }

  async haltIncident(
    id: IncidentId,
    { because }: z.infer<typeof IncidentHaltRequest>,
    by: string,
  ): Promise<z.infer<typeof IncidentHaltAnswer>> {
    this.mayFail("haltIncident");
    const incident = await this.incident(id);
    if (incident.state !== "open") throw new Refused("wrong-state", "This incident is not open. Open it again first.");
    const rollouts = [...this.byRollout.values()].filter(({ phase }) => phase === "running").map((each) => each.id);
    for (const rollout of rollouts) this.change(rollout, { phase: "halted", because });
    const response = { ...incident.response, rolloutsHalted: rollouts, mayHalt: false, haltWould: [] };
    const actor = { kind: "person", name: by } as const;
    this.showIncident(
      { ...incident, response },
      { kind: "rollouts-halted", at: this.now(), by: actor, rollouts, because },
    );
    return {
      done: [rollouts.length === 1 ? "1 rollout is halted." : `${rollouts.length} rollouts are halted.`],
      failed: [],
      waits: ["A hold of the source waits for an approver: ringback holds approve."],
    };
  }

  async closeIncident(id: IncidentId, { because }: z.infer<typeof IncidentClosing>, by: string): Promise<IncidentView> {
    const closed: IncidentView = { ...(await this.incident(id)), state: "closed", closedAt: this.now() };
    this.showIncident(closed, { kind: "closed", at: this.now(), by: { kind: "person", name: by }, because });
    return closed;
  }

  async reopenIncident(
    id: IncidentId,
    { because }: z.infer<typeof IncidentClosing>,
    by: string,
  ): Promise<IncidentView> {
    const open: IncidentView = { ...(await this.incident(id)), state: "open", closedAt: null };
    this.showIncident(open, { kind: "reopened", at: this.now(), by: { kind: "person", name: by }, because });
    return open;
  }

  async mergeIncident(
    id: IncidentId,
    { into, because }: z.infer<typeof IncidentMerging>,
    by: string,
  ): Promise<IncidentView> {
    const [from, target] = [await this.incident(id), await this.incident(into)];
    const actor = { kind: "person", name: by } as const;
    this.showIncident(
      { ...from, state: "merged", mergedInto: into },
      { kind: "merged", at: this.now(), by: actor, into, because },
    );
    this.showIncident(target, { kind: "absorbed", at: this.now(), by: actor, from: id, because });
    return target;
  }

  async detection(): Promise<DetectionView> {
    this.mayFail("detection");
    return { ...this.detected, devices: this.byDevice.size, asOf: this.now() };
  }

  async responseRules(): Promise<z.infer<typeof ResponseRulesView>> {
    return { ...this.responses, asOf: this.now() };
  }

  async putResponseRules({ rules }: ResponseRules, by: string): Promise<z.infer<typeof ResponseRulesView>> {
    this.responses = { rules, changedAt: this.now(), changedBy: by };
    return this.responseRules();
  }

  async plans(): Promise<z.infer<typeof PlanList>> {
    return { items: [...this.byPlan.values()].reverse(), asOf: this.now() };
  }

  async plan(id: PlanId): Promise<PlanView> {
    return found(this.byPlan.get(id), "plan", id);
  }

  async makePlan(request: z.output<typeof PlanRequest>, by: string): Promise<PlanView> {
    const devices = this.select(request.devices);
    if (devices.length === 0)
      throw new Refused("nothing-selected", "The selector matches no device. Nothing was stored.");
    return this.addPlan(request, devices, null, by);
  }

  async makeUndoPlan(id: RolloutId, by: string): Promise<PlanView> {
    const plan = await this.plan(this.rolloutOf(id).plan);
    return this.addPlan(
      { ...plan, supplements: null, title: `Undo: ${plan.title}`, devices: { all: true } },
      [...this.byDevice.values()],
      plan.id,
      by,
    );
  }

  async approvePlan(id: PlanId, digest: Sha256, by: string): Promise<PlanView> {
    const plan = await this.plan(id);
    if (plan.approvedAt !== null) throw new Refused("wrong-state", "This plan is approved already.");
    if (plan.digest !== digest)
      throw new Refused("conflict", "This is not the digest of the plan. Read the plan again.");
    const approved: PlanView = { ...plan, approval: "approved", approvedAt: this.now(), approvedBy: by };
    this.byPlan.set(id, approved);
    this.notify("plan", id);
    return approved;
  }

  async startRollout(plan: PlanId, by: string): Promise<RolloutView> {
    const planned = await this.plan(plan);
    if (planned.approvedAt === null)
      throw new Refused("wrong-state", "This plan is not approved yet. Approve it first.");
    if (planned.rollout !== null) throw new Refused("conflict", `This plan was started already as ${planned.rollout}.`);
    this.made.rollouts++;
    const id = this.id("rollout");
    this.byPlan.set(plan, { ...planned, rollout: id });
    this.byRollout.set(id, this.newRollout(id, planned, by));
    this.notify("rollout", id);
    return this.rolloutOf(id);
  }

  async rollouts(): Promise<z.infer<typeof RolloutList>> {
    return { items: [...this.byRollout.values()], asOf: this.now() };
  }

  async rollout(id: RolloutId): Promise<RolloutView> {
    return { ...this.rolloutOf(id), asOf: this.now() };
  }

  async rolloutDevices(
    id: RolloutId,
    query: z.output<typeof RolloutDeviceQuery>,
  ): Promise<z.infer<typeof RolloutDevicePage>> {
    const { startedAt } = this.rolloutOf(id);
    const items = [...this.byDevice.values()].slice(0, query.limit).map(({ id: device, name, site, role }) => ({
      device,
      name,
      site,
      role,
      wave: query.wave ?? 0,
      status: "waiting" as const,
      connected: false,
      order: null,
      since: startedAt,
      detail: null,
    }));
    return { items, next: null, asOf: this.now() };
  }

  async rolloutEvidence(): Promise<EvidenceBundle> {
    return anEvidenceBundle();
  }

  async act(id: RolloutId, action: RolloutAction, by: string, because: string): Promise<RolloutView> {
    const rollout = this.rolloutOf(id);
    if (rollout.phase === "completed" || rollout.phase === "aborted") {
      throw new Refused("wrong-state", `The rollout is ${rollout.phase}; it cannot ${action} any more.`);
    }
    const phase = PHASE_AFTER[action];
    const kind = ({ paused: "paused", running: "resumed", halted: "halted", aborted: "aborted" } as const)[
      phase as "paused" | "running" | "halted" | "aborted"
    ];
    const event = { kind, at: this.now(), by: { kind: "person" as const, name: by }, because };
    this.change(id, { phase, because: `${by}: ${because}`, events: [...rollout.events, event] });
    return this.rolloutOf(id);
  }

  async editPlan(id: PlanId, request: z.output<typeof PlanRequest>): Promise<PlanView> {
    const plan = await this.plan(id);
    if (plan.rollout !== null) throw new Refused("wrong-state", "This plan was started already.");
    const { title, playbook, strategy, incident } = request;
    const digest = digestOf({ id, title, playbook, strategy });
    const edited: PlanView = { ...plan, title, playbook, strategy, incident, digest, ...NOT_APPROVED };
    this.byPlan.set(id, edited);
    return edited;
  }

  async addApproval(id: PlanId): Promise<PlanView> {
    return this.plan(id);
  }

  async trust(): Promise<TrustView> {
    const document = aTrust({ version: 1 });
    const envelope = sealTrust(document);
    const policy = aPolicy();
    return {
      document,
      digest: payloadDigest(envelope),
      documents: [envelope],
      policy,
      policyEnvelope: sealPolicy(policy),
      starterRoles: ["roots", "policyHolders", "approvers"],
      online: present(document.online[0]),
      sentence: "Starter keys on the controller can still approve plans.",
      devices: { versions: [], starterLeftIn: null, behind: { total: 0, items: [] } },
      asOf: this.now(),
    };
  }
  async publishTrust(): Promise<TrustView> {
    return this.trust();
  }
  async publishPolicy(): Promise<TrustView> {
    return this.trust();
  }
  async signAsStarter(): Promise<Envelope["signatures"][number]> {
    return { keyid: KeyId.parse(digestOf("starter")), sig: "AAAA" };
  }

  async emergency(): Promise<EmergencyView> {
    const inForce = this.stopped.map((stop) => ({ stop, stored: true, word: null, resumedAt: null, resumedBy: null }));
    const sentence = inForce.length === 0 ? "Nothing is stopped." : "Ada Admin stopped everything.";
    return { inForce, ended: [], sentence, asOf: this.now() };
  }
  async stopEverything(because: string, by: string): Promise<EmergencyView> {
    const at = this.now();
    if (this.stopped.length === 0)
      this.stopped.push({ stopId: newId("stop", at, new Uint8Array(10)), at, by, because });
    return this.emergency();
  }
  async renewResume(): Promise<EmergencyView> {
    return this.emergency();
  }
  async addResumeApproval(): Promise<EmergencyView> {
    this.stopped.length = 0;
    return this.emergency();
  }
  async approveResume(): Promise<EmergencyView> {
    return this.addResumeApproval();
  }
  async holds(): Promise<z.infer<typeof HoldList>> {
    return { items: [...this.held.values()], asOf: this.now() };
  }
  async makeHold({ source, hours, because }: z.infer<typeof HoldRequest>, by: string): Promise<HoldView> {
    const at = this.now();
    const id = newId("hold", at, new Uint8Array(10).fill(++this.count));
    const over = { holdId: id, until: later(at, hours * 3_600_000) };
    const envelope = aHold({ source, from: at, over });
    const { payloadType, payload } = envelope;
    const hold: HoldView = {
      id,
      statement: peek(envelope, HoldStatement),
      standing: "waiting",
      because,
      madeAt: at,
      madeBy: by,
      statementDigest: payloadDigest(envelope),
      signed: { payloadType, payload },
      approvals: [],
      approvalsNeeded: 1,
      envelope: null,
      releasedAt: null,
      releasedBy: null,
    };
    this.held.set(id, hold);
    return hold;
  }
  async addHoldApproval(id: HoldId): Promise<HoldView> {
    return this.changeHold(id, { standing: "in-force" });
  }
  async approveHold(id: HoldId): Promise<HoldView> {
    return this.changeHold(id, { standing: "in-force" });
  }
  async releaseHold(id: HoldId, by: string): Promise<HoldView> {
    return this.changeHold(id, { standing: "released", releasedAt: this.now(), releasedBy: by });
  }
  async refusals(): Promise<z.infer<typeof RefusalPage>> {
    return { items: [...this.refused], next: null, asOf: this.now() };
  }

  async library(): Promise<z.infer<typeof Library>> {
    return { items: [...this.playbooks], asOf: this.now() };
  }
  async incidentProposal(id: IncidentId): Promise<PlanProposal> {
    this.mayFail("incidentProposal");
    await this.incident(id);
    return { incident: id, ...this.proposed, asOf: this.now() };
  }
  async planIncident(id: IncidentId, _request: unknown, by: string): Promise<PlanView> {
    const { request, because } = await this.incidentProposal(id);
    if (request === null) throw new Refused("wrong-state", because);
    return this.makePlan(request, by);
  }
  async startDryRun(id: IncidentId): Promise<z.infer<typeof DryRunView>> {
    return this.dryRun(id);
  }
  async dryRun(id: IncidentId): Promise<z.infer<typeof DryRunView>> {
    await this.incident(id);
    const devices = [...this.dryRunAnswers];
    return { devices, sentence: `${devices.length} devices were asked. Nothing was changed.`, asOf: this.now() };
  }

  async connectors(): Promise<z.infer<typeof ConnectorList>> {
    return { items: [], asOf: this.now() };
  }
  async webhooks(): Promise<z.infer<typeof WebhookList>> {
    return { items: [...this.byWebhook.values()], asOf: this.now() };
  }
  async makeWebhook({ name, url }: z.infer<typeof WebhookRequest>): Promise<z.infer<typeof WebhookMade>> {
    if (this.byWebhook.has(name)) throw new Refused("conflict", `There is a webhook "${name}" already.`);
    this.byWebhook.set(name, { name, url, state: "not-tried", because: "Nothing was sent yet.", deliveries: [] });
    return this.rotateWebhook(name);
  }
  async deleteWebhook(name: string): Promise<void> {
    present(this.byWebhook.get(name), `webhook ${name}`);
    this.byWebhook.delete(name);
  }
  async rotateWebhook(name: string): Promise<z.infer<typeof WebhookMade>> {
    return { name, secret: "whsec_AAAA", publicKey: "whpk_AAAA" };
  }
  async switchWebhook(name: string, isOn: boolean): Promise<WebhookView> {
    const state: WebhookView["state"] = isOn ? "not-tried" : "disabled";
    const view = { ...present(this.byWebhook.get(name), `webhook ${name}`), state };
    this.byWebhook.set(name, view);
    return view;
  }
  async testWebhook(name: string): Promise<WebhookView> {
    return present(this.byWebhook.get(name), `webhook ${name}`);
  }

  onNotice(call: (notice: Notice) => void): () => void {
    this.listeners.add(call);
    return () => this.listeners.delete(call);
  }

  noticesAfter(id: string | undefined): { readonly items: readonly Notice[]; readonly last: string } {
    const last = this.remembered.at(-1)?.id ?? "n0";
    if (id === last) return { items: [], last };
    const index = this.remembered.findIndex((notice) => notice.id === id);
    return index >= 0
      ? { items: this.remembered.slice(index + 1), last }
      : { items: [{ id: last, topic: "reset", key: null }], last };
  }

  private addPlan(
    { title, playbook, strategy, incident }: z.output<typeof PlanRequest>,
    devices: readonly DeviceView[],
    undoes: PlanId | null,
    by: string,
  ): PlanView {
    this.made.plans++;
    const id = this.id("plan");
    const sites = Map.groupBy(devices, ({ site }) => site);
    const plan: PlanView = {
      id,
      title,
      createdAt: this.now(),
      createdBy: by,
      incident,
      undoes,
      playbook,
      strategy,
      digest: digestOf({ id, title, playbook, strategy }),
      waves: strategy.waves.map(({ name }, i) => ({
        name,
        deviceCount: i === 0 ? devices.length : 0,
        sites: i === 0 ? [...sites].map(([site, those]) => ({ site, deviceCount: those.length })) : [],
      })),
      supplements: null,
      statement: null,
      statementDigest: null,
      signed: null,
      approvalsNeeded: 1,
      ...NOT_APPROVED,
      rollout: null,
    };
    this.byPlan.set(id, plan);
    this.notify("plan", id);
    return plan;
  }

  private newRollout(id: RolloutId, plan: PlanView, by: string): RolloutView {
    const startedAt = this.now();
    const waves: RolloutView["waves"] = plan.waves.map(({ name, deviceCount }, i) => {
      const { gate } = plan.strategy.waves[i] as (typeof plan.strategy.waves)[number]; // made of the same waves
      const counts = countsOf(deviceCount);
      const deadline = i === 0 ? later(startedAt, gate.deadlineMs) : null;
      return {
        name,
        state: i === 0 ? "open" : "not-open",
        openedAt: i === 0 ? startedAt : null,
        gate,
        counts,
        decision: {
          verdict: "wait",
          rule: i === 0 ? "minimum-sample" : "not-open",
          observed: null,
          sample: 0,
          sampleMin: 1,
          deadline,
          heldSince: null,
          counts,
          because: i === 0 ? "no device of this wave has answered yet" : "the waves before it are not done",
        },
      };
    });
    return {
      id,
      plan: plan.id,
      incident: plan.incident,
      undoes: plan.undoes,
      title: plan.title,
      phase: "running",
      because: "the first wave is open",
      waitsFor: ["1 device to take its order"],
      startedAt,
      validUntil: later(startedAt, plan.strategy.validityMs),
      waves,
      counts: countsOf(this.byDevice.size),
      events: [{ kind: "started", at: startedAt, by: { kind: "person", name: by } }],
      asOf: startedAt,
    };
  }

  private changeHold(id: HoldId, over: Partial<HoldView>): HoldView {
    const hold = { ...found(this.held.get(id), "hold", id), ...over };
    this.held.set(id, hold);
    return hold;
  }

  private rolloutOf(id: RolloutId): RolloutView {
    return found(this.byRollout.get(id), "rollout", id);
  }

  private filtered({ site, role, condition, search }: z.output<typeof DeviceFacetQuery>): DeviceView[] {
    return [...this.byDevice.values()]
      .filter((device) => (site ?? device.site) === device.site && (role ?? device.role) === device.role)
      .filter((device) => (condition ?? device.condition) === device.condition)
      .filter(({ name }) => name.toLowerCase().includes((search ?? "").toLowerCase()));
  }

  private select(selector: Selector): DeviceView[] {
    return [...this.byDevice.values()].filter((device) =>
      matches(selector, { ...device, isIn: () => false, runs: () => false, isSilentSince: () => false }),
    );
  }

  private id<P extends "inc" | "plan" | "rollout">(prefix: P) {
    return newId(prefix, this.now(), new Uint8Array(10).fill(++this.count));
  }

  private mayFail(method: keyof Administration): void {
    if (this.failing === method) throw new Error("the disk is on fire at /secret/path");
  }
}

function found<Thing>(thing: Thing | undefined, kind: string, id: string): Thing {
  if (thing === undefined) throw new Refused("not-found", `There is no ${kind} ${id}.`);
  return thing;
}

/** Everything still waits, and nobody is connected. */
const countsOf = (planned: number): WaveCounts => ({
  planned,
  waiting: planned,
  unreached: planned,
  offered: 0,
  queued: 0,
  running: 0,
  silent: 0,
  timedOut: 0,
  succeeded: 0,
  failed: 0,
  refused: 0,
  notApplicable: 0,
  stopped: 0,
});
