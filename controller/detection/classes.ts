/**
 * How a machine lives, learnt from its comings and goings over about a week: what is online nearly always, what keeps
 * office hours, and what sleeps and wakes as it likes. A laptop whose lid is closed is no event, so silence counts for
 * steady machines only.
 */
import { NEVER, ONGOING, TENTHS_A_DAY } from "./clock.ts";
import { type Columns, DECLARED_MOBILE, DECLARED_SERVER } from "./columns.ts";
import { DEVICE_CLASSES } from "./types.ts";

const SERVER = 0;
const ALWAYS_ON = 1;
export const OFFICE = 2;
export const MOBILE = 3;
export const classNumber = (name: (typeof DEVICE_CLASSES)[number]): number => DEVICE_CLASSES.indexOf(name);

const MEMORY_TENTHS = 7 * TENTHS_A_DAY;
/** From when on the class counts that a machine's life shows; whether it is always on shows after a night. */
export const KNOWN_DAYS = 7;
export const NIGHTS_MIN = 2;
const ALWAYS_SHARE_EARLY = 0.97;
const ALWAYS_SHARE = 0.9;
const FULL = 65_535;
/** Comings are kept as their number in a week, halved after half a week. */
const MOBILE_COMINGS = 28;
const MOBILE_SLEEPS = 128;

/** @param tenths how long it was away before it came */
export function learnComing(columns: Columns, slot: number, tenths: number): void {
  const keep = Math.exp(-tenths / MEMORY_TENTHS);
  columns.onlineShare.set(slot, Math.round(columns.onlineShare.get(slot) * keep));
  columns.comings.set(slot, Math.min(255, Math.round(columns.comings.get(slot) * keep) + 1));
}

/** @param tenths how long it was online before it left */
export function learnLeaving(columns: Columns, slot: number, tenths: number, slept: boolean): void {
  const keep = Math.exp(-tenths / MEMORY_TENTHS);
  columns.onlineShare.set(slot, Math.round(FULL - (FULL - columns.onlineShare.get(slot)) * keep));
  columns.comings.set(slot, Math.round(columns.comings.get(slot) * keep));
  const sleeps = columns.sleepShare.get(slot);
  columns.sleepShare.set(slot, Math.round(sleeps + ((slept ? 255 : 0) - sleeps) * 0.1));
}

/** What its life says now; as before, where too little has been seen. */
export function learntClass(columns: Columns, slot: number, today: number, now: number): number {
  const since = columns.knownSinceDay.get(slot);
  const asBefore = columns.class.get(slot);
  if (columns.has(slot, DECLARED_MOBILE)) return MOBILE;
  if (since === 0 || today - since < NIGHTS_MIN || columns.since.get(slot) === NEVER) return asBefore;
  const end = columns.end.get(slot);
  const keep = Math.exp(-(now - (end === ONGOING ? columns.since.get(slot) : end)) / MEMORY_TENTHS);
  const kept = columns.onlineShare.get(slot);
  // What a machine that was always online since it is known would have by now; it came during its first day.
  const full = FULL * (1 - Math.exp((-(today - since - 1) * TENTHS_A_DAY) / MEMORY_TENTHS));
  const share = (end === ONGOING ? FULL - (FULL - kept) * keep : kept * keep) / full;
  if (today - since < KNOWN_DAYS) {
    return share >= ALWAYS_SHARE_EARLY && end === ONGOING ? alwaysOn(columns, slot) : asBefore;
  }
  if (share >= ALWAYS_SHARE) return alwaysOn(columns, slot);
  const isMobile = columns.sleepShare.get(slot) >= MOBILE_SLEEPS || columns.comings.get(slot) >= MOBILE_COMINGS;
  return isMobile ? MOBILE : OFFICE;
}

const alwaysOn = (columns: Columns, slot: number): number => (columns.has(slot, DECLARED_SERVER) ? SERVER : ALWAYS_ON);
