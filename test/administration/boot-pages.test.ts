import { describe, expect, test } from "vitest";
import type { BootEvidence, BootId, LoggedBoot } from "../../protocol/boot.ts";
import type { EpochId } from "../../protocol/ids.ts";
import { later } from "../../protocol/time.ts";
import { pageOfBoots } from "../../controller/administration/boot-pages.ts";
import { readBootCursor } from "../../controller/administration/device-cursors.ts";
import { foldBoots } from "../../controller/fleet/boots/fold.ts";
import { Refused } from "../../controller/ports/refused.ts";
import type { IngestReport, ReportKey } from "../../controller/store/reports.ts";
import { aBoot, aHealthyBoot, aVersion, device, NOON } from "../support/fleet-builders.ts";
import { aReport, epoch } from "../support/record-builders.ts";

const MINUTE = 60_000;

/** What storage answers, of reports that are given oldest first. */
class Reports {
  readonly all: IngestReport[] = [];
  asked = 0;

  add(body: IngestReport["body"], of: EpochId = epoch(1)): void {
    this.all.push(aReport(1, this.all.length + 1, { epoch: of, body, at: later(NOON, this.all.length * 10 * MINUTE) }));
  }
  boot(id: string, evidence?: BootEvidence): void {
    const bootedAt = later(NOON, this.all.length * 10 * MINUTE - MINUTE);
    const boot = aBoot({
      bootId: id as BootId,
      bootedAt,
      uptimeMs: MINUTE,
      ...(evidence === undefined ? {} : { evidence }),
    });
    this.add({ kind: "boot-began", boot });
  }
  async reportsOf(_device: unknown, limit: number, before?: ReportKey): Promise<readonly IngestReport[]> {
    this.asked += limit;
    return this.all
      .filter(({ sequence }) => before === undefined || sequence < before.sequence)
      .toReversed()
      .slice(0, limit);
  }
}

/** Boots with everything: logs that name others, boots in which the agent never ran, changes, goodbyes. */
function aLongHistory(): Reports {
  const reports = new Reports();
  for (let n = 0; n < 90; n++) {
    const start = reports.all.length * 10 * MINUTE;
    const unseen =
      n % 7 === 3
        ? [logged(start - 8 * MINUTE, start - 6 * MINUTE), logged(start - 5 * MINUTE, start - 4 * MINUTE)]
        : [];
    reports.boot(
      `b${n}`,
      n % 2 === 0 && unseen.length === 0 ? undefined : { earlierBoots: unseen, crashDumps: [], startupRepair: null },
    );
    if (n % 3 > 0) reports.add({ kind: "boot-healthy", healthy: aHealthyBoot({ bootId: `b${n}` as BootId }) });
    if (n % 5 === 0)
      reports.add({
        kind: "content-changed",
        entry: { change: "appeared", noticedAt: NOON, version: aVersion(n % 9) },
      });
    if (n % 4 === 0) reports.add({ kind: "leaving", reason: "restart" });
  }
  return reports;
}
const logged = (from: number, to: number): LoggedBoot => ({
  startedAt: later(NOON, from),
  endedAt: later(NOON, to),
  kind: "cold",
  ended: { kind: "power-loss" },
});

async function everyPage(reports: Reports, limit: number) {
  const pages = [await pageOfBoots(reports, device(1), null, limit)];
  for (let next = pages[0]?.next ?? null; next !== null; next = pages.at(-1)?.next ?? null) {
    pages.push(await pageOfBoots(reports, device(1), readBootCursor(next), limit));
  }
  return pages;
}

test.each([1, 2, 7, 50, 200])("pages of %d are the whole history, cut in pieces", async (limit) => {
  const reports = aLongHistory();
  const whole = foldBoots(reports.all)
    .map(({ view }) => view)
    .toReversed();
  const pages = await everyPage(reports, limit);
  expect(pages.flatMap(({ items }) => items.map(({ key }) => key))).toEqual(whole.map(({ key }) => key));
  // The estimate of a start leans on the boot before; everything else is the same on whichever page a boot stands.
  const told = pages.flatMap(({ items }) => items.map(({ times: _times, ...rest }) => rest));
  expect(told).toEqual(whole.map(({ times: _times, ...rest }) => rest));
  expect(pages.every(({ items }) => items.length > 0 && items.length <= limit)).toBe(true);
});

test("a log that reaches back over the edge of a page names the boots beyond it", async () => {
  const reports = new Reports();
  for (let n = 0; n < 12; n++) reports.boot(`a${n}`);
  const entries = Array.from({ length: 11 }, (_, i) =>
    logged((i + 1) * 10 * MINUTE - MINUTE, (i + 1) * 10 * MINUTE + MINUTE),
  );
  reports.all.push(
    aReport(1, 13, {
      epoch: epoch(2),
      at: later(NOON, 999 * MINUTE),
      body: {
        kind: "boot-began",
        boot: aBoot({
          bootId: "anew" as BootId,
          evidence: { earlierBoots: entries, crashDumps: [], startupRepair: null },
        }),
      },
    }),
  );
  const pages = await everyPage(reports, 3);
  const far = pages.flatMap(({ items }) => items).find(({ key }) => key === "a2");
  expect(far?.ending).toMatchObject({ by: "event-log", toldBy: "anew" });
});

test("a device that reports without end costs a bounded look", async () => {
  const reports = new Reports();
  reports.boot("first");
  for (let n = 0; n < 12_000; n++)
    reports.add({ kind: "content-changed", entry: { change: "appeared", noticedAt: NOON, version: aVersion(1) } });
  const page = await pageOfBoots(reports, device(1), null, 50);
  expect(page).toEqual({ items: [], next: null });
  expect(reports.asked).toBeLessThanOrEqual(5_000);
});

describe("a cursor that no list gave out", () => {
  test.each([
    "",
    "x",
    "epoch_1",
    `${epoch(1)}.1`,
    `${epoch(1)}.0_b1`,
    `${epoch(1)}.1.2_b1`,
    "_",
    "b1",
    `${epoch(1)}.-1_b`,
  ])("%j is refused", (cursor) => {
    expect(() => readBootCursor(cursor)).toThrow(Refused);
  });
  test("and one that names a boot of another device", async () => {
    const cursor = readBootCursor(`${epoch(1)}.3_elsewhere`);
    await expect(pageOfBoots(aLongHistory(), device(1), cursor, 5)).rejects.toThrow(Refused);
  });
});
