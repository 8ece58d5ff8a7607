import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCrashed } from "../../controller/fleet/condition.ts";
import { Fleet } from "../../controller/fleet/fleet.ts";
import { foldState } from "../../controller/fleet/device-state.ts";
import type { DeviceRow } from "../../controller/store/devices.ts";
import type { Change } from "../../controller/store/feed.ts";
import { aBoot, aVersion, device, aHealthyBoot, REGISTERED, stream, NOON } from "../support/fleet-builders.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { Image } from "../../protocol/names.ts";
import { type Instant, later } from "../../protocol/time.ts";

const SILENT_AFTER_MS = 600_000;
const LIVE = stream(1);
const isLive = (candidate: string): boolean => candidate === LIVE;

function row(n: number, over: Partial<DeviceRow> = {}): DeviceRow {
  return {
    id: device(n),
    publicKey: "",
    name: `pc-${n}`,
    site: "Ward 1" as never,
    role: "workstation" as never,
    registeredAt: NOON,
    ...REGISTERED,
    state: null,
    ...over,
  };
}
const change = (n: number, body: Change["body"], at: Instant = NOON, from = LIVE): Change => ({
  stream: from,
  sequence: 1,
  at,
  deviceId: device(n),
  body,
});

function fleetOf(...rows: DeviceRow[]): Fleet {
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  for (const each of rows) fleet.put(each, NOON);
  return fleet;
}

