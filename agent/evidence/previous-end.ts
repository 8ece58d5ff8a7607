/**
 * How the boot before this one ended, from records of the System log as `wevtutil qe System /f:RenderedXml` prints them.
 *
 * Pure. See boot-fold.ts for how.
 */
import type { BootEnd } from "../../protocol/boot.ts";
import { BootFold } from "./boot-fold.ts";
import { parseEvent } from "./event-record.ts";

/** @param lines records in the order they were written; the first may be cut off */
export function previousEnd(lines: readonly string[]): BootEnd {
  const fold = new BootFold();
  for (const line of lines) {
    const begin = line.search(/<Event[\s>]/);
    const record = begin < 0 ? undefined : parseEvent(line.slice(begin));
    if (record !== undefined) fold.add(record);
  }
  return fold.end().boots.at(-2)?.ended ?? { kind: "unknown" };
}
