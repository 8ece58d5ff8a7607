/** Strategies: how a rollout proceeds. Waves, the gate after each, budgets, windows and freezes. */
import { z } from "zod";
import { Role, Site, text } from "./names.ts";
import { Selector } from "./selector.ts";
import { DurationMs } from "./time.ts";

const DAY = 86_400_000;
const Share = z.number().min(0).max(1);
const Count = z.int().min(1).max(10_000_000);

/** An absolute number or a share of something, rounded up for a minimum and down for a maximum. */
export const CountOrShare = z.union([z.strictObject({ count: Count }), z.strictObject({ share: Share })]);
export type CountOrShare = z.infer<typeof CountOrShare>;

/**
 * The test between two waves. Three answers: proceed, stop, wait.
 *
 * The sample is the devices of which something is known: succeeded, failed, refused, timed out, or silent since they
 * took the order. Devices that were never reached, wait in a queue or had nothing to do are not in it.
 */
export const Gate = z.strictObject({
  /** Proceed only when at least this share of the sample succeeded. */
  successShareMin: Share.refine((share) => share > 0, "a gate that needs no success tests nothing"),
  /** Stop as soon as more than this share of the sample (or of the minimum sample, if that is larger) did not succeed. */
  failureShareMax: Share,
  /** No verdict on less than this, as a number of devices or a share of the wave's devices to which the plan applies. */
  sampleMin: CountOrShare.refine(
    (least) => !("share" in least) || least.share > 0,
    "a gate that needs no sample tests nothing",
  ),
  /** How long the gate must have held before the next wave opens: faults show late. */
  bakeMs: DurationMs.max(30 * DAY),
  /** Undecided for this long after the wave opened, the rollout pauses and a person decides. */
  deadlineMs: DurationMs.min(1).max(30 * DAY),
});
export type Gate = z.infer<typeof Gate>;

export const Wave = z.strictObject({
  name: text(60),
  /** Taken in order from the devices that no earlier wave took. `rest` takes all that are left. */
  take: z.union([
    z.strictObject({ count: Count }),
    /** Per cent of all devices of the plan. */
    z.strictObject({ percent: z.number().gt(0).max(100) }),
    z.strictObject({ selector: Selector }),
    z.strictObject({ rest: z.literal(true) }),
  ]),
  gate: Gate,
});
export type Wave = z.infer<typeof Wave>;

/** "22:00" in the interval's own zone. */
const LocalTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "expected a time as 22:00");
/** A date and time without zone, as 2026-12-24T00:00. */
const LocalDateTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d$/, "expected a date and time as 2026-12-24T18:00")
  .refine(isInCalendar, "this day is not in the calendar");
/** An IANA zone. Its existence is checked where the time zone data is. */
const Zone = z.string().regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/, "expected a zone as Europe/London");
const Weekday = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

/** Devices are taken only inside a window (if there is any). `to` before `from` reaches into the next day. */
export const MaintenanceWindow = z.strictObject({
  zone: Zone,
  days: z.array(Weekday).min(1).max(7),
  from: LocalTime,
  to: LocalTime,
});
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>;

/** No device is taken inside a freeze, whatever the windows say. */
export const Freeze = z
  .strictObject({ zone: Zone, from: LocalDateTime, to: LocalDateTime, reason: text(200) })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "a freeze must end after it begins" });
export type Freeze = z.infer<typeof Freeze>;

/**
 * The most devices that may be down at once: those we have taken and those that are down anyway. A device that is down
 * already may always be taken, since helping it takes nothing away; only `atOnceMax` binds it, too.
 */
export const Budgets = z.strictObject({
  inFlightMax: Count,
  /** For every site that is not named below. */
  downMaxPerSite: CountOrShare.optional(),
  downMaxPerRole: CountOrShare.optional(),
  sites: z
    .array(z.strictObject({ site: Site, downMax: CountOrShare }))
    .max(1_000)
    .default([]),
  roles: z
    .array(
      z.strictObject({
        role: Role,
        downMax: CountOrShare,
        /** So many of the role have an order under way at once, those that are down already included. */
        atOnceMax: Count.optional(),
      }),
    )
    .max(100)
    .default([]),
});
export type Budgets = z.infer<typeof Budgets>;

/** How long the engine waits for a device, all measured by the controller. */
export const Patience = z.strictObject({
  /** An order that was offered but not taken goes back to the wave after this. */
  offerMs: DurationMs.min(1_000).max(DAY),
  /** A device that took its order and was not heard for this long is silent. */
  silentMs: DurationMs.min(1_000).max(7 * DAY),
  /** A device that has not finished its order after this has timed out. */
  orderMs: DurationMs.min(1_000).max(30 * DAY),
});
export type Patience = z.infer<typeof Patience>;

export const Strategy = z
  .strictObject({
    waves: z.array(Wave).min(1).max(50),
    budgets: Budgets,
    windows: z.array(MaintenanceWindow).max(50).default([]),
    freezes: z.array(Freeze).max(50).default([]),
    patience: Patience,
    /** How long after approval devices may still take the order; laptops come back late. */
    validityMs: DurationMs.min(60_000).max(14 * DAY),
  })
  .superRefine(({ waves }, context) => {
    for (const [i, { take }] of waves.entries()) {
      if ("rest" in take && i < waves.length - 1) {
        context.addIssue({
          code: "custom",
          path: ["waves", i, "take"],
          message: "only the last wave can take the rest: the waves after it would be empty",
        });
      }
    }
    if (new Set(waves.map(({ name }) => name)).size < waves.length) {
      context.addIssue({ code: "custom", path: ["waves"], message: "two waves have the same name" });
    }
  });
export type Strategy = z.infer<typeof Strategy>;

function isInCalendar(local: string): boolean {
  const ms = Date.parse(`${local}Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(local); // 30 February would come back as 2 March
}
