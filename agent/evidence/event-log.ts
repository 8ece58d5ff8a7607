/**
 * An event log as evidence: what it holds, what of it is lost, and the boots that it tells of.
 *
 * Pure: reads an .evtx file or the XML that `wevtutil` prints through a ByteSource, piece by piece; memory does not grow
 * with the file. Never throws over what the file holds: a damaged log gives every record that can be read.
 */
import type { LoggedBoot } from "../../protocol/boot.ts";
import type { ByteSource } from "./byte-source.ts";
import { type EventCount, EventTally } from "./event-tally.ts";
import { isEvtx, readEvtx } from "./evtx/evtx-file.ts";
import { readEventXml } from "./event-xml.ts";
import { type NotOne, notOne } from "./not-one.ts";

export interface EventLog {
  readonly kind: "event-log";
  /** System, for instance: the channel of the first record that names one. */
  readonly channel: string | null;
  /** Records read. */
  readonly records: number;
  /** Records found in space that the log has given up, or in a chunk whose header is broken; in no other figure here. */
  readonly recovered: number;
  /** Records that the log says it holds but that could not be read, as far as they can be counted. */
  readonly lost: number;
  /** What is lost, in words; chunks are counted from 0, as other tools do. */
  readonly lostBecause: readonly string[];
  /** Sorted by provider, then by event. */
  readonly counts: readonly EventCount[];
  /** In the order in which they began. */
  readonly boots: readonly LoggedBoot[];
}

/** How much of a log to read where the newest records are all that is wanted. */
export interface Newest {
  /** An .evtx file is a ring: so many of its chunks of 64 KiB, those with the newest records. */
  readonly chunks: number;
  /** XML grows at its end: so many bytes of it. */
  readonly xmlBytes: number;
}

const ALL: Newest = { chunks: Number.POSITIVE_INFINITY, xmlBytes: Number.POSITIVE_INFINITY };

export function readEventLog(source: ByteSource, newest: Newest = ALL): EventLog | NotOne {
  if (source.size === 0) return notOne("is empty");
  const tally = new EventTally();
  if (isEvtx(source)) readEvtx(source, tally, newest.chunks);
  else if (!readEventXml(source, tally, newest.xmlBytes))
    return notOne("is neither an .evtx file nor the XML of event records");
  return tally.log();
}
