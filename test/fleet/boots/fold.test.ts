import { describe, expect, test } from "vitest";
import type { BootView } from "../../../protocol/api-device.ts";
import type { BootEnd, BootEvidence, BootId, CrashDump, LoggedBoot } from "../../../protocol/boot.ts";
import type { EpochId } from "../../../protocol/ids.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import { foldBoots } from "../../../controller/fleet/boots/fold.ts";
import type { IngestReport } from "../../../controller/store/reports.ts";
import { aBoot, aHealthyBoot, aVersion, NOON } from "../../support/fleet-builders.ts";
import { aReport, epoch } from "../../support/record-builders.ts";

const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;
const BUGCHECK = { code: "50", parameters: ["ffff8000", "0"] };
const CRASHED: BootEnd = { kind: "bugcheck", bugcheck: BUGCHECK };
const CLEAN: BootEnd = { kind: "clean" };

/** What one device says, a report a minute unless told otherwise. */
class Told {
  readonly reports: IngestReport[] = [];
  private readonly sequences = new Map<EpochId, number>();
  private minute = 0;
  epoch = epoch(1);

  at(minute: number): this {
    this.minute = minute;
    return this;
  }
  say(body: IngestReport["body"]): this {
    const sequence = (this.sequences.get(this.epoch) ?? 0) + 1;
    this.sequences.set(this.epoch, sequence);
    this.reports.push(aReport(1, sequence, { epoch: this.epoch, body, at: later(NOON, this.minute++ * MINUTE) }));
    return this;
  }
  /** Told `delay` minutes after it booted, by its clock as well. */
  boots(id: string, over: Parameters<typeof aBoot>[0] = {}): this {
    const bootedAt = later(NOON, (this.minute - 1) * MINUTE);
    return this.say({
      kind: "boot-began",
      boot: aBoot({ bootId: id as BootId, bootedAt, uptimeMs: MINUTE, ...over }),
    });
  }
  isGood(id: string): this {
    return this.say({ kind: "boot-healthy", healthy: aHealthyBoot({ bootId: id as BootId }) });
  }
  changes(n: number): this {
    return this.say({
      kind: "content-changed",
      entry: { change: "appeared", noticedAt: NOON, version: aVersion(n) },
    });
  }
  leaves(reason: "shutdown" | "restart" | "sleep" | "service-stop"): this {
    return this.say({ kind: "leaving", reason });
  }
  get folded(): BootView[] {
    return foldBoots(this.reports).map(({ view }) => view);
  }
}

const minute = (n: number): Instant => later(NOON, n * MINUTE);
const logged = (from: number | null, to: number | null, ended: BootEnd = CRASHED): LoggedBoot => ({
  startedAt: from === null ? null : minute(from),
  endedAt: to === null ? null : minute(to),
  kind: "cold",
  ended,
});
const evidence = (earlierBoots: LoggedBoot[], crashDumps: CrashDump[] = []): BootEvidence => ({
  earlierBoots,
  crashDumps,
  startupRepair: null,
});
const aDump = (crashedAt: number | null, over: Partial<CrashDump> = {}): CrashDump => ({
  file: "C:\\Windows\\Minidump\\112226-1.dmp",
  bugcheck: BUGCHECK,
  crashedAt: crashedAt === null ? null : minute(crashedAt),
  uptimeMs: MINUTE,
  build: 19_041,
  suspect: { driver: "csagent.sys", because: "the fault lies inside it" },
  ...over,
});
/** "a good clean", "~ - bugcheck": one word a boot. */
const told = (boots: readonly BootView[]): string[] =>
  boots.map(
    (boot) =>
      `${boot.kind === "reported" ? boot.boot.bootId : "~"} ${
        boot.kind === "reported" && boot.good !== null ? "good" : "-"
      } ${boot.ending === null ? "?" : boot.ending.by === "leaving" ? boot.ending.reason : boot.ending.end.kind}`,
  );

