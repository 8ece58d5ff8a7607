import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dispatchAllowed, faultsOfZones } from "../../controller/rollout/windows.ts";
import type { Freeze, MaintenanceWindow } from "../../protocol/strategy.ts";
import { at, later } from "../../protocol/time.ts";
import { present } from "../support/present.ts";
import { HOUR, MINUTE } from "../support/rollout-driver.ts";

const EVERY_DAY: MaintenanceWindow["days"] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const aWindow = (from: string, to: string, over: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  zone: "Europe/London",
  days: EVERY_DAY,
  from,
  to,
  ...over,
});
const aFreeze = (from: string, to: string): Freeze => ({ zone: "Europe/London", from, to, reason: "Christmas" });

/** When devices may be taken between two times: every five minutes are asked, the edges below lie on quarters. */
function openBetween(windows: MaintenanceWindow[], freezes: Freeze[], from: string, to: string): string[] {
  const edges: string[] = [];
  let open = false;
  for (let now = at(from); now <= at(to); now = later(now, 5 * MINUTE)) {
    const { allowed } = dispatchAllowed(windows, freezes, now);
    if (allowed !== open) edges.push(new Date(now).toISOString().slice(5, 16));
    open = allowed;
  }
  return edges;
}

describe("maintenance windows", () => {
  test("without any, devices may always be taken", () => {
    expect(dispatchAllowed([], [], at("2026-11-22T12:00:00Z"))).toEqual({ allowed: true, until: null });
  });

  test("are open from the first minute to the last, on the clock of their own zone", () => {
    const windows = [aWindow("22:00", "23:00", { zone: "Asia/Kolkata" })]; // 16:30 UTC
    expect(openBetween(windows, [], "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z")).toEqual([
      "11-22T16:30",
      "11-22T17:30",
    ]);
  });

  test("over midnight belong to the day on which they begin", () => {
    const windows = [aWindow("22:00", "04:00", { days: ["fri"] })]; // Friday is 27 November 2026
    expect(openBetween(windows, [], "2026-11-26T00:00:00Z", "2026-11-30T00:00:00Z")).toEqual([
      "11-27T22:00",
      "11-28T04:00",
    ]);
  });

  test("from a time to the same time last a day", () => {
    const windows = [aWindow("06:00", "06:00", { days: ["fri"] })];
    expect(openBetween(windows, [], "2026-11-26T00:00:00Z", "2026-11-30T00:00:00Z")).toEqual([
      "11-27T06:00",
      "11-28T06:00",
    ]);
  });

  test("say when they close, over windows that follow one another without a gap", () => {
    const windows = [aWindow("20:00", "22:00"), aWindow("22:00", "23:30"), aWindow("21:00", "21:30")];
    expect(dispatchAllowed(windows, [], at("2026-11-22T20:30:00Z"))).toEqual({
      allowed: true,
      until: at("2026-11-22T23:30:00Z"),
    });
  });

  test("say when the next one opens, also days later", () => {
    const answer = dispatchAllowed([aWindow("22:00", "04:00", { days: ["wed"] })], [], at("2026-11-26T04:00:00Z"));
    expect(answer).toMatchObject({ allowed: false, opensAt: at("2026-12-02T22:00:00Z") });
  });
});

describe("when the clocks change", () => {
  // London: 01:00 becomes 02:00 on 29 March 2026, and 02:00 becomes 01:00 again on 25 October 2026, both at 01:00 UTC.
  test("in spring a night window is an hour shorter", () => {
    expect(openBetween([aWindow("22:00", "04:00")], [], "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")).toEqual([
      "03-28T22:00",
      "03-29T03:00",
    ]);
  });

  test("in autumn it is an hour longer", () => {
    expect(openBetween([aWindow("22:00", "04:00")], [], "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z")).toEqual([
      "10-24T21:00",
      "10-25T04:00",
    ]);
  });

  test("a window that begins or ends in the hour that is left out does so when the clock jumps over it", () => {
    expect(openBetween([aWindow("01:30", "04:00")], [], "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z")).toEqual([
      "03-29T01:00",
      "03-29T03:00",
    ]);
    expect(openBetween([aWindow("00:00", "01:30")], [], "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")).toEqual([
      "03-29T00:00",
      "03-29T01:00",
    ]);
  });

  test("a window that lies in the hour that is left out does not happen that day", () => {
    expect(openBetween([aWindow("01:15", "01:45")], [], "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z")).toEqual([]);
    expect(dispatchAllowed([aWindow("01:15", "01:45")], [], at("2026-03-29T00:30:00Z"))).toMatchObject({
      opensAt: at("2026-03-30T00:15:00Z"),
    });
  });

  test("a window in the hour that is repeated happens once, the first time", () => {
    expect(openBetween([aWindow("01:15", "01:45")], [], "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z")).toEqual([
      "10-25T00:15",
      "10-25T00:45",
    ]);
  });

  test("a freeze in the hour that is repeated lasts until the second time", () => {
    const freezes = [aFreeze("2026-10-25T01:15", "2026-10-25T01:45")];
    expect(openBetween([], freezes, "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z")).toEqual([
      "10-25T00:00",
      "10-25T00:15",
      "10-25T01:45",
    ]);
  });
});

