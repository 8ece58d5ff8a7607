/**
 * In what condition a device is, as far as is known. Pure.
 *
 * Nothing here turns missing knowledge into a good word: a device that was not heard since the controller started is
 * unknown, one that went without a goodbye and stayed away past its window is silent.
 */
import type { Condition } from "../../protocol/api.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import type { KnownState } from "../store/devices.ts";

/** What the fleet in memory knows of a device's connection. */
export interface Contact {
  /** Connected to a gateway that is running now. */
  readonly connected: boolean;
  /** Heard since this controller started, or its window has passed since then. */
  readonly known: boolean;
  /** Expected back, and gone for longer than its window. */
  readonly overdue: boolean;
}

/** It went on purpose and promised no return. Who announced a restart is expected back. */
export const isAtRest = (state: KnownState | null): boolean =>
  state?.leaving === "shutdown" || state?.leaving === "sleep";

/** A boot that ended without anyone wanting it to. */
const endedBadly = (end: BootEnd): boolean =>
  end.kind === "bugcheck" || end.kind === "power-loss" || end.kind === "unknown";

export function conditionOf(state: KnownState | null, { connected, known, overdue }: Contact): Condition {
  if (!known || state === null || state.boot === null) return "unknown";
  if (!connected && overdue) return "silent";
  if (!connected && state.leaving !== null) return "away";
  if (state.healthy?.bootId === state.boot.bootId) return "healthy";
  return state.boot.tries >= 2 && endedBadly(state.boot.previousEnd) ? "boot-loop" : "starting";
}

/** Its last boot ended badly, or it is in a loop of such boots: shown as crashed, and counted for content versions. */
export function hasCrashed(state: KnownState | null): boolean {
  const boot = state?.boot ?? null;
  return boot !== null && boot.previousEnd.kind === "bugcheck" && state?.healthy?.bootId !== boot.bootId;
}

/** Does the device serve its people? Null where that is not known; budgets then leave it out. */
export function isUp(condition: Condition): boolean | null {
  switch (condition) {
    case "healthy":
      return true;
    case "starting":
    case "boot-loop":
    case "silent":
      return false;
    case "away": // switched off on purpose: nobody is kept from working
    case "unknown":
      return null;
  }
}
