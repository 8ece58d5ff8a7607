/**
 * Reads the stored reports of one device, newest first, as far as a page of its boots, reports or orders needs.
 *
 * Bounded: however much a device reported, one request looks at so many reports and no more.
 */
import type { ReportKind } from "../../protocol/api-device.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Store } from "../store.ts";
import type { IngestReport, ReportKey } from "../store/reports.ts";

/** A chunk is read in a few milliseconds, so that others who read are not kept waiting. */
const CHUNK = 250;
const LOOKED_MAX = 5_000;

const keyOf = ({ epoch, sequence }: IngestReport): ReportKey => ({ epoch, sequence });

export interface Stretch {
  /** Newest first. */
  readonly reports: readonly IngestReport[];
  /** The last one looked at, if there may be older ones; null at the end. */
  readonly last: ReportKey | null;
}

/**
 * @param before read from those that are older than this one
 * @param kinds only these
 * @param isEnough asked after each report; the stretch ends with the one for which it says yes
 */
export async function readBack(
  store: Pick<Store, "reportsOf">,
  device: DeviceId,
  before: ReportKey | undefined,
  kinds: readonly ReportKind[],
  isEnough: (found: readonly IngestReport[], newest: IngestReport) => boolean,
): Promise<Stretch> {
  const found: IngestReport[] = [];
  let last = before;
  for (let looked = 0; looked < LOOKED_MAX; looked += CHUNK) {
    const chunk = await store.reportsOf(device, CHUNK, last);
    for (const report of chunk) {
      last = keyOf(report);
      if (!kinds.includes(report.body.kind)) continue;
      found.push(report);
      if (isEnough(found, report)) return { reports: found, last };
    }
    if (chunk.length < CHUNK) return { reports: found, last: null };
  }
  return { reports: found, last: last ?? null };
}
