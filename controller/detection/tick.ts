/**
 * What is done on the grid of time: evaluate what is due, judge, look for mass silence, and learn from what the hour
 * and the day were like.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, NEVER, UNKNOWN_WHEN } from "./clock.ts";
import { learntClass, OFFICE } from "./classes.ts";
import { COUNTS_NOT, SILENCE_OPEN } from "./columns.ts";
import { isAccountedFor, placeOf, silenceDueAt, tally } from "./presence.ts";
import { TICK_MS, tickAt, type WaitingCrash } from "./due.ts";
import { weigh } from "./evidence.ts";
import { LOOK_MS, putOff, type Silent } from "./mass-silence.ts";
import { hadDied, wasSeen } from "./risk-set.ts";
import { settleBlocks } from "./settle-blocks.ts";
import { retireOld } from "./retirement.ts";
import type { State } from "./state.ts";
import { dayOf } from "./steady.ts";
import { judge, suspect } from "./verdicts.ts";
import { BUGCHECK, RESTART, SILENCE } from "./version.ts";

/** What kills at once was written just before: of the silent, too, some crash for reasons of their own. */
const JUST_WRITTEN_MS = 30 * MINUTE_MS;

export function runUntil(state: State, now: number): void {
  while (state.doneUntil + TICK_MS <= now) {
    const tick = state.doneUntil + TICK_MS;
    tickOnce(state, tick);
    state.doneUntil = tick;
  }
}

function tickOnce(state: State, tick: number): void {
  if (!state.due.isEmpty) {
    for (const waiting of state.due.crashes(tick)) crash(state, tick, waiting);
    silences(state, tick);
    judge(state, tick);
  }
  if (tick % LOOK_MS === 0) look(state, tick);
  if (tick % MINUTE_MS === 0 && state.blocks.isOutgrown) settleBlocks(state);
  if (tick % HOUR_MS === 0) closeHour(state, tick);
  if (tick % DAY_MS === 0) closeDay(state, tick);
}

function crash(state: State, now: number, waiting: WaitingCrash): void {
  const {
    device,
    crash: { signal, crashedAt, pointsAt },
  } = waiting;
  const slot = state.columns.slotOf[device] as number;
  const place = placeOf(state, slot);
  if (state.outages.wasDeaf(crashedAt, crashedAt, place.gateway)) return;
  if (signal === "restart" && state.has("void") && state.outages.voidsRestart(place, crashedAt)) return;
  const at = state.clock.tenths(crashedAt);
  weigh(state, now, { signal: signal === "bugcheck" ? BUGCHECK : RESTART, slot, at, pointsAt });
  if (state.mass.wantsName) nameSuspect(state, now, waiting);
}

/** A mass silence has no name yet: what does the first that can speak again say? */
function nameSuspect(state: State, now: number, { device, crash: { signal, crashedAt, content } }: WaitingCrash): void {
  const slot = state.columns.slotOf[device] as number;
  const isSilent = state.mass.has(device);
  // Laptops and the like are in no mass silence, but what kills the others kills them as well.
  const isLike =
    signal === "bugcheck" &&
    crashedAt >= (state.mass.since ?? now) - 2 * MINUTE_MS &&
    wasSeen(state.columns, slot, state.clock.tenths(crashedAt));
  if (!isSilent && !isLike) return;
  let newest: { readonly version: number; readonly writtenAt: number } | undefined;
  for (const { version, writtenAt } of content) {
    if (writtenAt === null || writtenAt > crashedAt || crashedAt - writtenAt > JUST_WRITTEN_MS) continue;
    if (state.versions.get(version)?.status === "watched" && writtenAt > (newest?.writtenAt ?? 0)) {
      newest = { version, writtenAt };
    }
  }
  const named = newest === undefined ? undefined : state.versions.get(newest.version);
  if (named === undefined) return;
  state.mass.noteNamed();
  suspect(state, named, now, "it is the newest content that a machine had when it died as the silent ones did");
}

function silences(state: State, tick: number): void {
  const { columns, clock } = state;
  const isGuarded = state.has("silence-window");
  const due: { readonly slot: number; readonly end: number; readonly device: number }[] = [];
  for (const device of state.due.silences(tick)) {
    const slot = columns.slotOf[device] as number;
    if (isGuarded && !columns.has(slot, SILENCE_OPEN)) continue;
    const end = (!isGuarded && columns.isOnline(slot) ? columns.endBefore : columns.end).get(slot);
    // Another silence of the same machine has its own time.
    if (isGuarded && tickAt(silenceDueAt(state, end)) !== tick) continue;
    columns.lower(slot, SILENCE_OPEN);
    const from = clock.ms(end);
    if (isAccountedFor(state, slot, from, tick)) continue;
    due.push({ slot, end, device });
  }
  due.sort((a, b) => a.end - b.end || a.device - b.device);
  for (const { slot, end } of due) weigh(state, tick, { signal: SILENCE, slot, at: end, pointsAt: null });
}