describe("what is known of a device", () => {
  test("after a restart of the controller it is unknown, whatever was stored of it", () => {
    const stored = foldState(
      foldState(null, { kind: "boot-began", boot: aBoot() }, NOON),
      { kind: "boot-healthy", healthy: aHealthyBoot() },
      NOON,
    );
    const fleet = fleetOf(row(1, { state: stored }));
    expect(fleet.get(device(1))?.condition).toBe("unknown");
    fleet.apply(change(1, { kind: "connected" }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("healthy");
  });

  test("what a gateway of an earlier life wrote makes nobody connected or known", () => {
    const fleet = fleetOf(row(1));
    fleet.apply(change(1, { kind: "connected" }, NOON, stream(2)), isLive);
    expect(fleet.get(device(1))).toMatchObject({ connected: false, condition: "unknown" });
  });

  test("not heard for its whole window after a restart, it is silent and not before", () => {
    const stored = foldState(null, { kind: "boot-began", boot: aBoot() }, NOON);
    const fleet = fleetOf(row(1, { state: stored }));
    expect(fleet.sweep(later(NOON, SILENT_AFTER_MS - 1))).toEqual([]);
    fleet.sweep(later(NOON, SILENT_AFTER_MS));
    expect(fleet.get(device(1))?.condition).toBe("silent");
  });

  test("gone without a goodbye it keeps its condition for its window, then is silent; heard again, it is not", () => {
    const fleet = fleetOf(row(1));
    fleet.apply(change(1, { kind: "boot-began", boot: aBoot() }), isLive);
    fleet.apply(change(1, { kind: "dropped" }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("starting");
    fleet.sweep(later(NOON, SILENT_AFTER_MS));
    expect(fleet.get(device(1))?.condition).toBe("silent");
    fleet.apply(change(1, { kind: "connected" }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("starting");
  });

  test("gone with a goodbye it is away, never silent", () => {
    const fleet = fleetOf(row(1));
    fleet.apply(change(1, { kind: "boot-began", boot: aBoot() }), isLive);
    fleet.apply(change(1, { kind: "leaving", reason: "shutdown" }), isLive);
    fleet.apply(change(1, { kind: "dropped" }), isLive);
    fleet.sweep(later(NOON, SILENT_AFTER_MS * 10));
    expect(fleet.get(device(1))?.condition).toBe("away");
  });

  test("gone for an announced restart it is away, and silent when it does not come back", () => {
    const fleet = fleetOf(row(1));
    fleet.apply(change(1, { kind: "boot-began", boot: aBoot() }), isLive);
    fleet.apply(change(1, { kind: "leaving", reason: "restart" }), isLive);
    fleet.apply(change(1, { kind: "dropped" }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("away");
    fleet.sweep(later(NOON, SILENT_AFTER_MS));
    expect(fleet.get(device(1))?.condition).toBe("silent");
  });

  test("a goodbye said before the controller restarted still holds", () => {
    const booted = foldState(null, { kind: "boot-began", boot: aBoot() }, NOON);
    const fleet = fleetOf(row(1, { state: foldState(booted, { kind: "leaving", reason: "shutdown" }, NOON) }));
    fleet.sweep(later(NOON, SILENT_AFTER_MS));
    expect(fleet.get(device(1))?.condition).toBe("away");
  });

  test("a boot that ended in a bugcheck twice in a row is a boot loop; a good boot ends it", () => {
    const fleet = fleetOf(row(1));
    const crashed = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } } satisfies BootEnd;
    fleet.apply(change(1, { kind: "boot-began", boot: aBoot({ tries: 1, previousEnd: crashed }) }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("starting");
    fleet.apply(
      change(1, { kind: "boot-began", boot: aBoot({ bootId: "boot-2" as never, tries: 2, previousEnd: crashed }) }),
      isLive,
    );
    expect(fleet.get(device(1))?.condition).toBe("boot-loop");
    fleet.apply(change(1, { kind: "boot-healthy", healthy: aHealthyBoot({ bootId: "boot-2" as never }) }), isLive);
    expect(fleet.get(device(1))?.condition).toBe("healthy");
  });
});

describe("counts", () => {
  test("always equal what a walk over all devices gives, in any order of changes", () => {
    const bodies = fc.oneof(
      fc.constant({ kind: "connected" } as const),
      fc.constant({ kind: "dropped" } as const),
      fc.constant({ kind: "leaving", reason: "sleep" } as const),
      fc.record({ tries: fc.integer({ min: 1, max: 3 }), bad: fc.boolean(), versions: fc.subarray([1, 2, 3]) }).map(
        ({ tries, bad, versions }) =>
          ({
            kind: "boot-began",
            boot: aBoot({
              tries,
              previousEnd: bad ? { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } } : { kind: "clean" },
              content: versions.map((n) => aVersion(n)),
            }),
          }) as const,
      ),
      fc.constant({ kind: "boot-healthy", healthy: aHealthyBoot() } as const),
      fc.integer({ min: 1, max: 3 }).map(
        (n) =>
          ({
            kind: "content-changed",
            entry: { change: "appeared", noticedAt: NOON, version: aVersion(n) },
          }) as const,
      ),
    );
    const steps = fc.array(
      fc.record({
        n: fc.integer({ min: 1, max: 4 }),
        body: bodies,
        sweepAfterMs: fc.option(fc.integer({ min: 0, max: SILENT_AFTER_MS * 2 })),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (changes) => {
        const fleet = fleetOf(row(1), row(2), row(3));
        let now = NOON;
        for (const { n, body, sweepAfterMs } of changes) {
          fleet.apply(change(n, body, now), isLive);
          if (sweepAfterMs !== null) {
            now = later(now, sweepAfterMs);
            fleet.sweep(now);
          }
        }
        const all = [...fleet.all()];
        for (const condition of ["healthy", "starting", "boot-loop", "silent", "away", "unknown"] as const) {
          expect(fleet.conditions.of(condition)).toBe(all.filter((each) => each.condition === condition).length);
        }
        expect(fleet.connected).toBe(all.filter((each) => each.connected).length);
        for (const use of fleet.content.list()) {
          const runs = all.filter(({ row: { id } }) => fleet.runs(id, use.source, use.sha256));
          expect(use.devices).toBe(runs.length);
          expect(use.crashed).toBe(runs.filter(({ state }) => hasCrashed(state)).length);
        }
      }),
    );
  });

  test("lists devices by id from any cursor, also those registered out of order", () => {
    const fleet = fleetOf(row(3), row(1), row(2));
    expect([...fleet.all(device(1))].map(({ row: { name } }) => name)).toEqual(["pc-2", "pc-3"]);
  });
});

describe("standing", () => {
  const put = (fleet: Fleet, n: number, over: Partial<DeviceRow> = {}): void => void fleet.put(row(n, over), NOON);
  const countsOf = (fleet: Fleet) => ({
    counted: fleet.counted,
    connected: fleet.connected,
    sites: fleet.sites.of("Ward 1" as never),
    content: fleet.content.list().reduce((sum, { devices }) => sum + devices, 0),
  });
  const boots = (fleet: Fleet, n: number, at: Instant = NOON): void => {
    fleet.apply(change(n, { kind: "connected" }, at), isLive);
    fleet.apply(change(n, { kind: "boot-began", boot: aBoot({ content: [aVersion(1)] }) }, at), isLive);
  };

  test.each(["pending", "cloned", "revoked"] as const)(
    "a device that is %s is listed and counts nowhere",
    (standing) => {
      const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
      put(fleet, 1, { standing });
      boots(fleet, 1);
      expect(countsOf(fleet)).toEqual({ counted: 0, connected: 0, sites: 0, content: 0 });
      expect(fleet.size).toBe(1);
      const wish = { sort: "id", descending: false, from: null, limit: 10 } as const;
      expect(fleet.page({ standing }, wish).total).toBe(1);
      expect(fleet.page({ standing: "accepted" }, wish).total).toBe(0);
    },
  );

  test("it counts from the moment that it is accepted, with what it said before, and not once it is revoked", () => {
    const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
    put(fleet, 1, { standing: "pending" });
    boots(fleet, 1);
    fleet.apply(change(1, { kind: "standing", standing: "accepted" }), isLive);
    expect(countsOf(fleet)).toEqual({ counted: 1, connected: 1, sites: 1, content: 1 });
    fleet.apply(change(1, { kind: "standing", standing: "revoked" }), isLive);
    expect(countsOf(fleet)).toEqual({ counted: 0, connected: 0, sites: 0, content: 0 });
    expect(fleet.conditions.of("starting")).toBe(0);
  });

  test("of the machines of an image one counts: the one heard last, until it is gone", () => {
    const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
    const image = Image.parse("vdi-1");
    for (const n of [1, 2, 3]) put(fleet, n, { image });
    const standing = (): DeviceId[] => [...fleet.all()].filter(({ counts }) => counts).map(({ row: { id } }) => id);
    expect(standing()).toHaveLength(1);
    boots(fleet, 2, later(NOON, 1_000));
    expect(standing()).toEqual([device(2)]);
    boots(fleet, 3, later(NOON, 2_000));
    expect(standing()).toEqual([device(2)]); // it is connected: it keeps the vote
    fleet.apply(change(2, { kind: "dropped" }, later(NOON, 3_000)), isLive);
    expect(standing()).toEqual([device(3)]);
    fleet.apply(change(3, { kind: "standing", standing: "revoked" }), isLive);
    expect(standing()).toEqual([device(2)]);
    expect(countsOf(fleet)).toEqual({ counted: 1, connected: 0, sites: 1, content: 1 });
  });

  test("a machine of an image that was not heard for more than a day is in no count and no list until it is back", () => {
    const DAY_MS = 86_400_000;
    const HOUR_MS = 3_600_000;
    const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
    const image = Image.parse("vdi-1");
    const wish = { sort: "id", descending: false, from: null, limit: 10 } as const;
    const listed = (gone?: boolean): DeviceId[] => fleet.page({ gone }, wish).devices.map(({ row: { id } }) => id);
    put(fleet, 1, {});
    for (const n of [2, 3]) put(fleet, n, { image });
    put(fleet, 4, { image, standing: "pending" });
    put(fleet, 5, { image });
    boots(fleet, 5);
    fleet.apply(change(3, { kind: "dropped" }, later(NOON, 2 * HOUR_MS)), isLive);

    fleet.sweep(later(NOON, DAY_MS - 1));
    expect([fleet.size, fleet.gone]).toEqual([5, 0]);
    fleet.sweep(later(NOON, DAY_MS + HOUR_MS));
    expect([fleet.size, fleet.gone, fleet.counted]).toEqual([3, 2, 2]);
    expect(listed()).toEqual([device(1), device(3), device(5)]); // never heard and of no image; heard since; connected
    expect(listed(true)).toEqual([device(2), device(4)]);
    expect([fleet.standings.of("accepted"), fleet.standings.of("pending")]).toEqual([3, 0]);
    expect(fleet.kinds({}).sites).toEqual([{ site: "Ward 1", devices: 3 }]);

    const at = later(NOON, 3 * DAY_MS);
    expect(fleet.nextSweepAt()).toBeLessThan(at);
    fleet.apply(change(5, { kind: "dropped" }, later(NOON, 2 * DAY_MS)), isLive);
    fleet.sweep(later(at, HOUR_MS));
    expect([fleet.size, fleet.gone, fleet.counted]).toEqual([1, 4, 1]); // nobody is left to stand for the image
    boots(fleet, 2, later(at, 2 * HOUR_MS));
    expect([fleet.size, fleet.gone, fleet.counted]).toEqual([2, 3, 2]);
    expect(fleet.get(device(2))).toMatchObject({ gone: false, counts: true });
  });

  test("a restart long after finds machines of images gone at once, by when they were heard last", () => {
    const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
    const image = Image.parse("vdi-1");
    const heard = foldState(null, { kind: "boot-began", boot: aBoot() }, NOON);
    fleet.put(row(1, { image, state: heard }), later(NOON, 86_400_000));
    fleet.put(row(2, { state: heard }), later(NOON, 86_400_000));
    expect([fleet.size, fleet.gone, fleet.counted]).toEqual([1, 1, 1]);
  });

  test("whatever pools do, each image has exactly one vote as long as it has an accepted machine, and counts are a walk's", () => {
    const images = [null, Image.parse("vdi-1"), Image.parse("vdi-2")];
    const happening = fc.record({
      n: fc.integer({ min: 0, max: 5 }),
      what: fc.constantFrom("put", "connected", "dropped", "accepted", "pending", "revoked"),
      image: fc.constantFrom(...images),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
        for (const [i, { n, what, image }] of happenings.entries()) {
          const at = later(NOON, i);
          if (what === "put") put(fleet, n, { image });
          else if (what === "connected" || what === "dropped") fleet.apply(change(n, { kind: what }, at), isLive);
          else fleet.apply(change(n, { kind: "standing", standing: what }, at), isLive);
          const accepted = [...fleet.all()].filter(({ row: { standing } }) => standing === "accepted");
          const votes = accepted.filter(({ counts }) => counts);
          const wanted = new Set(accepted.flatMap(({ row }) => row.image ?? [])).size;
          expect(votes.filter(({ row }) => row.image !== null)).toHaveLength(wanted);
          expect(new Set(votes.flatMap(({ row }) => row.image ?? [])).size).toBe(wanted);
          expect(votes.filter(({ row }) => row.image === null)).toHaveLength(
            accepted.filter(({ row }) => row.image === null).length,
          );
          expect([...fleet.all()].filter(({ counts }) => counts)).toHaveLength(votes.length);
          expect([fleet.counted, fleet.connected]).toEqual([
            votes.length,
            votes.filter(({ connected }) => connected).length,
          ]);
        }
      }),
    );
  });
});
