/**
 * How long something has taken, measured by up-time over boots.
 *
 * The wall clock is never asked: it may be set. What is lost is the time between the last record of a boot and its
 * end; time during which the machine was off does not count.
 */
import type { BootId } from "../../protocol/boot.ts";

/** Up-time from and to which something was under way, for each boot it was under way in. */
export type Spans = ReadonlyMap<BootId, { readonly fromMs: number; readonly toMs: number }>;

export function extendSpans(spans: Spans, bootId: BootId, uptimeMs: number): Spans {
  const span = spans.get(bootId);
  // A boot that came while it was under way counts from its beginning.
  const fromMs = span?.fromMs ?? (spans.size === 0 ? uptimeMs : 0);
  const toMs = Math.max(span?.toMs ?? fromMs, uptimeMs);
  return new Map(spans).set(bootId, { fromMs, toMs });
}

export const elapsedMs = (spans: Spans): number =>
  [...spans.values()].reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
