/**
 * Frames of the WebSocket subprotocol `ringback.v1`: JSON text, one object a message.
 *
 * A receiver refuses what it does not know; a sender emits only what the peer declared in the hello. Reports are
 * delivered at least once and are effective once: (device, epoch, sequence) names a report, its bytes never change.
 */
import { z } from "zod";
import { BootHealthy, BootReport } from "./boot.ts";
import { ContentChange, ContentSourceId } from "./content.ts";
import { Envelope } from "./dsse.ts";
import { firstFault } from "./fault.ts";
import { EmergencyStop } from "./emergency.ts";
import { Nonce } from "./freshness.ts";
import { CheckAnswer, CheckQuestion } from "./check.ts";
import { CheckId, DeviceId, EpochId, HoldId, OrderId, StopId } from "./ids.ts";
import { text } from "./names.ts";
import { Order } from "./plan.ts";
import { RefusalRule, StepProgress, TrustRefusalRule } from "./progress.ts";
import { Instant } from "./time.ts";

export const SUBPROTOCOL = "ringback.v1";
export const AGENT_PATH = "/agent/v1";
/**
 * The schema minor that this code speaks, and the oldest that it still understands.
 * 1: a boot report carries evidence; a stop names its orders.
 * 2: the login says which trust and policy a device has and may resume an earlier one; orders come with a word of
 *    freshness; trust, policy, emergency stops and holds are delivered and answered; steps have receipts.
 * 3: more kinds of steps, and with them what receipts name. No frame is new: who does not know a step refuses its order.
 * 4: a boot report says what the machine is; versions may stand in the registry; a device may be asked what steps would
 *    do there, which is no order.
 * 5: what the machine is says its time zone, too.
 */
export const SCHEMA_MINOR = { newest: 5, oldest: 0 } as const;
/** Anything larger goes by upload, never in a frame. */
export const AGENT_FRAME_BYTES_MAX = 64 * 1024;
/** Orders carry a statement with up to 2,000 sites. */
export const CONTROLLER_FRAME_BYTES_MAX = 512 * 1024;

/** Why a socket was closed, as a code that a program can switch on. The reason in the close frame is for people. */
export const CLOSE = {
  goingAway: 1001,
  unsupportedData: 1003,
  notUtf8: 1007,
  tooLarge: 1009,
  tryAgainLater: 1013,
  malformed: 4400,
  loginRefused: 4401,
  notLoggedIn: 4403,
  loginTimeout: 4408,
  replayConflict: 4409,
  schemaMinor: 4426,
  tooManyFrames: 4429,
  replaced: 4440,
  /** An administrator has revoked the device. */
  revoked: 4441,
  /** Two machines live with this identity: neither is given orders. */
  cloned: 4442,
} as const;

const Sequence = z.int().min(1);

/** Which trust document and which policy a device has; 0: none. */
const TrustVersions = { trustVersion: z.int().min(0), policyVersion: z.int().min(0) };

// ---- what a device reports; each of these is durable on both sides -------------------------------------------------

export const ReportBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("boot-began"), boot: BootReport }),
  z.strictObject({ kind: z.literal("boot-healthy"), healthy: BootHealthy }),
  z.strictObject({ kind: z.literal("content-changed"), entry: ContentChange }),
  z.strictObject({ kind: z.literal("order-accepted"), orderId: OrderId }),
  z.strictObject({ kind: z.literal("order-refused"), orderId: OrderId, rule: RefusalRule, because: text(1_000) }),
  z.strictObject({ kind: z.literal("step-progress"), progress: StepProgress }),
  /** The envelope holds a `Receipt` signed by the device. */
  z.strictObject({ kind: z.literal("order-ended"), orderId: OrderId, receipt: Envelope }),
  /** Going on purpose: the silence that follows is announced. */
  z.strictObject({ kind: z.literal("leaving"), reason: z.enum(["shutdown", "restart", "sleep", "service-stop"]) }),
  /** Since minor 2: whom this device believes now. Version 0: it has none. */
  z.strictObject({ kind: z.literal("trust-changed"), ...TrustVersions }),
  /** Since minor 2: what came and was not believed. */
  z.strictObject({
    kind: z.literal("trust-refused"),
    what: z.enum(["trust", "policy", "resume", "hold"]),
    rule: TrustRefusalRule,
    because: text(1_000),
  }),
  /** Since minor 2. */
  z.strictObject({ kind: z.literal("emergency"), stopId: StopId, state: z.enum(["stopped", "resumed"]) }),
  /** Since minor 2. The device releases a hold by itself when its time is over. */
  z.strictObject({
    kind: z.literal("hold-changed"),
    holdId: HoldId,
    source: ContentSourceId,
    state: z.enum(["held", "released"]),
  }),
]);
export type ReportBody = z.infer<typeof ReportBody>;

// ---- agent to controller -------------------------------------------------------------------------------------------

