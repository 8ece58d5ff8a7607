/**
 * May devices be taken now? Maintenance windows and freezes, as intervals on the clock of their own zone.
 *
 * Nothing is ever "fired": the answer is computed from the time that is asked about, so a controller that was off at
 * 22:00 loses nothing. A window begins when its zone's clock first shows `from` (or a later time, where the clock jumps
 * over it in spring) and ends when it first shows `to`; where the clock repeats an hour in autumn, a freeze lasts until
 * the second time. Freezes win over windows, and what cannot be evaluated is closed.
 */
import type { Freeze, MaintenanceWindow, Strategy } from "../../protocol/strategy.ts";
import type { Instant } from "../../protocol/time.ts";
import { utc } from "./words.ts";

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
/** A window whose day comes once a week may be jumped over by a clock change: look into the week after too. */
const DAYS_AHEAD = 15;
/** How many interval ends are followed. More would need more than 50 freezes in a row, or windows without a gap. */
const STEPS_MAX = 200;

interface Interval {
  readonly start: number;
  readonly end: number;
}

export type DispatchAnswer =
  /** `until`: when the answer has to be asked for again; null if never. */
  | { readonly allowed: true; readonly until: Instant | null }
  /** `opensAt`: null if no time is known at which devices may be taken. */
  | { readonly allowed: false; readonly because: string; readonly opensAt: Instant | null };

/** @param windows none means always; any one of them is enough. */
export function dispatchAllowed(
  windows: readonly MaintenanceWindow[],
  freezes: readonly Freeze[],
  now: Instant,
): DispatchAnswer {
  if (windows.length === 0 && freezes.length === 0) return { allowed: true, until: null };
  try {
    const frozen = freezes.map((freeze) => ({ freeze, ...freezeInterval(freeze) }));
    const freeze = latestEnd(frozen, now);
    const open = windowAt(windows, now);
    if (freeze === undefined && open !== undefined) return { allowed: true, until: closesAt(windows, frozen, now) };
    const opensAt = nextOpening(windows, frozen, now);
    const because =
      freeze === undefined
        ? "No maintenance window is open."
        : `Frozen until ${freeze.freeze.to.replace("T", " ")} (${freeze.freeze.zone}): ${freeze.freeze.reason}.`;
    return { allowed: false, because: `${because} ${opening(opensAt)}`, opensAt };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const because = "A maintenance window or freeze cannot be evaluated on this controller (unknown zone or date).";
    return { allowed: false, because: `${because} ${opening(null)}`, opensAt: null };
  }
}

/** Faults that a schema cannot see: zones that do not exist here, days that no calendar has, freezes that end first. */
export function faultsOfZones(
  strategy: Pick<Strategy, "windows" | "freezes">,
): { readonly path: string; readonly message: string }[] {
  const faults: { path: string; message: string }[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  for (const [i, { zone }] of strategy.windows.entries()) {
    if (!isZone(zone)) fault(`windows.${i}.zone`, `there is no time zone "${zone}"`);
  }
  for (const [i, { zone, from, to }] of strategy.freezes.entries()) {
    if (!isZone(zone)) fault(`freezes.${i}.zone`, `there is no time zone "${zone}"`);
    for (const [key, value] of Object.entries({ from, to })) {
      if (!isDateTime(value)) fault(`freezes.${i}.${key}`, `there is no such day: ${value}`);
    }
    if (from >= to) fault(`freezes.${i}.to`, "the freeze ends before it begins");
  }
  return faults;
}

function nextOpening(windows: readonly MaintenanceWindow[], frozen: readonly Interval[], now: number): Instant | null {
  let time: number | undefined = now;
  for (let step = 0; step < STEPS_MAX && time !== undefined; step += 1) {
    const freeze: Interval | undefined = latestEnd(frozen, time);
    if (freeze !== undefined) time = freeze.end;
    else if (windowAt(windows, time) !== undefined) return time as Instant;
    else time = nextStart(windows, time);
  }
  return null;
}

/** The end of the stretch of windows that is open now, or the next freeze. */
function closesAt(windows: readonly MaintenanceWindow[], frozen: readonly Interval[], now: number): Instant | null {
  let end = windows.length === 0 ? Number.POSITIVE_INFINITY : now;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const next = windows.length === 0 ? undefined : windowAt(windows, end);
    if (next === undefined) break;
    end = next.end;
  }
  const until = Math.min(
    end,
    ...frozen.filter(({ start, end: to }) => start > now && to > start).map(({ start }) => start),
  );
  return Number.isFinite(until) ? (until as Instant) : null;
}

const ALWAYS: Interval = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

function windowAt(windows: readonly MaintenanceWindow[], time: number): Interval | undefined {
  if (windows.length === 0) return ALWAYS;
  return latestEnd(
    windows.flatMap((window) => intervals(window, time, -1, 0)),
    time,
  );
}

function nextStart(windows: readonly MaintenanceWindow[], time: number): number | undefined {
  const starts = windows
    .flatMap((window) => intervals(window, time, 0, DAYS_AHEAD))
    .flatMap(({ start, end }) => (start > time && end > start ? [start] : []));
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Of the intervals that hold `time` the one that ends last. */
function latestEnd<I extends Interval>(all: readonly I[], time: number): I | undefined {
  return all
    .filter(({ start, end }) => start <= time && time < end)
    .reduce<I | undefined>((last, next) => (last === undefined || next.end > last.end ? next : last), undefined);
}

/** The window's intervals that begin on the days around `time`, as its zone counts days. */
function intervals({ zone, days, from, to }: MaintenanceWindow, time: number, firstDay: number, lastDay: number) {
  const today = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone).toPlainDate();
  const found: Interval[] = [];
  for (let day = firstDay; day <= lastDay; day += 1) {
    const date = today.add({ days: day });
    const weekday = WEEKDAYS[date.dayOfWeek - 1];
    if (weekday === undefined || !days.includes(weekday)) continue;
    const endDate = to <= from ? date.add({ days: 1 }) : date;
    found.push({
      start: firstShows(zone, `${date.toString()}T${from}`),
      end: firstShows(zone, `${endDate.toString()}T${to}`),
    });
  }
  return found;
}

function freezeInterval({ zone, from, to }: Freeze): Interval {
  return { start: firstShows(zone, from), end: firstShows(zone, to, "later") };
}

/** When the zone's clock first (or, where an hour repeats, last) shows this time, or jumps over it. */
function firstShows(zone: string, local: string, repeated: "earlier" | "later" = "earlier"): number {
  const wanted = plainDateTime(local);
  const shown = wanted.toZonedDateTime(zone, { disambiguation: repeated });
  if (shown.toPlainDateTime().equals(wanted)) return shown.epochMilliseconds;
  const jump = wanted.toZonedDateTime(zone, { disambiguation: "earlier" }).getTimeZoneTransition("next");
  return (jump ?? shown).epochMilliseconds;
}

const plainDateTime = (local: string) => Temporal.PlainDateTime.from(local, { overflow: "reject" });
const opening = (opensAt: Instant | null): string =>
  opensAt === null
    ? "No time is known at which devices may be taken again."
    : `Devices may be taken again from ${utc(opensAt)}.`;

function isZone(zone: string): boolean {
  return isValid(() => new Temporal.ZonedDateTime(0n, zone));
}
function isDateTime(local: string): boolean {
  return isValid(() => plainDateTime(local));
}
function isValid(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