describe("boots that the agent told of", () => {
  test("nothing told, no boots; what came before any boot is of none", () => {
    expect(new Told().folded).toEqual([]);
    expect(new Told().changes(1).isGood("a").leaves("restart").folded).toEqual([]);
  });

  test("the next boot says how the one before it ended, and by which report", () => {
    const [a, b] = new Told().boots("a").isGood("a").boots("b", { previousEnd: CRASHED }).folded;
    expect(a?.ending).toEqual({
      by: "next-boot",
      end: CRASHED,
      toldBy: "b",
      receivedAt: minute(2),
      endedAt: null,
      crashDumps: [],
    });
    expect(a).toMatchObject({ good: { receivedAt: minute(1), healthy: { bootId: "a" } }, heardUntil: minute(1) });
    expect(b).toMatchObject({ ending: null, good: null, receivedAt: minute(2) });
  });

  test("a boot told again, by an agent that was installed anew or lost its outbox, is the same boot", () => {
    const device = new Told().boots("a").isGood("a");
    device.epoch = epoch(2);
    const boots = device.boots("a", { agentVersion: "9.9.9" }).changes(7).boots("b").folded;
    expect(told(boots)).toEqual(["a good clean", "b - ?"]);
    expect(boots[0]).toMatchObject({
      boot: { agentVersion: "0.1.0" },
      changes: [{ entry: { version: { label: "7" } } }],
    });
  });

  test("the same report twice is one boot", () => {
    const device = new Told().boots("a").boots("b");
    expect(foldBoots([...device.reports, ...device.reports])).toHaveLength(2);
  });

  test("boots stand as they were received, also from epochs that came the wrong way round", () => {
    const device = new Told().at(10).boots("b");
    device.epoch = epoch(2);
    device.at(5).boots("a").isGood("a").at(20).boots("c");
    expect(told(device.folded)).toEqual(["a good clean", "b - clean", "c - ?"]);
  });

  test("what changed goes to the boot in which it was noticed, the newest 50 of it", () => {
    const device = new Told().boots("a").changes(1).changes(2).boots("b");
    for (let n = 0; n < 60; n++) device.changes(n % 9);
    const [a, b] = device.folded;
    expect(a).toMatchObject({ changes: [{ receivedAt: minute(1) }, { receivedAt: minute(2) }], changesLeftOut: 0 });
    expect(b).toMatchObject({ changesLeftOut: 10 });
    expect(b?.kind === "reported" && b.changes).toHaveLength(50);
  });

  test("being good is said once, for the boot that it names", () => {
    const boots = new Told().boots("a").boots("b").isGood("a").isGood("b").isGood("b").folded;
    expect(told(boots)).toEqual(["a good clean", "b good ?"]);
    expect(boots[1]).toMatchObject({ good: { receivedAt: minute(3) } });
  });
});

describe("leaving", () => {
  test.each(["shutdown", "restart"] as const)("an announced %s is the end as long as nobody says more", (reason) => {
    expect(new Told().boots("a").leaves(reason).folded[0]?.ending).toEqual({
      by: "leaving",
      reason,
      receivedAt: minute(1),
    });
  });

  test.each(["sleep", "service-stop"] as const)("%s ends no boot", (reason) => {
    expect(new Told().boots("a").leaves(reason).folded[0]?.ending).toBeNull();
  });

  test("whoever is heard after a goodbye has not gone", () => {
    expect(new Told().boots("a").leaves("shutdown").isGood("a").folded[0]?.ending).toBeNull();
    expect(new Told().boots("a").leaves("restart").changes(1).folded[0]?.ending).toBeNull();
  });

  test("the next boot knows better than the goodbye", () => {
    const boots = new Told()
      .boots("a")
      .leaves("restart")
      .boots("b", { previousEnd: { kind: "power-loss" } }).folded;
    expect(told(boots)).toEqual(["a - power-loss", "b - ?"]);
  });
});

