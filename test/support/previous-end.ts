/** How the boot before the running one ended, from lines of the System log, as the agent reads them. */
import { readEventLog } from "../../agent/evidence/event-log.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import { byteSource } from "./bytes.ts";

/** @param lines records in the order they were written; the first may be cut off */
export function previousEnd(lines: readonly string[]): BootEnd {
  const log = readEventLog(byteSource(Buffer.from(lines.join("\n"))));
  return (log.kind === "event-log" ? log.boots.at(-2)?.ended : undefined) ?? { kind: "unknown" };
}
