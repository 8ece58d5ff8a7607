/**
 * The schemas of the API by the names they have in the OpenAPI document.
 *
 * OpenAPI 3.1 takes JSON Schema 2020-12 as it is, so they are zod's own rendering: as input for what is sent, and as
 * output for what is answered. A schema that is named here is referred to wherever it stands inside another.
 */
import { IncidentList, IncidentRequest, IncidentView } from "../../protocol/api-incidents.ts";
import { z } from "zod";
import * as api from "../../protocol/api.ts";
import * as device from "../../protocol/api-device.ts";
import { DeviceFacets, DevicePage, DeviceSummary } from "../../protocol/api-devices.ts";
import * as trust from "../../protocol/api-trust.ts";
import { BootEnd, BootEvidence, BootHealthy, BootReport, CrashDump, LoggedBoot } from "../../protocol/boot.ts";
import { ContentVersion } from "../../protocol/content.ts";
import { Envelope } from "../../protocol/dsse.ts";
import { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import { ReportBody } from "../../protocol/frames.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { Playbook, Step } from "../../protocol/playbook.ts";
import { Receipt } from "../../protocol/progress.ts";
import { Problem } from "../../protocol/problem.ts";
import { GateDecision, RolloutEvent, WaveCounts } from "../../protocol/rollout.ts";
import { Selector } from "../../protocol/selector.ts";
import { Budgets, Gate, Strategy } from "../../protocol/strategy.ts";
import { Policy } from "../../protocol/policy.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";

export type Json = Readonly<Record<string, unknown>>;
type Direction = "input" | "output";

/** What callers send. Fields with a default may be left out. */
const SENT = {
  SetupRequest: api.SetupRequest,
  SignInRequest: api.SignInRequest,
  DeviceRegistration: api.DeviceRegistration,
  GroupBody: api.GroupBody,
  IncidentRequest,
  PlanRequest: api.PlanRequest,
  ApprovalRequest: api.ApprovalRequest,
  RolloutRequest: api.RolloutRequest,
  RolloutActionBody: api.RolloutActionBody,
  SignatureRequest: trust.SignatureRequest,
  PublishRequest: trust.PublishRequest,
  StarterSignatureRequest: trust.StarterSignatureRequest,
} as const;

/** What the controller answers. Every field is there. */
const ANSWERED = {
  SetupAnswer: api.SetupAnswer,
  SessionView: api.SessionView,
  Overview: api.Overview,
  DeviceView: api.DeviceView,
  DeviceSummary,
  DevicePage,
  DeviceFacets,
  BootView: device.BootView,
  BootPage: device.BootPage,
  BootEnding: device.BootEnding,
  StoredReport: device.StoredReport,
  ReportPage: device.ReportPage,
  DeviceOrderView: device.DeviceOrderView,
  OrderPage: device.OrderPage,
  GroupView: api.GroupView,
  GroupList: api.GroupList,
  ContentVersionView: api.ContentVersionView,
  ContentList: api.ContentList,
  IncidentView,
  IncidentList,
  PlanView: api.PlanView,
  PlanList: api.PlanList,
  WaveView: api.WaveView,
  RolloutView: api.RolloutView,
  RolloutList: api.RolloutList,
  RolloutDeviceView: api.RolloutDeviceView,
  RolloutDevicePage: api.RolloutDevicePage,
  EvidenceBundle,
  Notice: api.Notice,
  NoticeList: api.NoticeList,
  ApprovalView: api.ApprovalView,
  TrustView: trust.TrustView,
  StarterSignature: trust.StarterSignature,
  TrustDocument,
  Policy,
  Problem,
  BootReport,
  BootHealthy,
  BootEnd,
  BootEvidence,
  CrashDump,
  LoggedBoot,
  ReportBody,
  Receipt,
  ContentVersion,
  Envelope,
  PlanStatement,
  Strategy,
  Budgets,
  RolloutEvent,
  GateDecision,
  WaveCounts,
} as const;

/** The same either way: they have no defaults. */
const EITHER = { Playbook, Step, Selector, Gate } as const;

type Named = Readonly<Record<string, z.ZodType>>;
const NAMED: Readonly<Record<Direction, Named>> = { input: { ...SENT, ...EITHER }, output: { ...ANSWERED, ...EITHER } };

export const referenceTo = (id: string): Json => ({ $ref: addressOf(id) });
const addressOf = (id: string): string => `#/components/schemas/${id}`;

/** All named schemas. */
export const componentSchemas = (): Json => ({ ...render("input"), ...render("output") });

/** A reference to the schema, or the schema itself if it has no name. */
export function schemaOf(schema: z.ZodType, direction: Direction): Json {
  const name = Object.entries(NAMED[direction]).find(([, other]) => other === schema)?.[0];
  return name === undefined ? bare(z.toJSONSchema(schema, { io: direction })) : referenceTo(name);
}

function render(direction: Direction): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED[direction])) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: addressOf, io: direction });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** Where a schema stands in the document says which dialect and name it has. */
const bare = ({ $schema: _schema, $id: _id, ...rest }: Json): Json => rest;
