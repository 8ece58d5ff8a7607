/** The cursors of a device's lists, as text: opaque to callers, checked like anything that they send. Pure. */
import { EpochId } from "../../protocol/ids.ts";
import { Refused } from "../ports/refused.ts";
import type { ReportKey } from "../store/reports.ts";

/** Where a page of boots goes on: after a boot, read from a report that is so much newer that nothing is missed. */
export interface BootCursor {
  readonly after: string;
  readonly from: ReportKey;
}

export const reportCursor = ({ epoch, sequence }: ReportKey): string => `${epoch}.${sequence}`;

export const bootCursor = ({ from, after }: BootCursor): string => `${reportCursor(from)}_${after}`;

/** @throws Refused for a cursor that no list gave out */
export function readReportCursor(cursor: string): ReportKey {
  const [epoch, sequence, ...rest] = cursor.split(".");
  const parsed = EpochId.safeParse(epoch);
  if (!parsed.success || rest.length > 0) throw notACursor();
  return { epoch: parsed.data, sequence: readPosition(sequence ?? "") };
}

/** @throws Refused for a cursor that no list gave out */
export function readBootCursor(cursor: string): BootCursor {
  const parts = /^(epoch_[^_.]+\.\d+)_(.+)$/s.exec(cursor);
  if (parts === null) throw notACursor();
  return { from: readReportCursor(parts[1] ?? ""), after: parts[2] ?? "" };
}

/** @throws Refused for a cursor that no list gave out */
export function readPosition(cursor: string): number {
  if (!/^[1-9]\d{0,14}$/.test(cursor)) throw notACursor();
  return Number(cursor);
}

export const notACursor = (): Refused =>
  new Refused("invalid-request", "The cursor is not one that this list gave out. Ask for the first page again.", [
    { path: "cursor", message: "not a cursor" },
  ]);
