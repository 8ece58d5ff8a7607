import { describe, expect, test } from "vitest";
import { Playbook, Step } from "../../protocol/playbook.ts";
import { Strategy } from "../../protocol/strategy.ts";
import { faultPaths } from "../support/fault-paths.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const gate = {
  successShareMin: 0.9,
  failureShareMax: 0.1,
  sampleMin: { count: 2 },
  bakeMs: 5 * MINUTE,
  deadlineMs: 60 * MINUTE,
};
const good = {
  waves: [
    { name: "canary", take: { count: 2 }, gate },
    { name: "tills", take: { selector: { roles: ["till"] } }, gate },
    { name: "a tenth", take: { percent: 10 }, gate },
    { name: "everyone", take: { rest: true }, gate: { ...gate, sampleMin: { share: 0.5 } } },
  ],
  budgets: {
    inFlightMax: 10,
    downMaxPerSite: { share: 0.2 },
    sites: [{ site: "Leeds", downMax: { count: 1 } }],
    roles: [{ role: "domain-controller", downMax: { count: 1 } }],
  },
  windows: [{ zone: "Europe/London", days: ["sat", "sun"], from: "22:00", to: "05:30" }],
  freezes: [{ zone: "Europe/London", from: "2026-12-24T18:00", to: "2026-12-27T06:00", reason: "Christmas" }],
  patience: { offerMs: 10 * MINUTE, silentMs: 15 * MINUTE, orderMs: 60 * MINUTE },
  validityMs: 7 * DAY,
};

/** The good strategy with the value at `path` replaced. */
function withValue(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(good);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = copy as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return copy;
}

test("a strategy that says everything is taken as it is", () => {
  expect(Strategy.parse(good)).toEqual(good);
});

test("what a strategy leaves out means none, and stays so when it is read again", () => {
  const { windows: _windows, freezes: _freezes, ...rest } = good;
  const parsed = Strategy.parse({ ...rest, budgets: { inFlightMax: 1 } });
  expect(parsed).toMatchObject({ windows: [], freezes: [], budgets: { inFlightMax: 1, sites: [], roles: [] } });
  expect(Strategy.parse(parsed)).toEqual(parsed);
});

describe("a strategy that cannot be meant is refused, and the fault's place is named", () => {
  test.each<[string, string, unknown, string?]>([
    ["no waves", "waves", []],
    ["a wave without a gate", "waves.1.gate", undefined],
    ["a wave without a name", "waves.0.name", ""],
    ["a wave's name with a line end", "waves.0.name", "canary\n"],
    ["two waves of one name", "waves.1.name", "canary", "waves"],
    ["the rest before the last wave", "waves.0.take", { rest: true }],
    ["the rest denied", "waves.3.take.rest", false],
    ["a wave of none", "waves.0.take.count", 0],
    ["a wave of a fraction", "waves.0.take.count", 1.5],
    ["a wave of a text", "waves.0.take.count", "2"],
    ["no per cent", "waves.2.take.percent", 0],
    ["more than all", "waves.2.take.percent", 101],
    ["two ways to take", "waves.0.take.percent", 5],
    ["no way to take", "waves.0.take", {}, "waves.0.take.count"],
    ["a selector that says nothing", "waves.1.take.selector", {}],
    ["a role with capitals in a selector", "waves.1.take.selector.roles", ["Till"], "waves.1.take.selector.roles.0"],
    ["a gate that needs no success", "waves.0.gate.successShareMin", 0],
    ["a share above one", "waves.0.gate.successShareMin", 1.01],
    ["a share below none", "waves.0.gate.failureShareMax", -0.1],
    ["a share that is no number", "waves.0.gate.failureShareMax", Number.NaN],
    ["a sample of none", "waves.0.gate.sampleMin", { count: 0 }, "waves.0.gate.sampleMin.count"],
    ["a sample of a share of none", "waves.0.gate.sampleMin", { share: 0 }],
    ["a sample in two ways", "waves.0.gate.sampleMin", { count: 1, share: 0.1 }, "waves.0.gate.sampleMin.share"],
    ["baking in the past", "waves.0.gate.bakeMs", -1],
    ["baking for a fraction of a millisecond", "waves.0.gate.bakeMs", 0.5],
    ["baking for a month and a day", "waves.0.gate.bakeMs", 31 * DAY],
    ["no deadline", "waves.0.gate.deadlineMs", 0],
    ["an endless deadline", "waves.0.gate.deadlineMs", Number.POSITIVE_INFINITY],
    ["nobody in flight", "budgets.inFlightMax", 0],
    ["everybody in flight, unsaid", "budgets.inFlightMax", undefined],
    ["a budget of a negative share", "budgets.downMaxPerSite", { share: -0.5 }, "budgets.downMaxPerSite.share"],
    ["a budget of an unknown unit", "budgets.sites.0.downMax", { per: 1 }, "budgets.sites.0.downMax.per"],
    ["a misspelled budget", "budgets.downMaxPerSites", { count: 1 }],
    ["a window of an unknown day", "windows.0.days.0", "saturday"],
    ["a window of no day", "windows.0.days", []],
    ["a window at a quarter to 25", "windows.0.from", "24:45"],
    ["a window at a single digit", "windows.0.to", "5:30"],
    ["a zone that could be a path", "windows.0.zone", "../../etc/localtime"],
    ["a freeze by a date alone", "freezes.0.from", "2026-12-24"],
    ["a freeze in another notation", "freezes.0.to", "2026-12-27T06:00Z"],
    ["a freeze on 30 February", "freezes.0.from", "2026-02-30T18:00"],
    ["a freeze in month 13", "freezes.0.from", "2026-13-01T18:00"],
    ["a freeze that ends before it begins", "freezes.0.to", "2026-12-24T17:59"],
    ["a freeze without a reason", "freezes.0.reason", ""],
    ["patience of none", "patience.offerMs", 0],
    ["patience without silence", "patience.silentMs", undefined],
    ["patience for ever", "patience.orderMs", 31 * DAY],
    ["validity of a month", "validityMs", 31 * DAY],
    ["an unknown field", "gates", []],
  ])("%s", (_, path, value, place = path) => {
    expect(faultPaths(Strategy, withValue(path, value))).toContain(place);
  });
});

