/**
 * Whatever a device's clock says, and however often it changes its mind: no write and no crash is dated outside of what
 * the controller itself knows, which is the time between the last report and this one, or the beginning of this boot.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Crash, Detector } from "../../controller/detection/types.ts";
import type { FleetDevice } from "../../controller/fleet/fleet.ts";
import type { Change } from "../../controller/store/feed.ts";
import { KnownDevices } from "../../controller/watch/known-devices.ts";
import { Names } from "../../controller/watch/names.ts";
import { Teller } from "../../controller/watch/teller.ts";
import { WrittenTimes } from "../../controller/watch/written-times.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { aBoot, aVersion, device, NOON, stream } from "../support/fleet-builders.ts";

const numRuns = process.env["RINGBACK_TEST_FULL"] === "1" ? 20_000 : 1_000;
const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;

/** A clock may be right, off by anything, or say nonsense; it may be set at any moment. */
const aClockError = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -5 * MINUTE, max: 5 * MINUTE }),
  fc.integer({ min: -30 * YEAR, max: 30 * YEAR }),
  fc.constantFrom(-56 * YEAR, Number.MAX_SAFE_INTEGER - 200 * YEAR),
);
const anEnd = fc.constantFrom<BootEnd>(
  { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } },
  { kind: "power-loss" },
  { kind: "unknown" },
  { kind: "clean" },
  { kind: "planned-restart" },
);
/** How long before or after the truth something is said to have been, by the clock of that moment. */
const anAge = fc.oneof(fc.integer({ min: -MINUTE, max: 90 * MINUTE }), fc.constantFrom(0, 100, YEAR, -YEAR));
const aStep = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 * MINUTE })),
  clock: aClockError,
  what: fc.constantFrom("boot", "boot", "content", "connect", "drop", "leave", "healthy"),
  uptimeMs: fc.oneof(fc.integer({ min: 0, max: 20 * MINUTE }), fc.constantFrom(0, YEAR, 40 * YEAR)),
  heardMs: fc.integer({ min: 0, max: 5 * MINUTE }),
  versions: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), anAge), { maxLength: 3 }),
  ends: fc.array(fc.tuple(anEnd, fc.option(anAge)), { maxLength: 4 }),
  goodbye: fc.constantFrom("shutdown", "restart", "sleep"),
});
type Step = typeof aStep extends fc.Arbitrary<infer Of> ? Of : never;

const clamp = (time: number): Instant => Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, time)) as Instant;

function bodyOf(step: Step, now: Instant): Change["body"] {
  const { what, clock, uptimeMs, versions, ends, goodbye, heardMs } = step;
  const theirs = (age: number): Instant => clamp(now + clock - age);
  const content = versions.map(([n, age]) => ({ ...aVersion(n), modifiedAt: theirs(age) }));
  switch (what) {
    case "boot": {
      const earlierBoots = ends.map(([ended, age]) => {
        return { startedAt: null, endedAt: age === null ? null : theirs(age), kind: "cold" as const, ended };
      });
      const evidence = { earlierBoots, crashDumps: [], startupRepair: null };
      const previousEnd = ends[0]?.[0] ?? { kind: "unknown" };
      return {
        kind: "boot-began",
        boot: aBoot({ bootedAt: theirs(uptimeMs), uptimeMs, previousEnd, content, evidence }),
      };
    }
    case "content": {
      const [version] = content;
      if (version === undefined) return { kind: "leaving", reason: "sleep" };
      return { kind: "content-changed", entry: { change: "appeared", noticedAt: version.modifiedAt, version } };
    }
    case "connect":
      return { kind: "connected", replacedHeardAt: later(now, -heardMs) };
    case "drop":
      return { kind: "dropped", lastHeardAt: later(now, -heardMs) };
    case "leave":
      return { kind: "leaving", reason: goodbye };
    case "healthy":
      return { kind: "emergency" } as unknown as ReportBody; // of those that only say that the device lives
  }
}

/** Notes what is dated. */
class Dated {
  readonly writes: (number | null)[] = [];
  readonly crashes: Crash[] = [];
  private versions = 0;

  readonly detector = {
    addVersion: () => this.versions++,
    exposed: (_at: number, _device: number, _version: number, writtenAt: number | null) => this.writes.push(writtenAt),
    crashed: (_at: number, _device: number, crash: Crash) => this.crashes.push(crash),
    cleared: () => undefined,
    changeDevice: () => undefined,
    online: () => undefined,
    gone: () => undefined,
  } as unknown as Detector;

  take(): { readonly writes: readonly (number | null)[]; readonly crashes: readonly Crash[] } {
    return { writes: this.writes.splice(0), crashes: this.crashes.splice(0) };
  }
}

