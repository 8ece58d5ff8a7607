/**
 * Device times turned into the controller's. A device's clock is never believed: it may only order what happened between
 * two moments that the controller knows, and whatever it says beyond these is cut to them. Pure.
 */
import { FIELD, type KnownDevices } from "./known-devices.ts";

/** A boot begins: from now on the clock may be another, so the differences of before count for this boot only. */
export function noteBoot(known: KnownDevices, slot: number, deviceTime: number, at: number): void {
  if (known.get(slot, FIELD.hasSkew) !== 0) known.set(slot, FIELD.skewBeforeMs, known.get(slot, FIELD.skewMs));
  else known.set(slot, FIELD.skewBeforeMs, at - deviceTime);
  known.set(slot, FIELD.skewMs, at - deviceTime);
  known.set(slot, FIELD.hasSkew, 1);
}

/** Something that the device wrote at its `deviceTime` came at `at`: the way takes time, so the smallest is the truest. */
export function noteTime(known: KnownDevices, slot: number, deviceTime: number, at: number): void {
  if (known.get(slot, FIELD.hasSkew) === 0) {
    noteBoot(known, slot, deviceTime, at);
    return;
  }
  known.set(slot, FIELD.skewMs, Math.min(known.get(slot, FIELD.skewMs), at - deviceTime));
}

/** A device's time in the controller's, uncut. */
export function ourTime(known: KnownDevices, slot: number, deviceTime: number): number {
  return deviceTime + Math.min(known.get(slot, FIELD.skewMs), known.get(slot, FIELD.skewBeforeMs));
}

export const between = (time: number, from: number, to: number): number => Math.max(from, Math.min(time, to));
