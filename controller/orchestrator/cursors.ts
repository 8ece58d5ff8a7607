/** How far a reader of the change feed has come, compared stream by stream. Pure. */
import type { Change, Cursor } from "../store/feed.ts";

export const hasRead = (cursor: Cursor, { stream, sequence }: Pick<Change, "stream" | "sequence">): boolean =>
  (cursor[stream] ?? 0) >= sequence;

/** Where a reader has to begin who reads for both. */
export const earliest = (a: Cursor, b: Cursor): Cursor => merge(a, b, Math.min);
/** What has been read by one of the two at least. */
export const furthest = (a: Cursor, b: Cursor): Cursor => merge(a, b, Math.max);

function merge(a: Cursor, b: Cursor, choose: (x: number, y: number) => number): Cursor {
  const streams = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...streams].map((stream) => [stream, choose(a[stream] ?? 0, b[stream] ?? 0)]));
}