describe("a playbook", () => {
  const quarantine = {
    kind: "quarantine-file",
    files: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291*.sys",
    where: { sha256: ["a".repeat(64)] },
    filesMax: 1,
  };
  const playbook = { name: "undo-291", title: "Undo 291", source: "crowdstrike.channel-291", steps: [quarantine] };

  test("of typed steps is taken as it is", () => expect(Playbook.parse(playbook)).toEqual(playbook));

  test.each<[string, object, string]>([
    ["that runs a command", { kind: "run", command: "del *.sys" }, "kind"],
    ["with a command beside it", { ...quarantine, command: "del *.sys" }, "command"],
    ["that condemns by name alone", { ...quarantine, where: {} }, "where.sha256"],
    ["that condemns no contents", { ...quarantine, where: { sha256: [] } }, "where.sha256"],
    ["without a limit", { ...quarantine, filesMax: undefined }, "filesMax"],
    ["that takes a folder's worth", { ...quarantine, filesMax: 21 }, "filesMax"],
    ["that reaches out of its folder", { ...quarantine, files: "C:\\Windows\\..\\*" }, "files"],
    ["over many folders", { ...quarantine, files: "C:\\Win*\\a.sys" }, "files"],
    ["with half a byte", { ...quarantine, where: { sha256: ["a".repeat(64)], header: "abc" } }, "where.header"],
    ["that sets a service to nonsense", { kind: "set-service-start", service: "X", start: "never" }, "start"],
    ["for a service with a quote", { kind: "set-service-start", service: 'X" & del "', start: "disabled" }, "service"],
    ["that restarts next week", { kind: "reboot", noticeMs: 7 * DAY }, "noticeMs"],
    ["that waits for ever", { kind: "await-healthy", services: [], settleMs: 0, withinMs: 2 * DAY }, "withinMs"],
    ["that restores what it does not name", { kind: "restore-file", files: "C:\\a\\*", from: {} }, "sha256"],
  ])("with a step %s is refused at its place", (_, step, place) => {
    expect(faultPaths(Step, step)).toContain(place);
    expect(faultPaths(Playbook, { ...playbook, steps: [quarantine, step] })).toContain(`steps.1.${place}`);
  });
});
