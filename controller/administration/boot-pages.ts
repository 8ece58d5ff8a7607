/**
 * A page of a device's boots, newest first.
 *
 * What a boot's log says may reach back over the boots before it, so a page is folded from a few more boots than it
 * shows: newer ones that may name it, and an older one beside which boots that only a log knows find their place.
 */
import type { BootView } from "../../protocol/api-device.ts";
import { EVIDENCE_MAX } from "../../protocol/boot.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { type FoldedBoot, foldBoots } from "../fleet/boots/fold.ts";
import type { Store } from "../store.ts";
import { type BootCursor, bootCursor, notACursor } from "./device-cursors.ts";
import { readBack } from "./device-history.ts";

/** As many as a report may name. */
const REACH = EVIDENCE_MAX.earlierBoots;
const KINDS = ["boot-began", "boot-healthy", "content-changed", "leaving"] as const;

export interface BootsPage {
  readonly items: BootView[];
  readonly next: string | null;
}

/** @throws Refused if the cursor names no boot of this device */
export async function pageOfBoots(
  store: Pick<Store, "reportsOf">,
  device: DeviceId,
  cursor: BootCursor | null,
  limit: number,
): Promise<BootsPage> {
  const wanted = limit + 1 + (cursor === null ? 0 : REACH + 1);
  const began = new Set<string>();
  // The report itself belongs to the stretch, and `before` would leave it out.
  const before = cursor === null ? undefined : { ...cursor.from, sequence: cursor.from.sequence + 1 };
  const { reports, last } = await readBack(store, device, before, KINDS, (_found, { body }) => {
    if (body.kind === "boot-began") began.add(body.boot.bootId);
    return began.size >= wanted;
  });
  const folded = foldBoots(reports.toReversed());
  const isWhole = last === null;
  const known = (isWhole ? folded : withoutOldest(folded)).toReversed();
  const start = cursor === null ? 0 : 1 + known.findIndex(({ view }) => view.key === cursor.after);
  if (cursor !== null && start === 0) throw notACursor();
  const items = known.slice(start, start + limit);
  const oldest = items.at(-1);
  const hasMore = !isWhole || start + limit < known.length;
  if (oldest === undefined || !hasMore) return { items: items.map(({ view }) => view), next: null };
  const from = readFrom(known.slice(0, start + items.length));
  return {
    items: items.map(({ view }) => view),
    next: from === null ? null : bootCursor({ from, after: oldest.view.key }),
  };
}

/** The oldest that was told, and what stands before it, may have more to them than was read. */
const withoutOldest = (folded: readonly FoldedBoot[]): readonly FoldedBoot[] =>
  folded.slice(1 + folded.findIndex(({ reportKey }) => reportKey !== null));

/** The report of the boot from which on every report is read that may name a boot beyond those shown, newest first. */
function readFrom(shown: readonly FoldedBoot[]): BootCursor["from"] | null {
  const keys = shown.flatMap(({ reportKey }) => reportKey ?? []);
  return keys.slice(-REACH - 1)[0] ?? null;
}