describe("boots in which the agent never ran", () => {
  test("stand between the reported ones, as the event log has them", () => {
    const boots = new Told()
      .boots("a")
      .at(30)
      .boots("b", { evidence: evidence([logged(-1, 5), logged(6, 8), logged(9, 11, { kind: "power-loss" })]) }).folded;
    expect(told(boots)).toEqual(["a - bugcheck", "~ - bugcheck", "~ - power-loss", "b - ?"]);
    expect(boots[0]?.ending).toMatchObject({ by: "event-log", endedAt: minute(5), toldBy: "b" });
    expect(boots[1]?.times).toEqual({ startedAt: minute(6), endedAt: minute(8), basis: "device-clock" });
  });

  test("without a log in the report, none are made up", () => {
    expect(new Told().boots("a").at(30).boots("b", { tries: 4 }).folded).toHaveLength(2);
  });

  test("an empty log leaves the word to the kernel's flag", () => {
    const boots = new Told().boots("a").boots("b", { previousEnd: CRASHED, evidence: evidence([]) }).folded;
    expect(boots[0]?.ending).toMatchObject({ by: "next-boot", end: CRASHED });
  });

  test("the first report of a device brings what was before the agent", () => {
    const boots = new Told().at(50).boots("a", { evidence: evidence([logged(1, 9, CLEAN), logged(10, 40)]) }).folded;
    expect(told(boots)).toEqual(["~ - clean", "~ - bugcheck", "a - ?"]);
  });

  test("a log that begins in the middle of the boot before means that boot", () => {
    const boots = new Told()
      .boots("a")
      .at(30)
      .boots("b", { evidence: evidence([logged(null, 8), logged(9, 12)]) }).folded;
    expect(told(boots)).toEqual(["a - bugcheck", "~ - bugcheck", "b - ?"]);
  });

  test("a single entry is the boot that was told last, whatever clock it was stamped by", () => {
    const wrong = { bootedAt: later(NOON, -3 * YEAR) };
    const boots = new Told()
      .boots("a", wrong)
      .at(30)
      .boots("b", { evidence: evidence([logged(-1, 5)]) }).folded;
    expect(told(boots)).toEqual(["a - bugcheck", "b - ?"]);
  });

  test("a clock that was set in between: where no entry fits the boot told last, none is said to be unseen", () => {
    const wrong = { bootedAt: later(NOON, -3 * YEAR) };
    const boots = new Told()
      .boots("a", wrong)
      .at(30)
      .boots("b", { evidence: evidence([logged(-90, -80, CLEAN), logged(-1, 5), logged(6, 9)]) }).folded;
    expect(told(boots)).toEqual(["a - ?", "~ - clean", "~ - bugcheck", "~ - bugcheck", "b - ?"]);
    expect(boots.map((boot) => boot.kind === "logged" && boot.agentRan)).toEqual([
      false,
      "not-known",
      "not-known",
      "not-known",
      false,
    ]);
  });

  test("in a fast loop every boot is recognised by the nearest start, not by the first that is near", () => {
    const boots = new Told()
      .boots("a", { bootedAt: minute(0) })
      .at(30)
      .boots("b", { evidence: evidence([logged(0.1, 0.6), logged(1, 1.5), logged(2, 2.5), logged(3, 3.5)]) }).folded;
    expect(told(boots)).toEqual(["a - bugcheck", "~ - bugcheck", "~ - bugcheck", "~ - bugcheck", "b - ?"]);
    expect(boots[0]?.ending).toMatchObject({ endedAt: minute(0.6) });
    expect(boots.filter((boot) => boot.kind === "logged" && boot.agentRan === "no")).toHaveLength(3);
  });

  test("what a dump proves counts for more than a log that knows only that it did not end well", () => {
    const boots = new Told()
      .boots("a")
      .at(30)
      .boots("b", {
        previousEnd: CRASHED,
        evidence: evidence([logged(-1, 5, { kind: "power-loss" })], [aDump(5)]),
      }).folded;
    expect(boots[0]?.ending).toMatchObject({ by: "next-boot", end: CRASHED, endedAt: minute(5), crashDumps: [{}] });
  });

  test("a list as long as it may be has lost its oldest: the boot told last is not guessed into it", () => {
    const twenty = Array.from({ length: 20 }, (_, i) => logged(100 + 2 * i, 101 + 2 * i));
    const boots = new Told()
      .boots("a")
      .at(200)
      .boots("b", { previousEnd: CRASHED, evidence: evidence(twenty) }).folded;
    expect(boots).toHaveLength(22);
    expect(boots[1]).toMatchObject({ kind: "logged", agentRan: "no" });
    expect(boots[0]).toMatchObject({ boot: { bootId: "a" }, ending: null }); // nobody says how that one ended
  });

  test("an agent installed anew tells of boots again: each stands once, where it was", () => {
    const device = new Told()
      .boots("a")
      .at(30)
      .boots("b", { evidence: evidence([logged(-1, 5), logged(6, 8)]) });
    device.epoch = epoch(2);
    const everything = [logged(-50, -20, CLEAN), logged(-1, 5), logged(6, 8), logged(29, 39, CLEAN), logged(41, 44)];
    const boots = device.at(60).boots("c", { evidence: evidence(everything) }).folded;
    expect(told(boots)).toEqual(["~ - clean", "a - bugcheck", "~ - bugcheck", "b - clean", "~ - bugcheck", "c - ?"]);
    expect(boots[1]?.ending).toMatchObject({ toldBy: "b" }); // who said it first
    expect(new Set(boots.map(({ key }) => key)).size).toBe(6);
  });

  test("another life of the agent knows nothing of the boot before, so its oldest entry is not taken for it", () => {
    const device = new Told().boots("a");
    device.epoch = epoch(2);
    const boots = device.at(60).boots("b", { evidence: evidence([logged(20, 30)]) }).folded;
    expect(told(boots)).toEqual(["a - ?", "~ - bugcheck", "b - ?"]);
  });
});

