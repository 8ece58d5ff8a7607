/**
 * How the boot before this one ended, from records of the System log as `wevtutil qe System /f:RenderedXml` prints them.
 *
 * Pure. The evidence of a dirty end is written by the boot after it (Kernel-Power 41), that of a clean one by the boot
 * itself (1074: somebody asked for it; 6006: the event log was stopped). Text that people read is localised and never
 * looked at.
 */
import type { BootEnd } from "../../protocol/boot.ts";

interface EventRecord {
  readonly id: number;
  readonly provider: string;
  readonly data: ReadonlyMap<string, string>;
}

/** @param lines records in the order they were written; the first may be cut off */
export function previousEnd(lines: readonly string[]): BootEnd {
  const records = lines.flatMap((line) => parseEvent(line) ?? []);
  const begin = records.findLastIndex(isKernelStart);
  const thisBoot = records.slice(begin + 1);
  const before = records.slice(0, Math.max(0, begin));
  const lastBoot = before.slice(before.findLastIndex(isKernelStart) + 1);

  const dirty = thisBoot.findLast((record) => isFrom(record, 41, "Microsoft-Windows-Kernel-Power"));
  if (dirty !== undefined) return dirtyEnd(dirty.data);
  if (thisBoot.some((record) => isFrom(record, 6008, "EventLog"))) return { kind: "unknown" };
  if (begin < 0) return { kind: "unknown" };
  if (lastBoot.some((record) => isFrom(record, 1074, "User32"))) return { kind: "planned-restart" };
  if (lastBoot.some((record) => isFrom(record, 6006, "EventLog"))) return { kind: "clean" };
  return { kind: "unknown" };
}

/** BugcheckCode is decimal here, the parameters are hex. Zero: the machine lost power or was held off. */
function dirtyEnd(data: EventRecord["data"]): BootEnd {
  const code = Number(data.get("BugcheckCode"));
  if (code === 0) return { kind: "power-loss" };
  if (!Number.isSafeInteger(code) || code < 0) return { kind: "unknown" };
  const parameters = [1, 2, 3, 4].flatMap((i) => hexOf(data.get(`BugcheckParameter${i}`)) ?? []);
  return { kind: "bugcheck", bugcheck: { code: code.toString(16), parameters } };
}

function hexOf(text: string | undefined): string | undefined {
  const digits = /^0x([0-9a-f]{1,16})$/i.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`).toString(16);
}

const isFrom = (record: EventRecord, id: number, provider: string): boolean =>
  record.id === id && record.provider === provider;
const isKernelStart = (record: EventRecord): boolean => isFrom(record, 12, "Microsoft-Windows-Kernel-General");

/** One record a line. The few fields that matter, in either kind of quotes; anything else in the line is passed over. */
function parseEvent(line: string): EventRecord | undefined {
  const id = /<EventID(?:\s[^>]*)?>(\d{1,5})<\/EventID>/.exec(line)?.[1];
  const provider = /<Provider\s[^>]*?\bName=(['"])([^'"]*)\1/.exec(line)?.[2];
  if (id === undefined || provider === undefined) return undefined;
  const data = new Map<string, string>();
  for (const [, , name = "", value = ""] of line.matchAll(/<Data Name=(['"])([^'"]*)\1>([^<]*)<\/Data>/g))
    data.set(name, value.trim());
  return { id: Number(id), provider, data };
}
