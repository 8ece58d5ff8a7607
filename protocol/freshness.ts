/**
 * That an order is of this moment: signed by an online key over a number that the device has just made up.
 *
 * It proves freshness, never authority. A recording of an earlier answer is worth nothing: its nonce is another one.
 */
import { z } from "zod";
import { DeviceId } from "./ids.ts";
import { Instant } from "./time.ts";

/** How long a device may take an order after it asked for it, measured by its own up-time. */
export const FRESH_MS = 10 * 60_000;

export const Nonce = z.base64().length(44); // 32 bytes

export const Freshness = z.strictObject({
  schema: z.literal("ringback.freshness/1"),
  deviceId: DeviceId,
  nonce: Nonce,
  /** The only time that raises a device's time floor. */
  at: Instant,
  /** What is current here: a device that has less asks for it before it takes an order. */
  trustVersion: z.int().min(1),
  policyVersion: z.int().min(1),
});
export type Freshness = z.infer<typeof Freshness>;
