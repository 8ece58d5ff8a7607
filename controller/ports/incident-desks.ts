/** What people may ask about what is wrong: incidents, detection, what is proposed, who is told. */
import type { z } from "zod";
import type {
  ConnectorList,
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
} from "../../protocol/api-incidents.ts";
import type {
  DryRunRequest,
  DryRunView,
  Library,
  PlanProposal,
  ProposalQuery,
  ProposedPlanRequest,
} from "../../protocol/api-proposals.ts";
import type { IncidentCrashPage, PageQuery, PlanView } from "../../protocol/api.ts";
import type { IncidentId } from "../../protocol/ids.ts";

export interface IncidentDesk {
  incidents(): Promise<z.infer<typeof IncidentList>>;
  incident(id: IncidentId): Promise<IncidentView>;
  /** The evidence of crashes that is kept with the incident, by device. */
  incidentCrashes(id: IncidentId, query: z.output<typeof PageQuery>): Promise<z.infer<typeof IncidentCrashPage>>;
  declareIncident(request: z.infer<typeof IncidentRequest>, by: string): Promise<IncidentView>;
  /** What happened, oldest first. */
  incidentTimeline(id: IncidentId): Promise<z.infer<typeof IncidentTimeline>>;
  /** How it lies over the sites. */
  incidentSpread(id: IncidentId): Promise<z.infer<typeof IncidentSpread>>;
  closeIncident(id: IncidentId, request: z.infer<typeof IncidentClosing>, by: string): Promise<IncidentView>;
  reopenIncident(id: IncidentId, request: z.infer<typeof IncidentClosing>, by: string): Promise<IncidentView>;
  /** Answers the incident in which all goes on. */
  mergeIncident(id: IncidentId, request: z.infer<typeof IncidentMerging>, by: string): Promise<IncidentView>;
}

export interface HaltDesk {
  /** Everything that one person may stop about it, in one go. What could not be done is in the answer, not a refusal. */
  haltIncident(
    id: IncidentId,
    request: z.infer<typeof IncidentHaltRequest>,
    by: string,
  ): Promise<z.infer<typeof IncidentHaltAnswer>>;
}

export interface DetectionDesk {
  /** What detection sees, and what it can promise on this fleet. */
  detection(): Promise<DetectionView>;
  /** What the controller may do by itself, by source. */
  responseRules(): Promise<z.infer<typeof ResponseRulesView>>;
  putResponseRules(rules: ResponseRules, by: string): Promise<z.infer<typeof ResponseRulesView>>;
}

export interface ProposalDesk {
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
}

export interface NotifyDesk {
  /** Ways to vendors, as they are set up. */
  connectors(): Promise<z.infer<typeof ConnectorList>>;
  webhooks(): Promise<z.infer<typeof WebhookList>>;
  /** The secret is in this answer and nowhere else. */
  makeWebhook(request: z.infer<typeof WebhookRequest>, by: string): Promise<z.infer<typeof WebhookMade>>;
  deleteWebhook(name: string): Promise<void>;
  rotateWebhook(name: string): Promise<z.infer<typeof WebhookMade>>;
  switchWebhook(name: string, isOn: boolean, by: string): Promise<WebhookView>;
  testWebhook(name: string): Promise<WebhookView>;
}
