/**
 * How a machine lives, learnt from its comings and goings over about a week: what is online nearly always, what keeps
 * office hours, and what sleeps and wakes as it likes. A laptop whose lid is closed is no event, so silence counts for
 * steady machines only.
 */
import { take } from "./arrays.ts";
import { DAY_MS, NEVER, ONGOING } from "./clock.ts";
import { type Columns, DECLARED_SERVER } from "./columns.ts";
import { DEVICE_CLASSES } from "./types.ts";

const SERVER = 0;
const ALWAYS_ON = 1;
export const OFFICE = 2;
export const MOBILE = 3;
export const classNumber = (name: (typeof DEVICE_CLASSES)[number]): number => DEVICE_CLASSES.indexOf(name);

const MEMORY_TENTHS = (7 * DAY_MS) / 100;
const KNOWN_DAYS = 7;
const ALWAYS_SHARE = 0.9;
const FULL = 65_535;
/** Comings are kept as their number in a week, halved after half a week. */
const MOBILE_COMINGS = 28;
const MOBILE_SLEEPS = 128;

/** @param tenths how long it was away before it came */
export function learnComing(columns: Columns, slot: number, tenths: number): void {
  const keep = Math.exp(-tenths / MEMORY_TENTHS);
  columns.onlineShare[slot] = Math.round(take(columns.onlineShare, slot) * keep);
  columns.comings[slot] = Math.min(255, Math.round(take(columns.comings, slot) * keep) + 1);
}

/** @param tenths how long it was online before it left */
export function learnLeaving(columns: Columns, slot: number, tenths: number, slept: boolean): void {
  const keep = Math.exp(-tenths / MEMORY_TENTHS);
  columns.onlineShare[slot] = Math.round(FULL - (FULL - take(columns.onlineShare, slot)) * keep);
  columns.comings[slot] = Math.round(take(columns.comings, slot) * keep);
  const sleeps = take(columns.sleepShare, slot);
  columns.sleepShare[slot] = Math.round(sleeps + ((slept ? 255 : 0) - sleeps) * 0.1);
}

/** What its life says now; as before, where too little has been seen. */
export function learntClass(columns: Columns, slot: number, today: number, now: number): number {
  const since = take(columns.knownSinceDay, slot);
  if (since === 0 || today - since < KNOWN_DAYS || take(columns.since, slot) === NEVER)
    return take(columns.class, slot);
  const end = take(columns.end, slot);
  const keep = Math.exp(-(now - (end === ONGOING ? take(columns.since, slot) : end)) / MEMORY_TENTHS);
  const kept = take(columns.onlineShare, slot);
  const share = (end === ONGOING ? FULL - (FULL - kept) * keep : kept * keep) / FULL;
  if (share >= ALWAYS_SHARE) return (take(columns.flags, slot) & DECLARED_SERVER) === 0 ? ALWAYS_ON : SERVER;
  const isMobile = take(columns.sleepShare, slot) >= MOBILE_SLEEPS || take(columns.comings, slot) >= MOBILE_COMINGS;
  return isMobile ? MOBILE : OFFICE;
}
