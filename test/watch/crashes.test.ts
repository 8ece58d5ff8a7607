/** What a boot report is taken for, and when that was: a device's clock dates nothing beyond what the controller knows. */
import { expect, test } from "vitest";
import { between, noteBoot, noteTime, ourTime } from "../../controller/watch/clocks.ts";
import { crashesIn } from "../../controller/watch/crashes.ts";
import { KnownDevices } from "../../controller/watch/known-devices.ts";
import type { BootEnd, LoggedBoot } from "../../protocol/boot.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { aBoot, NOON } from "../support/fleet-builders.ts";

const MINUTE = 60_000;
const BUGCHECK: BootEnd = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };
/** Last reported an hour ago, and not known to have gone. */
const seen = (over: Partial<Parameters<typeof crashesIn>[2]> = {}): Parameters<typeof crashesIn>[2] => ({
  reportedAt: later(NOON, -60 * MINUTE),
  goneAt: 0,
  saidGoodbye: false,
  ourTime: (time) => time,
  ...over,
});
const logged = (ended: BootEnd, endedAt: Instant | null): LoggedBoot => ({
  startedAt: null,
  endedAt,
  kind: "cold",
  ended,
});
const after = (earlierBoots: LoggedBoot[]) =>
  aBoot({ uptimeMs: MINUTE, evidence: { earlierBoots, crashDumps: [], startupRepair: null } });

test.each<[BootEnd["kind"], string | undefined, string | undefined]>([
  ["bugcheck", "bugcheck", "bugcheck"],
  ["power-loss", "restart", undefined],
  ["unknown", "restart", undefined],
  ["clean", undefined, undefined],
  ["planned-restart", undefined, undefined],
])("a boot that ended by %s counts as %s, and after a goodbye as %s", (kind, unannounced, announced) => {
  const previousEnd: BootEnd = kind === "bugcheck" ? BUGCHECK : { kind };
  const signal = (saidGoodbye: boolean) => crashesIn(aBoot({ previousEnd }), NOON, seen({ saidGoodbye }))[0]?.signal;
  expect(signal(false)).toBe(unannounced);
  expect(signal(true)).toBe(announced);
});

test("a machine that was connected crashed when it was last heard, whatever its clock says", () => {
  const goneAt = later(NOON, -5 * MINUTE);
  for (const said of [later(NOON, -50 * MINUTE), later(NOON, 365 * 24 * 60 * MINUTE), null])
    expect(crashesIn(after([logged(BUGCHECK, said)]), NOON, seen({ goneAt }))).toEqual([
      { signal: "bugcheck", crashedAt: goneAt },
    ]);
});

test("what nobody heard is dated by the device, cut to the time between its last report and this boot", () => {
  const times = [later(NOON, -365 * 24 * 60 * MINUTE), later(NOON, -20 * MINUTE), later(NOON, 60 * MINUTE)];
  const crashes = crashesIn(after(times.map((time) => logged(BUGCHECK, time))), NOON, seen());
  expect(crashes.map(({ crashedAt }) => (crashedAt - NOON) / MINUTE)).toEqual([-60, -20, -1]);
});

test("of boots that were never heard, an end that nobody knows is no crash; a loss of power is one", () => {
  const ends: BootEnd[] = [{ kind: "clean" }, { kind: "unknown" }, { kind: "power-loss" }];
  const crashes = crashesIn(after(ends.map((end) => logged(end, later(NOON, -10 * MINUTE)))), NOON, seen());
  expect(crashes.map(({ signal }) => signal)).toEqual(["restart"]);
});

test("the way a report takes is not taken for a wrong clock: the quickest report tells the difference", () => {
  const known = new KnownDevices();
  const slot = known.add();
  const fast = 3 * 60 * MINUTE; // its clock is three hours ahead
  noteBoot(known, slot, NOON + fast, NOON + 90_000); // lay in the outbox for 90 s
  noteTime(known, slot, NOON + fast, NOON + 200);
  noteTime(known, slot, NOON + fast, NOON + 40_000);
  expect(ourTime(known, slot, NOON + fast)).toBe(NOON + 200);
});

test("a clock that was set right at a boot does not date what was written before it into the future", () => {
  const known = new KnownDevices();
  const slot = known.add();
  noteBoot(known, slot, NOON + 60 * MINUTE, NOON); // an hour ahead
  noteBoot(known, slot, NOON + 10 * MINUTE, NOON + 10 * MINUTE); // right since
  expect(ourTime(known, slot, NOON + 65 * MINUTE)).toBe(NOON + 5 * MINUTE);
  noteBoot(known, slot, NOON + 20 * MINUTE, NOON + 20 * MINUTE); // the boot with the wrong clock is past
  expect(ourTime(known, slot, NOON + 15 * MINUTE)).toBe(NOON + 15 * MINUTE);
  expect(between(NOON + 90 * MINUTE, NOON, NOON + 20 * MINUTE)).toBe(NOON + 20 * MINUTE);
});
