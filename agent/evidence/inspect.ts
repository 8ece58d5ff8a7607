/**
 * Reads a file of evidence, whatever it is called: an event log, a crash dump, or the trail of Startup Repair.
 *
 * What a file is, its bytes say; a name says nothing, because evidence comes renamed, copied and mailed.
 */
import type { ByteSource } from "./byte-source.ts";
import { type CrashDumpFile, readCrashDump } from "./crash-dump.ts";
import { type EventLog, readEventLog } from "./event-log.ts";
import { looksLike } from "./looks-like.ts";
import { type NotOne, notOne } from "./not-one.ts";
import { type RepairTrail, readStartupRepair } from "./startup-repair.ts";

export type Evidence = CrashDumpFile | EventLog | RepairTrail;

export function inspect(source: ByteSource): Evidence | NotOne {
  if (startsWith(source, "PAGE") || startsWith(source, "MDMP")) return readCrashDump(source);
  const trail = readStartupRepair(source);
  if (trail.kind !== "not-one") return trail;
  const log = readEventLog(source);
  if (log.kind !== "not-one") return log;
  return notOne(`is no event log, kernel crash dump or Startup Repair trail; it looks like ${looksLike(source)}`);
}

function startsWith(source: ByteSource, signature: string): boolean {
  return new TextDecoder("latin1").decode(source.read(0, signature.length)) === signature;
}