export const Hello = z.strictObject({
  type: z.literal("hello"),
  minor: z.strictObject({ newest: z.int().min(0), oldest: z.int().min(0) }),
  deviceId: DeviceId,
  agentVersion: text(40),
  epoch: EpochId,
});
/** 16 random bytes in base64, made by each process of an agent: two machines with one identity differ in it. */
const Instance = z.base64().length(24);
/** Opaque to the device. */
const Ticket = z.base64url().max(400);
export const Login = z.strictObject({
  type: z.literal("login"),
  /** By the device's key over `loginBytes`; with a ticket, their HMAC-SHA256 by the secret that came with it. */
  signature: z.base64().max(200),
  /** Since minor 2: of an earlier login. */
  ticket: Ticket.optional(),
  /** Since minor 2. */
  device: z.strictObject({ instance: Instance, ...TrustVersions }).optional(),
});
export const Report = z.strictObject({
  type: z.literal("report"),
  epoch: EpochId,
  sequence: Sequence,
  body: ReportBody,
});
export type Report = z.infer<typeof Report>;
/** Asks for what is in the mailbox: after login, and when nudged. */
export const Pull = z.strictObject({
  type: z.literal("pull"),
  /** Since minor 2: made up for this question alone; the word of freshness names it. */
  nonce: Nonce.optional(),
});

/** Since minor 4. Not durable: whoever did not hear it asks again. */
export const Checked = z.strictObject({ type: z.literal("checked"), checkId: CheckId, answer: CheckAnswer });

export const AgentFrame = z.discriminatedUnion("type", [Hello, Login, Report, Pull, Checked]);
export type AgentFrame = z.infer<typeof AgentFrame>;

// ---- controller to agent -------------------------------------------------------------------------------------------

export const Challenge = z.strictObject({ type: z.literal("challenge"), nonce: Nonce, minor: z.int().min(0) });
export const Welcome = z.strictObject({
  type: z.literal("welcome"),
  /** The highest sequence of the agent's epoch that is durable here; 0 if none. */
  through: z.int().min(0),
  now: Instant,
  /** Since minor 2: with it the next login costs less. The secret is never sent again. */
  ticket: z.strictObject({ ticket: Ticket, secret: z.base64().length(44) }).optional(),
});
/** Everything up to `through` is durable. One answer for a whole batch. */
export const Ack = z.strictObject({ type: z.literal("ack"), through: Sequence });
/** Something in the mailbox changed: pull. */
export const Nudge = z.strictObject({ type: z.literal("nudge") });
/**
 * These orders are withdrawn: take no new step of them. Since minor 1; older agents are nudged and read it in their
 * mailbox, which holds the withdrawals for whoever misses this.
 */
export const Stop = z.strictObject({ type: z.literal("stop"), orderIds: z.array(OrderId).min(1).max(16) });
/** The mailbox: the one order to run, if any, and withdrawals that concern the order being run. */
export const Orders = z.strictObject({
  type: z.literal("orders"),
  orders: z.array(Order).max(4),
  /** Since minor 2, with every order that is to run: a `Freshness` with the nonce of the pull. */
  freshness: Envelope.optional(),
});
/**
 * Since minor 2: what a device has not got yet. Trust documents in a row, the first one newer than the device's own;
 * the newest policy; the emergency stop in force and the word of k approvers that ended one; holds.
 */
export const TrustFrame = z.strictObject({
  type: z.literal("trust"),
  documents: z.array(Envelope).max(8),
  policy: Envelope.optional(),
});
export const EmergencyFrame = z.strictObject({
  type: z.literal("emergency"),
  stop: EmergencyStop,
  /** Null: it is in force. */
  resume: Envelope.nullable(),
});
export const HoldFrame = z.strictObject({
  type: z.literal("hold"),
  hold: Envelope,
  /** Given back before its time; releasing needs no signature. */
  released: z.boolean(),
});
/** Since minor 4: what would these steps do here? It is no order: nothing is changed, and nothing is written down. */
export const Check = z.strictObject({ type: z.literal("check"), checkId: CheckId, question: CheckQuestion });

export const ControllerFrame = z.discriminatedUnion("type", [
  Challenge,
  Welcome,
  Ack,
  Nudge,
  Stop,
  Orders,
  TrustFrame,
  EmergencyFrame,
  HoldFrame,
  Check,
]);
export type ControllerFrame = z.infer<typeof ControllerFrame>;

/**
 * The bytes that a device signs at login: purpose, nonce and its own id, so that nothing else can be made of it.
 *
 * @param channel what the TLS connection exports (`CHANNEL`), in base64: a signature made for another connection is
 *   worth nothing here. Empty where TLS ends in front of the controller
 */
export const loginBytes = (nonce: string, deviceId: DeviceId, channel = ""): Uint8Array =>
  new TextEncoder().encode(`${SUBPROTOCOL} login\n${nonce}\n${deviceId}\n${channel === "" ? "" : `${channel}\n`}`);
/** RFC 8446 section 7.5: what both ends of a TLS connection, and nobody else, can compute. */
export const CHANNEL = { label: "EXPORTER-ringback-login", bytes: 32 } as const;

export type Parsed<Frame> =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "bad"; readonly because: string };

/** Parses one text message. What is wrong is said in at most 100 ASCII characters: a close reason holds 123 bytes. */
export function parseFrame<Frame>(message: string, schema: z.ZodType<Frame>): Parsed<Frame> {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return { kind: "bad", because: "not JSON" };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { kind: "frame", frame: parsed.data } : { kind: "bad", because: firstFault(parsed.error) };
}