/** Every ten seconds: count machine-time, and hold the newly silent against what is usual. */
function look(state: State, now: number): void {
  const { rates, mass, columns } = state;
  const passedMs = now - state.countedUntil;
  state.countedUntil = now;
  rates.today.machineMs += state.online * passedMs;
  rates.today.steadyMs += state.steadyOnline * passedMs;
  state.recentBugchecks.noteTime(now, state.online * passedMs);

  const silent = state.ripening.length === 0 ? [] : newlySilent(state, now);
  if (!mass.isActive) {
    rates.today.silences += silent.length;
    const office = silent.filter(({ device }) => columns.class.get(columns.slotOf[device] as number) === OFFICE).length;
    rates.today.leavings += office;
    rates.today.unclean += office;
  }
  const goodbyes = state.has("goodbyes") ? rates.uncleanShare.value * mass.goodbyesALook(now) : 0;
  const usual = (rates.silencesPerDeviceDay.value * state.steadyOnline * LOOK_MS) / DAY_MS + goodbyes;
  const change = mass.look(now, silent, usual);
  if (change === "over") state.findings.push({ kind: "mass-silence-over", at: now });
  if (change !== "begins") return;
  const sites = [...new Set(mass.recent.map(({ site }) => site))].sort((a, b) => a - b);
  const expected = usual * 60;
  state.findings.push({
    kind: "mass-silence",
    at: now,
    silent: mass.recent.length,
    expected,
    sites,
    because:
      `${mass.recent.length} steady machines on ${sites.length} sites fell silent within ten minutes without a ` +
      `goodbye and without an outage of their place; about ${expected.toFixed(1)} would be usual. Nobody knows why yet`,
  });
}

/** The machines that timed out, are ripe, and for whose silence no outage of their place accounts. */
function newlySilent(state: State, now: number): readonly Silent[] {
  const { columns, clock } = state;
  const ripe = state.ripening
    .filter(({ ripeAt }) => ripeAt <= now)
    .filter(({ silent: { device, at } }) => {
      const slot = columns.slotOf[device] as number;
      if (columns.isOnline(slot) || columns.has(slot, COUNTS_NOT)) return false;
      if (isAccountedFor(state, slot, at, now)) return false;
      if (state.has("at-risk") && hadDied(columns, slot, clock.tenths(at))) return false;
      return !isExplained(state, slot);
    });
  const waiting = state.ripening.filter(({ ripeAt }) => ripeAt > now);
  const off = putOff(ripe, state.outages.gatewaysInUse, now);
  state.ripening = [...waiting, ...off];
  const offDevices = new Set(off.map(({ silent }) => silent.device));
  return ripe
    .map(({ silent }) => silent)
    .filter(({ device }) => !offDevices.has(device))
    .sort((a, b) => a.at - b.at || a.device - b.device);
}

function isExplained(state: State, slot: number): boolean {
  if (!state.has("explained")) return false;
  for (const version of state.versions.values()) {
    if (version.status !== "convicted") continue;
    const time = version.exposures.at(slot);
    if (time !== NEVER && time !== UNKNOWN_WHEN) return true;
  }
  return false;
}

function closeHour(state: State, now: number): void {
  state.coreHours.note(now, state.sites.officeMachines());
  state.clusters.prune(state.clock.tenths(now));
  state.mass.prune(now);
}

/** The one sweep over the fleet: once a day, what each machine's week says of its class. */
function closeDay(state: State, now: number): void {
  const { columns } = state;
  state.rates.closeDay();
  const today = dayOf(state, now);
  const tenths = state.clock.tenths(now);
  for (let slot = 0; slot < columns.size; slot++) {
    const kind = learntClass(columns, slot, today, tenths);
    if (kind === columns.class.get(slot)) continue;
    tally(state, slot, -1);
    columns.class.set(slot, kind);
    tally(state, slot, 1);
    state.blocks.noteChange();
    state.noteDevice(columns.deviceOf.get(slot));
  }
  if (today % 7 === 0) state.allDevicesChanged = state.settings.keepsChanges === true;
  if (state.blocks.isStale) settleBlocks(state);
  retireOld(state, now);
}
