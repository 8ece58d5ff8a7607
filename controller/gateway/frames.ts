/**
 * Bytes of a message to a frame and back: the one place where what an agent sent is believed to be a frame.
 */
import { hash } from "node:crypto";
import type { z } from "zod";
import type { Sha256 } from "../../protocol/canonical.ts";
import {
  type Ack,
  AgentFrame,
  type Challenge,
  type Check,
  CONTROLLER_FRAME_BYTES_MAX,
  type Parsed,
  type Stop,
  parseFrame,
  type Welcome,
} from "../../protocol/frames.ts";
import type { CheckQuestion } from "../../protocol/check.ts";
import type { CheckId, OrderId } from "../../protocol/ids.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import type { Order } from "../../protocol/plan.ts";
import { quickCheck } from "./quick-check.ts";

const isAgentFrame = quickCheck(AgentFrame);

/** Almost every frame is good, and found so quickly; what is wrong with another one, the schema says. */
export function parseAgentFrame(message: Buffer): Parsed<AgentFrame> {
  const text = message.toString("utf8");
  const json = parseJson(text);
  return isAgentFrame(json) ? { kind: "frame", frame: json } : parseFrame(text, AgentFrame);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no frame
  }
}

/** Same value as `sha256Hex`, in native code: this runs once a report. */
export const frameDigest = (message: Buffer): Sha256 => hash("sha256", message, "hex") as Sha256;

export const NUDGE_FRAME = '{"type":"nudge"}';
export const stopFrame = (order: OrderId): string =>
  JSON.stringify({ type: "stop", orderIds: [order] } satisfies z.infer<typeof Stop>);
export const challengeFrame = (nonce: string, minor: number): string =>
  JSON.stringify({ type: "challenge", nonce, minor } satisfies z.infer<typeof Challenge>);
export const welcomeFrame = (welcome: Omit<z.infer<typeof Welcome>, "type">): string =>
  JSON.stringify({ type: "welcome", ...welcome } satisfies z.infer<typeof Welcome>);
export const checkFrame = (checkId: CheckId, question: CheckQuestion): string =>
  JSON.stringify({ type: "check", checkId, question } satisfies z.infer<typeof Check>);
/** By far the most frequent one. */
export const ackFrame = (through: z.infer<typeof Ack>["through"]): string => `{"type":"ack","through":${through}}`;

/** A frame holds at most this many orders. */
const ORDERS_MAX = 4;

/**
 * The mailbox as frames: one almost always, more when the orders do not fit into one; an empty mailbox is said too.
 *
 * @param word that they are of this moment
 * @returns the frames, and how many orders were left out because they fit into no frame
 */
export function orderFrames(
  orders: readonly Order[],
  word?: Envelope,
): {
  readonly frames: readonly string[];
  readonly leftOut: number;
} {
  const frames: string[] = [];
  const end = word === undefined ? "}" : `,"freshness":${JSON.stringify(word)}}`;
  const room = CONTROLLER_FRAME_BYTES_MAX - 40 - end.length;
  let leftOut = 0;
  let open: string[] = [];
  let openBytes = 0;
  const close = (): void => {
    frames.push(`{"type":"orders","orders":[${open.join(",")}]${end}`);
    open = [];
    openBytes = 0;
  };
  for (const order of orders) {
    const json = JSON.stringify(order);
    const bytes = Buffer.byteLength(json) + 1;
    if (bytes > room) {
      leftOut++;
      continue;
    }
    if (open.length === ORDERS_MAX || openBytes + bytes > room) close();
    open.push(json);
    openBytes += bytes;
  }
  if (open.length > 0 || frames.length === 0) close();
  return { frames, leftOut };
}
