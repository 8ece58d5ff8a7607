/**
 * What this device remembers of emergency stops and holds. It lies in one file with what the device believes: where that
 * cannot be read nobody is believed, so a lost stop lets nothing go on.
 *
 * Pure. Everything is bounded, whatever a controller sends.
 */
import { z } from "zod";
import { BootId } from "../../protocol/boot.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { HoldId, StopId } from "../../protocol/ids.ts";
import { Instant } from "../../protocol/time.ts";

/** `told`: the controller's report of this state lies in the outbox. */
const Stop = z.strictObject({ stopId: StopId, state: z.enum(["stopped", "resumed"]), told: z.boolean() });
export type Stop = z.infer<typeof Stop>;

/** Up-time, summed over boots. `uptimeMs` of boot `bootId` is in `ms` already. */
const Measured = z.strictObject({ ms: z.int().min(0), bootId: BootId, uptimeMs: z.int().min(0) });
export type Measured = z.infer<typeof Measured>;

const Hold = z.strictObject({
  holdId: HoldId,
  source: ContentSourceId,
  state: z.enum(["held", "released"]),
  told: z.boolean(),
  /** One person signed it, where it takes more. */
  alone: z.boolean(),
  until: Instant,
  /** From when it was taken, by up-time: a clock that was set back makes it no longer. */
  lastsMs: z.int().min(1),
  sinceTaken: Measured,
});
export type Hold = z.infer<typeof Hold>;

export const Precautions = z.strictObject({
  stops: z.array(Stop),
  holds: z.array(Hold),
  /** Since minor 3: sources that an order holds, until an order releases them. */
  ordered: z.array(ContentSourceId).optional(),
});
export type Precautions = z.infer<typeof Precautions>;

export const NO_PRECAUTIONS: Precautions = { stops: [], holds: [] };

/** Where this device is in its own time. */
export interface Uptime {
  readonly bootId: BootId;
  readonly uptimeMs: number;
}

/** A boot that came meanwhile counts from its beginning; what passed unseen at the end of the one before is lost. */
export function measure({ ms, bootId, uptimeMs }: Measured, now: Uptime): Measured {
  const from = bootId === now.bootId ? uptimeMs : 0;
  return {
    ms: ms + Math.max(0, Math.floor(now.uptimeMs - from)),
    bootId: now.bootId,
    uptimeMs: Math.floor(now.uptimeMs),
  };
}