test("nothing is dated beyond what the controller knows, whatever the device's clock says", () => {
  const member = { row: { site: "Ward 1", role: "kiosk" } } as unknown as FleetDevice;
  const seen = { crashes: 0, writes: 0 };
  fc.assert(
    fc.property(fc.array(aStep, { minLength: 2, maxLength: 12 }), (steps) => {
      const dated = new Dated();
      const known = new KnownDevices();
      const told = { detector: dated.detector, names: new Names(1), known, written: new WrittenTimes() };
      const teller = new Teller({ ...told, resting: new Uint8Array(1) });
      const slot = known.add();
      let now = NOON;
      let reportedAt = 0;
      const change = (body: Change["body"], i: number) => {
        return { stream: stream(1), sequence: i, at: now, deviceId: device(1), body } as Change;
      };
      teller.tell(slot, member, change({ kind: "connected" }, 0), now);
      for (const [i, step] of steps.entries()) {
        now = later(now, step.afterMs);
        const body = bodyOf(step, now);
        teller.tell(slot, member, change(body, i + 1), now);
        const { writes, crashes } = dated.take();
        const began = body.kind === "boot-began" ? Math.max(now - body.boot.uptimeMs, reportedAt) : now;
        // Before the first report nobody knows since when anything is there, and what crashed is nobody's to judge.
        const isBlank = crashes.length === 0 && writes.every((writtenAt) => writtenAt === null);
        expect(reportedAt > 0 || isBlank).toBe(true);
        for (const writtenAt of writes) {
          if (writtenAt === null) continue;
          seen.writes++;
          expect(writtenAt).toBeGreaterThanOrEqual(reportedAt);
          expect(writtenAt).toBeLessThanOrEqual(now);
        }
        let before = reportedAt;
        for (const { crashedAt, content } of crashes) {
          seen.crashes++;
          expect(crashedAt).toBeGreaterThanOrEqual(before);
          expect(crashedAt).toBeLessThanOrEqual(began);
          before = crashedAt;
          for (const { writtenAt } of content) expect(writtenAt ?? 0).toBeLessThanOrEqual(crashedAt);
        }
        if (body.kind !== "connected" && body.kind !== "dropped") reportedAt = now;
      }
    }),
    { numRuns },
  );
  expect(Math.min(seen.crashes, seen.writes)).toBeGreaterThan(numRuns / 10); // it has looked at some
});

/** A machine that was heard until it crashed, and comes up again with one file that it had not told of. */
function upAgain(writtenAt: Instant): { readonly write: number | null | undefined; readonly crash: Crash | undefined } {
  const dated = new Dated();
  const known = new KnownDevices();
  const told = { detector: dated.detector, names: new Names(1), known, written: new WrittenTimes() };
  const teller = new Teller({ ...told, resting: new Uint8Array(1) });
  const slot = known.add();
  const member = { row: { site: "Ward 1", role: "kiosk" } } as unknown as FleetDevice;
  const tell = (body: Change["body"], at: Instant) =>
    teller.tell(slot, member, { stream: stream(1), sequence: 1, at, deviceId: device(1), body }, at);
  tell({ kind: "connected" }, NOON);
  tell({ kind: "boot-began", boot: aBoot({ bootedAt: NOON, uptimeMs: 0 }) }, NOON);
  const crashedAt = later(NOON, 60 * MINUTE);
  tell({ kind: "dropped", lastHeardAt: crashedAt }, later(crashedAt, MINUTE));
  const bootedAt = later(crashedAt, 2 * MINUTE);
  tell({ kind: "connected" }, later(bootedAt, MINUTE));
  const content = [{ ...aVersion(1), modifiedAt: writtenAt }];
  const previousEnd: BootEnd = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };
  tell(
    { kind: "boot-began", boot: aBoot({ bootedAt, uptimeMs: MINUTE, previousEnd, content }) },
    later(bootedAt, MINUTE),
  );
  const { writes, crashes } = dated.take();
  return { write: writes.at(-1), crash: crashes.at(-1) };
}

test("what waited for the next start is not blamed for the crash that brought the start about", () => {
  const inTheNextBoot = later(NOON, 62 * MINUTE + 20_000);
  const { write, crash } = upAgain(inTheNextBoot);
  expect(write).toBe(inTheNextBoot);
  expect(crash?.content).toEqual([]);
});

test("what kills at once was there at the crash, though the machine was heard last some seconds before", () => {
  const { crash } = upAgain(later(NOON, 60 * MINUTE + 15_000));
  expect(crash?.content.length).toBe(1);
});
