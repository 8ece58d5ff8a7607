/**
 * When each boot was, as near as the controller can tell on its own clock. For display only; nothing is decided by it.
 *
 * Invariant: starts never go backwards along the row, whatever the devices' clocks say. A device's clock is used where
 * it can be right: not after the report came, not before the boot before it, not more than a year back.
 */
import type { BootEnding, BootView } from "../../../protocol/api-device.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { Boot } from "./logged.ts";
import type { Telling } from "./told.ts";

/** Two clocks that are both kept by a time service differ by less. */
const SKEW_MS = 300_000;
/** Nobody keeps a report for so long before it is sent; a clock that says so is wrong. */
const DELAY_MAX_MS = 366 * 86_400_000;

type Times = BootView["times"];

export function timesOf(boots: readonly Boot[], endings: readonly (BootEnding | null)[]): readonly Times[] {
  const times: { startedAt: Instant; endedAt: Instant | null; basis: Times["basis"] }[] = [];
  for (const [i, boot] of boots.entries()) {
    const before = times.at(-1);
    const { claimed, latest } = bounds(boot);
    const earliest = Math.max(before?.startedAt ?? 0, latest - DELAY_MAX_MS);
    const canBe = claimed !== null && claimed >= earliest - SKEW_MS && claimed <= latest + SKEW_MS;
    const startedAt = Math.max(before?.startedAt ?? 0, canBe ? claimed : latest) as Instant;
    const basis = canBe ? "device-clock" : "receive-time";
    times.push({ startedAt, endedAt: endOf(endings[i] ?? null, { startedAt, basis }), basis });
    if (before !== undefined && (before.endedAt ?? 0) > startedAt) before.endedAt = null; // they cannot overlap
  }
  return times;
}

/** What the device's clock says of the start, and the last moment at which it can have been. */
function bounds(boot: Boot): { readonly claimed: Instant | null; readonly latest: Instant } {
  const telling = boot.kind === "silent" ? boot.telling : boot.tellings[0];
  if (telling === undefined) throw new RangeError("a boot that nobody told of");
  return { claimed: boot.kind === "silent" ? boot.entry.startedAt : telling.boot.bootedAt, latest: startOf(telling) };
}

const startOf = ({ boot, receivedAt }: Telling): Instant => Math.max(0, receivedAt - boot.uptimeMs) as Instant;

function endOf(ending: BootEnding | null, { startedAt, basis }: Pick<Times, "startedAt" | "basis">): Instant | null {
  if (ending === null) return null;
  if (ending.by === "leaving") return ending.receivedAt;
  if (ending.endedAt === null || basis === "receive-time") return null;
  return ending.endedAt >= startedAt && ending.endedAt <= ending.receivedAt + SKEW_MS ? ending.endedAt : null;
}
