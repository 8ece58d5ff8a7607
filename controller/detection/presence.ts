/**
 * Who is there. Coming and leaving keep the counts that rates and outages need, and what a machine's class is learnt
 * from; nothing here knows of versions.
 */
import { NEVER, ONGOING, TENTHS_A_MINUTE } from "./clock.ts";
import { learnComing, learnLeaving, MOBILE, OFFICE } from "./classes.ts";
import { COUNTS_NOT, DROPPED, DROPPED_BEFORE, SILENCE_OPEN } from "./columns.ts";
import { RIPE_MS } from "./mass-silence.ts";
import type { Place } from "./outages.ts";
import type { State } from "./state.ts";
import { dayOf, isSteady, noteGap } from "./steady.ts";
import type { Leaving } from "./types.ts";

/**
 * Shorter ones don't push out the interval before: a machine in a boot loop is heard for moments. But one that took leave
 * and dies right after it came died in that short one.
 */
const SHORT_TENTHS = 2 * TENTHS_A_MINUTE;

export function placeOf(state: State, slot: number): Place {
  const { site, gateway, segment } = state.columns;
  return { site: site.get(slot), gateway: gateway.get(slot), segment: segment.get(slot) };
}

/** Changes a device's counts: of what is there, by site and class. */
export function tally(state: State, slot: number, by: 1 | -1): void {
  const { columns } = state;
  state.sites.tally(columns.site.get(slot), columns.class.get(slot) === OFFICE, by);
  const model = columns.model.get(slot);
  if (model > 0) state.models.set(model, (state.models.get(model) ?? 0) + by);
  if (!columns.has(slot, COUNTS_NOT)) state.counting += by;
  if (columns.isOnline(slot)) tallyOnline(state, slot, by);
}

/** Its place was out, or nobody listened: a silence that says nothing about the machine. */
export function isAccountedFor(state: State, slot: number, from: number, to: number): boolean {
  const place = placeOf(state, slot);
  return (
    state.outages.wasDeaf(from, to, place.gateway) || (state.has("void") && state.outages.voidsSilence(place, from, to))
  );
}

function tallyOnline(state: State, slot: number, by: 1 | -1): void {
  const kind = state.columns.class.get(slot);
  state.online += by;
  if (kind !== MOBILE) state.steadyOnline += by;
  if (kind === OFFICE) state.sites.tallyOfficeOnline(state.columns.site.get(slot), by);
}

export function come(state: State, at: number, slot: number, gateway: number): void {
  const { columns, clock } = state;
  if (columns.isOnline(slot)) leave(state, at, slot, "dropped", at);
  const now = clock.tenths(at);
  const since = columns.since.get(slot);
  const end = columns.end.get(slot);
  if (since !== NEVER) {
    learnComing(columns, slot, Math.max(0, now - end));
    const diedEarly = columns.has(slot, DROPPED) && !columns.has(slot, DROPPED_BEFORE);
    if (end - since >= SHORT_TENTHS || diedEarly || columns.sinceBefore.get(slot) === NEVER) {
      columns.sinceBefore.set(slot, since);
      columns.endBefore.set(slot, end);
      if (columns.has(slot, DROPPED)) columns.raise(slot, DROPPED_BEFORE);
      else columns.lower(slot, DROPPED_BEFORE);
    }
  }
  // Back before it should have been: nothing happened.
  const isLong = at > clock.ms(end) + state.settings.silenceMs;
  if (isLong && columns.has(slot, DROPPED)) state.rates.noteComing();
  if (!isLong) columns.lower(slot, SILENCE_OPEN);
  else if (columns.has(slot, DROPPED) && !isAccountedFor(state, slot, clock.ms(end), at)) noteGap(state, slot, at);
  columns.lower(slot, DROPPED);
  columns.since.set(slot, now);
  columns.end.set(slot, ONGOING);
  columns.gateway.set(slot, gateway);
  if (columns.knownSinceDay.get(slot) === 0) {
    columns.knownSinceDay.set(slot, dayOf(state, at));
  }
  state.noteDevice(columns.deviceOf.get(slot));
  tallyOnline(state, slot, 1);
  state.outages.come(placeOf(state, slot), at);
  state.mass.noteBack(columns.deviceOf.get(slot));
}

export function leave(state: State, at: number, slot: number, how: Leaving, lastHeardAt: number): void {
  const { columns, clock } = state;
  if (!columns.isOnline(slot)) return;
  const isOffice = columns.class.get(slot) === OFFICE;
  tallyOnline(state, slot, -1);
  const since = columns.since.get(slot);
  const end = Math.max(since, clock.tenths(lastHeardAt));
  columns.end.set(slot, end);
  state.noteDevice(columns.deviceOf.get(slot));
  learnLeaving(columns, slot, end - since, how === "sleep");
  const place = placeOf(state, slot);
  state.outages.leave(place);
  const counts = !columns.has(slot, COUNTS_NOT);
  if (how !== "dropped") {
    if (how !== "service-stop") state.rates.noteComing(); // whoever takes leave comes again
    if (how === "restart" || how === "service-stop") return;
    if (columns.class.get(slot) !== MOBILE) state.mass.noteGoodbye(at);
    if (isOffice) state.rates.today.leavings++;
    return;
  }
  columns.raise(slot, DROPPED);
  state.outages.drop(place, lastHeardAt);
  if (!counts || !isSteady(state, slot, clock.ms(since), lastHeardAt)) {
    if (isOffice && counts) {
      state.rates.today.leavings++;
      state.rates.today.unclean++;
    }
    return;
  }
  columns.raise(slot, SILENCE_OPEN);
  const device = columns.deviceOf.get(slot);
  state.due.addSilence(silenceDueAt(state, end), device);
  const ripeAt = Math.max(at, lastHeardAt + RIPE_MS);
  state.ripening.push({
    ripeAt,
    silent: { at: lastHeardAt, device, site: place.site },
    gateway: place.gateway,
    waits: 0,
  });
}

/** When a silence that began at `end` (tenths) is known to be one. */
export function silenceDueAt(state: State, end: number): number {
  const { heartbeatMs, silenceMs } = state.settings;
  return state.clock.ms(end) + (state.has("silence-window") ? silenceMs : heartbeatMs);
}