describe("freezes", () => {
  test("win over windows, and end the open stretch", () => {
    const windows = [aWindow("20:00", "23:00")];
    const freezes = [aFreeze("2026-12-24T21:00", "2026-12-27T00:00")];
    expect(dispatchAllowed(windows, freezes, at("2026-12-24T20:30:00Z"))).toEqual({
      allowed: true,
      until: at("2026-12-24T21:00:00Z"),
    });
    expect(dispatchAllowed(windows, freezes, at("2026-12-24T21:00:00Z"))).toEqual({
      allowed: false,
      opensAt: at("2026-12-27T20:00:00Z"),
      because:
        "Frozen until 2026-12-27 00:00 (Europe/London): Christmas. Devices may be taken again from 2026-12-27T20:00:00Z.",
    });
  });

  test("one after another hold until the last has ended", () => {
    const freezes = [aFreeze("2026-12-24T00:00", "2026-12-26T00:00"), aFreeze("2026-12-25T12:00", "2026-12-28T00:00")];
    expect(dispatchAllowed([], freezes, at("2026-12-24T12:00:00Z"))).toMatchObject({
      opensAt: at("2026-12-28T00:00:00Z"),
    });
  });
});

test("what cannot be evaluated keeps devices from being taken", () => {
  const answer = dispatchAllowed([aWindow("00:00", "00:00", { zone: "Mars/Olympus" })], [], at("2026-11-22T12:00:00Z"));
  expect(answer).toMatchObject({ allowed: false, opensAt: null });
});

test("the answer holds until the time that it names, and is another one then", () => {
  const time = fc
    .tuple(fc.nat({ max: 23 }), fc.constantFrom("00", "15", "30"))
    .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${minute}`);
  const window = fc.record({
    zone: fc.constantFrom("Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"),
    days: fc.subarray([...EVERY_DAY], { minLength: 1 }),
    from: time,
    to: time,
  });
  // The weeks in which the clocks change.
  const minutes = fc.oneof(
    fc.nat({ max: 20_160 }).map((m) => at("2026-03-22T00:00:00Z") + m * MINUTE),
    fc.nat({ max: 20_160 }).map((m) => at("2026-10-20T00:00:00Z") + m * MINUTE),
  );
  fc.assert(
    fc.property(
      fc.array(window, { minLength: 1, maxLength: 3 }),
      minutes,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (windows, start, fraction) => {
        const now = later(at("1970-01-01T00:00:00Z"), start);
        const answer = dispatchAllowed(windows, [], now);
        const until = present((answer.allowed ? answer.until : answer.opensAt) ?? undefined, "next change");
        const between = later(now, Math.floor((until - now) * fraction));
        expect(dispatchAllowed(windows, [], between).allowed).toBe(answer.allowed);
        expect(until).toBeGreaterThan(now);
        // Windows without a gap between them go on for ever; then the answer only has to be asked for again.
        const changes = until - now < 100 * HOUR;
        expect(changes && dispatchAllowed(windows, [], until).allowed === answer.allowed).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});

describe("faults that only the time zone data shows", () => {
  test("are found with their place in the request", () => {
    const faults = faultsOfZones({
      windows: [aWindow("22:00", "04:00"), aWindow("22:00", "04:00", { zone: "Europe/Lodnon" })],
      freezes: [
        aFreeze("2026-02-30T00:00", "2026-03-02T00:00"),
        aFreeze("2026-03-02T00:00", "2026-03-02T00:00"),
        { ...aFreeze("2026-01-01T00:00", "2026-01-02T00:00"), zone: "Nowhere" },
      ],
    });
    expect(faults.map(({ path }) => path)).toEqual([
      "windows.1.zone",
      "freezes.0.from",
      "freezes.1.to",
      "freezes.2.zone",
    ]);
    expect(faults[0]?.message).toBe('there is no time zone "Europe/Lodnon"');
  });

  test("are none in an ordinary strategy", () => {
    expect(
      faultsOfZones({
        windows: [aWindow("22:00", "04:00")],
        freezes: [aFreeze("2026-12-24T00:00", "2026-12-27T00:00")],
      }),
    ).toEqual([]);
  });
});