describe("crash dumps", () => {
  test("a dump goes to the boot that ended in that bugcheck", () => {
    const boots = new Told()
      .boots("a")
      .at(30)
      .boots("b", {
        previousEnd: CRASHED,
        evidence: evidence([logged(-1, 5), logged(6, 8)], [aDump(5), aDump(8)]),
      }).folded;
    expect(
      boots.map(({ ending }) => (ending?.by === "leaving" ? [] : ending?.crashDumps.map(({ crashedAt }) => crashedAt))),
    ).toEqual([[minute(5)], [minute(8)], undefined]);
  });

  test("one that says no time goes to the newest such end, and one of another bugcheck to none", () => {
    const other = { bugcheck: { code: "d1", parameters: [] } };
    const boots = new Told().boots("a").boots("b", {
      previousEnd: CRASHED,
      evidence: evidence([], [aDump(null), aDump(3, other)]),
    }).folded;
    expect(boots[0]?.ending).toMatchObject({ crashDumps: [{ crashedAt: null }] });
  });

  test("a dump that still lies there is brought again, and counts once", () => {
    const crash = (at: number) => ({ previousEnd: CRASHED, evidence: evidence([], [aDump(at)]) });
    const boots = new Told().boots("a").at(9).boots("b", crash(5)).at(20).boots("c", crash(5)).folded;
    expect(boots[0]?.ending).toMatchObject({ crashDumps: [{ crashedAt: minute(5) }] });
    expect(boots[1]?.ending).toMatchObject({ crashDumps: [] });
  });
});

describe("times", () => {
  test("the device's clock is used where it can be right, also for reports that came late", () => {
    const boots = new Told()
      .at(600)
      .boots("a", { bootedAt: minute(0) })
      .boots("b", { bootedAt: minute(90) }).folded;
    expect(boots.map(({ times }) => times)).toEqual([
      { startedAt: minute(0), endedAt: null, basis: "device-clock" },
      { startedAt: minute(90), endedAt: null, basis: "device-clock" },
    ]);
  });

  test.each([
    ["years behind", -5 * YEAR],
    ["years ahead", 5 * YEAR],
    ["an hour ahead", 60 * MINUTE],
  ])("a clock that is %s is not believed: the time of receipt less the uptime counts", (_what, wrongMs) => {
    const device = new Told()
      .boots("a")
      .at(20)
      .boots("b", { bootedAt: later(NOON, 19 * MINUTE + wrongMs) });
    const boots = device.at(40).boots("c").folded;
    expect(told(boots)).toEqual(["a - clean", "b - clean", "c - ?"]);
    expect(boots.map(({ times }) => [times.startedAt, times.basis])).toEqual([
      [minute(-1), "device-clock"],
      [minute(19), "receive-time"],
      [minute(39), "device-clock"],
    ]);
  });

  test("a clock that jumps about never makes a boot start before the one before it", () => {
    const device = new Told();
    for (let n = 0; n < 40; n++)
      device.at(10 * n).boots(`b${n}`, { bootedAt: later(NOON, ((n * 7919) % 400) * MINUTE) });
    const starts = device.folded.map(({ times }) => times.startedAt);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(told(device.folded).map((words) => words.split(" ")[0])).toEqual(
      Array.from({ length: 40 }, (_, n) => `b${n}`),
    );
  });

  test("an end on a wrong clock is not shown as a time, nor one that lies after the next start", () => {
    const wrong = new Told().boots("a", { bootedAt: later(NOON, -5 * YEAR) }).at(30);
    expect(wrong.boots("b", { evidence: evidence([logged(null, 10)]) }).folded[0]?.times.endedAt).toBeNull();
    const overlap = new Told()
      .boots("a")
      .at(30)
      .boots("b", { evidence: evidence([logged(-1, 29.5)]) });
    expect(overlap.folded[0]?.times.endedAt).toBeNull();
  });
});
