/** Builders for what is stored; name only what the test is about. */
import type { DeviceRegistration } from "../../protocol/api.ts";
import { digestOf, Sha256, sha256Hex } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { Envelope } from "../../protocol/dsse.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { type EpochId, type IncidentId, newId, type OrderId, type PlanId, type RolloutId } from "../../protocol/ids.ts";
import { Role, Site } from "../../protocol/names.ts";
import { Plan } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import type { MailboxPost } from "../../controller/store/mailbox.ts";
import type { PlanRow } from "../../controller/store/plans.ts";
import type { IngestReport } from "../../controller/store/reports.ts";
import type { RolloutAppend, RolloutDeviceRow, RolloutRow } from "../../controller/store/rollouts.ts";
import type { Unsigned } from "../../controller/store/signing.ts";
import { aBoot, device, NOON } from "./fleet-builders.ts";
import { aKey } from "./keys.ts";

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: 10 }, (_, i) => (n >> (8 * (9 - i))) & 255);
export const epoch = (n: number): EpochId => newId("epoch", NOON, bytes(n));
export const order = (n: number): OrderId => newId("order", NOON, bytes(n));
export const planId = (n: number): PlanId => newId("plan", NOON, bytes(n));
export const rolloutId = (n: number): RolloutId => newId("rollout", NOON, bytes(n));
export const incidentId = (n: number): IncidentId => newId("inc", NOON, bytes(n));
export const hash = (text: string): Sha256 => sha256Hex(new TextEncoder().encode(text));
export const SOURCE = ContentSourceId.parse("acme.channel-7");

const DEVICE_KEY = aKey("a device").publicKey;

export const aRegistration = (n: number, over: Partial<DeviceRegistration> = {}): DeviceRegistration => ({
  id: device(n),
  publicKey: DEVICE_KEY,
  name: `PC-${n}`,
  site: Site.parse("Ward 1"),
  role: Role.parse("workstation"),
  ...over,
});

export const bootBegan = (boot: string = "boot-1"): Extract<ReportBody, { kind: "boot-began" }> => ({
  kind: "boot-began",
  boot: aBoot({ bootId: boot as ReturnType<typeof aBoot>["bootId"] }),
});

/** `said` stands for the bytes: reports of the same sequence with other words are a conflict. */
export function aReport(
  n: number,
  sequence: number,
  over: { epoch?: EpochId; body?: ReportBody; at?: Instant; said?: string } = {},
): IngestReport {
  const body = over.body ?? bootBegan(`boot-${sequence}`);
  return {
    deviceId: device(n),
    epoch: over.epoch ?? epoch(1),
    sequence,
    digest: digestOf({ body, said: over.said ?? "" }),
    receivedAt: over.at ?? NOON,
    body,
  };
}

export const anEnvelope = (of: string): Envelope =>
  Envelope.parse({
    payloadType: "application/vnd.ringback.wave-order+json",
    payload: Buffer.from(of).toString("base64"),
    signatures: [{ keyid: hash("a key"), sig: Buffer.from("a signature").toString("base64") }],
  });

/** As bytes to sign; what they say does not matter here. */
export const aStatement = (n: number): Unsigned => ({
  payloadType: "application/vnd.ringback.plan-statement+json",
  payload: Buffer.from(`statement ${n}`).toString("base64"),
});
export const statementDigest = (n: number): Sha256 => sha256Hex(Buffer.from(`statement ${n}`));

export function aPlanRow(n: number, over: Partial<PlanRow> = {}): PlanRow {
  const patience = { offerMs: 60_000, silentMs: 60_000, orderMs: 600_000 };
  const gate = { successShareMin: 0.9, failureShareMax: 0.1, sampleMin: { count: 1 }, bakeMs: 0, deadlineMs: 60_000 };
  const plan = Plan.parse({
    id: planId(n),
    title: `Plan ${n}`,
    createdAt: NOON + n,
    playbook: { name: "undo", title: "Undo", source: SOURCE, steps: [{ kind: "reboot", noticeMs: 0 }] },
    strategy: {
      waves: [{ name: "all", take: { rest: true }, gate }],
      budgets: { inFlightMax: 10 },
      patience,
      validityMs: 86_400_000,
    },
    incident: null,
    undoes: null,
    waves: [{ name: "all", devices: [device(1)] }],
  });
  const unapproved = {
    generation: 1,
    statement: aStatement(n),
    approvals: [],
    envelope: null,
    approvedAt: null,
    approvedBy: null,
    rollout: null,
  };
  return { plan, digest: digestOf(plan), createdBy: "Ada", ...unapproved, ...over };
}

export const aRolloutRow = (n: number): RolloutRow => ({
  id: rolloutId(n),
  plan: planId(n),
  startedAt: NOON,
  version: 1,
  cursor: {},
});

export const aRolloutDevice = (n: number, over: Partial<RolloutDeviceRow> = {}): RolloutDeviceRow => ({
  device: device(n),
  wave: 0,
  status: "waiting",
  generation: 0,
  order: null,
  since: NOON,
  detail: null,
  ...over,
});

export const aPost = (n: number, orderNumber: number, plan: PlanId = planId(1)): MailboxPost => ({
  device: device(n),
  order: order(orderNumber),
  plan,
  envelope: anEnvelope(`order ${orderNumber}`),
});

export const anAppend = (over: Partial<RolloutAppend> = {}): RolloutAppend => ({
  rollout: rolloutId(1),
  expectedVersion: 1,
  leaderEpoch: 1,
  events: [],
  rows: [],
  posts: [],
  recalls: [],
  withdrawals: [],
  cursor: {},
  ...over,
});
