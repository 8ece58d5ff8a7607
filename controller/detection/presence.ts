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

/** Shorter ones don't push out the interval before: a machine in a boot loop is heard for moments. */
const SHORT_TENTHS = 2 * TENTHS_A_MINUTE;

export function placeOf(state: State, slot: number): Place {
  const { site, gateway, segment } = state.columns;
  return { site: site[slot] as number, gateway: gateway[slot] as number, segment: segment[slot] as number };
}

/** Changes a device's counts: of what is there, by site and class. */
export function tally(state: State, slot: number, by: 1 | -1): void {
  const { columns } = state;
  const site = columns.site[slot] as number;
  let counts = state.sites.get(site);
  if (counts === undefined) {
    counts = { devices: 0, office: 0, officeOnline: 0 };
    state.sites.set(site, counts);
  }
  counts.devices += by;
  if (counts.devices === 0) state.sites.delete(site);
  const kind = columns.class[slot] as number;
  if (kind === OFFICE) counts.office += by;
  const model = columns.model[slot] as number;
  if (model > 0) state.models.set(model, (state.models.get(model) ?? 0) + by);
  if (((columns.flags[slot] as number) & COUNTS_NOT) === 0) state.counting += by;
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
  const kind = state.columns.class[slot] as number;
  state.online += by;
  if (kind !== MOBILE) state.steadyOnline += by;
  if (kind !== OFFICE) return;
  const counts = state.sites.get(state.columns.site[slot] as number);
  if (counts !== undefined) counts.officeOnline += by;
}

export function come(state: State, at: number, slot: number, gateway: number): void {
  const { columns, clock } = state;
  if (columns.isOnline(slot)) leave(state, at, slot, "dropped", at);
  const now = clock.tenths(at);
  const since = columns.since[slot] as number;
  const end = columns.end[slot] as number;
  let flags = columns.flags[slot] as number;
  if (since !== NEVER) {
    learnComing(columns, slot, Math.max(0, now - end));
    if (end - since >= SHORT_TENTHS || (columns.sinceBefore[slot] as number) === NEVER) {
      columns.sinceBefore[slot] = since;
      columns.endBefore[slot] = end;
      flags = (flags & DROPPED) === 0 ? flags & ~DROPPED_BEFORE : flags | DROPPED_BEFORE;
    }
  }
  // Back before it should have been: nothing happened.
  const isLong = at > clock.ms(end) + state.settings.silenceMs;
  if (!isLong) flags &= ~SILENCE_OPEN;
  else if ((flags & DROPPED) !== 0 && !isAccountedFor(state, slot, clock.ms(end), at)) noteGap(state, slot, at);
  columns.flags[slot] = flags & ~DROPPED;
  columns.since[slot] = now;
  columns.end[slot] = ONGOING;
  columns.gateway[slot] = gateway;
  if ((columns.knownSinceDay[slot] as number) === 0) {
    columns.knownSinceDay[slot] = dayOf(state, at);
  }
  state.noteDevice(columns.deviceOf[slot] as number);
  tallyOnline(state, slot, 1);
  state.outages.come(placeOf(state, slot), at);
  state.mass.noteBack(columns.deviceOf[slot] as number);
}

export function leave(state: State, at: number, slot: number, how: Leaving, lastHeardAt: number): void {
  const { columns, clock } = state;
  if (!columns.isOnline(slot)) return;
  const isOffice = (columns.class[slot] as number) === OFFICE;
  tallyOnline(state, slot, -1);
  const since = columns.since[slot] as number;
  const end = Math.max(since, clock.tenths(lastHeardAt));
  columns.end[slot] = end;
  state.noteDevice(columns.deviceOf[slot] as number);
  learnLeaving(columns, slot, end - since, how === "sleep");
  const place = placeOf(state, slot);
  state.outages.leave(place);
  const counts = ((columns.flags[slot] as number) & COUNTS_NOT) === 0;
  if (how !== "dropped") {
    if (how === "restart" || how === "service-stop") return;
    if ((columns.class[slot] as number) !== MOBILE) state.mass.noteGoodbye(at);
    if (isOffice) state.rates.today.leavings++;
    return;
  }
  columns.flags[slot] = (columns.flags[slot] as number) | DROPPED;
  state.outages.drop(place, lastHeardAt);
  if (!counts || !isSteady(state, slot, clock.ms(since), lastHeardAt)) {
    if (isOffice && counts) {
      state.rates.today.leavings++;
      state.rates.today.unclean++;
    }
    return;
  }
  columns.flags[slot] = columns.flags[slot] | SILENCE_OPEN;
  const device = columns.deviceOf[slot] as number;
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
