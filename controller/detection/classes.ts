/**
 * How a machine lives, learnt from its comings and goings over about a week: what is online nearly always, what keeps
 * office hours, and what sleeps and wakes as it likes. A laptop whose lid is closed is no event, so silence counts for
 * steady machines only.
 */
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
  columns.onlineShare[slot] = Math.round((columns.onlineShare[slot] as number) * keep);
  columns.comings[slot] = Math.min(255, Math.round((columns.comings[slot] as number) * keep) + 1);
}

/** @param tenths how long it was online before it left */
export function learnLeaving(columns: Columns, slot: number, tenths: number, slept: boolean): void {
  const keep = Math.exp(-tenths / MEMORY_TENTHS);
  columns.onlineShare[slot] = Math.round(FULL - (FULL - (columns.onlineShare[slot] as number)) * keep);
  columns.comings[slot] = Math.round((columns.comings[slot] as number) * keep);
  const sleeps = columns.sleepShare[slot] as number;
  columns.sleepShare[slot] = Math.round(sleeps + ((slept ? 255 : 0) - sleeps) * 0.1);
}

/** What its life says now; as before, where too little has been seen. */
export function learntClass(columns: Columns, slot: number, today: number, now: number): number {
  const since = columns.knownSinceDay[slot] as number;
  if (since === 0 || today - since < KNOWN_DAYS || (columns.since[slot] as number) === NEVER)
    return columns.class[slot] as number;
  const end = columns.end[slot] as number;
  const keep = Math.exp(-(now - (end === ONGOING ? (columns.since[slot] as number) : end)) / MEMORY_TENTHS);
  const kept = columns.onlineShare[slot] as number;
  const share = (end === ONGOING ? FULL - (FULL - kept) * keep : kept * keep) / FULL;
  if (share >= ALWAYS_SHARE) return ((columns.flags[slot] as number) & DECLARED_SERVER) === 0 ? ALWAYS_ON : SERVER;
  const isMobile =
    (columns.sleepShare[slot] as number) >= MOBILE_SLEEPS || (columns.comings[slot] as number) >= MOBILE_COMINGS;
  return isMobile ? MOBILE : OFFICE;
}
