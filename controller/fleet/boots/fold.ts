/**
 * The boots of a device, folded from its stored reports. Pure.
 *
 * Invariants: a boot stands here once, however often it was told; boots stand in the order in which the controller
 * received their reports; boots that only an event log knows stand where it has them; how a boot ended is
 * said only where somebody has said so, with who it was.
 */
import type { BootEnding, BootView } from "../../../protocol/api-device.ts";
import type { IngestReport, ReportKey } from "../../store/reports.ts";
import { endingsOf } from "./endings.ts";
import { type Boot, layOut } from "./logged.ts";
import { timesOf } from "./times.ts";
import { sortIntoBoots } from "./told.ts";

/** A device whose content never stops changing must not make a page endless. */
const CHANGES_MAX = 50;

export interface FoldedBoot {
  readonly view: BootView;
  /** The report that told of it first; null for boots that only a log knows. */
  readonly reportKey: ReportKey | null;
}

/**
 * @param reports a stretch of a device's reports, oldest first
 * @returns oldest first. Boots at the older edge of the stretch know nothing of what lies before it
 */
export function foldBoots(reports: readonly IngestReport[]): readonly FoldedBoot[] {
  const row = layOut(sortIntoBoots(reports));
  const endings = endingsOf(row);
  const times = timesOf(row.boots, endings);
  return row.boots.flatMap((boot, i): FoldedBoot[] => {
    const when = times[i];
    if (when === undefined) return [];
    const reportKey = boot.kind === "told" ? boot.key : null;
    return [{ view: viewOf(boot, when, endings[i] ?? null), reportKey }];
  });
}

function viewOf(boot: Boot, times: BootView["times"], ending: BootEnding | null): BootView {
  if (boot.kind === "silent") {
    if (ending === null) throw new RangeError("the log that knows a boot says how it ended");
    return {
      kind: "logged",
      key: boot.key,
      times,
      logged: boot.entry,
      agentRan: boot.isSure ? "no" : "not-known",
      ending,
    };
  }
  const [first] = boot.tellings;
  if (first === undefined) throw new RangeError("a boot that nobody told of");
  const { good, changes, heardUntil } = boot;
  return {
    kind: "reported",
    key: boot.id,
    times,
    boot: first.boot,
    receivedAt: first.receivedAt,
    heardUntil,
    good: good === null ? null : { receivedAt: good.receivedAt, healthy: good.value },
    changes: changes.slice(-CHANGES_MAX).map(({ receivedAt, value }) => ({ receivedAt, entry: value })),
    changesLeftOut: Math.max(0, changes.length - CHANGES_MAX),
    ending,
  };
}
