import { describe, expect, test } from "vitest";
import { type Evidence, judge } from "./judge.ts";
import type { KernelFact } from "./kernel-facts.ts";

const NOW = 100_000;
const DRIVER = "C/Windows/System32/drivers/Acme";
const FAULTY = { path: `${DRIVER}/C-00000007-00000000-00000012.sys`, sha256: "bad" };
const DISK = {
  [`${DRIVER}/C-00000007-00000000-00000011.sys`]: "good",
  "C/Users/rota.csv": "rota",
  "services.json": "s1",
};

const aDisk = (files: Record<string, string>, quarantined: Record<string, number> = {}): Evidence["after"] => ({
  files: new Map(Object.entries(files)),
  quarantined: new Map(Object.entries(quarantined)),
});
const ARRIVED: KernelFact = { at: 1_000, kind: "arrived", faulty: true, ...FAULTY };
const bootedWell = (at: number): KernelFact[] => [
  { at, kind: "booted", boot: 9 },
  { at, kind: "loaded", name: "C-00000007-00000000-00000011.sys", sha256: "good", faulty: false },
  { at: at + 2_000, kind: "services-up" },
];

/** A machine that took the faulty file, crashed, and has recovered. */
const aMachine = (evidence: Partial<Evidence> = {}): Evidence => ({
  name: "NGH-WS-01",
  before: aDisk(DISK),
  after: aDisk(DISK, { bad: 50_000 }),
  facts: [ARRIVED, { at: 2_000, kind: "crashed", code: 0x50, uptimeMs: 900 }, ...bootedWell(60_000)],
  state: "running",
  ...evidence,
});
const aHealthyMachine = (evidence: Partial<Evidence> = {}): Evidence => ({
  name: "NGH-CL-01",
  before: aDisk(DISK),
  after: aDisk(DISK),
  facts: bootedWell(100),
  state: "running",
  ...evidence,
});
const judged = (...machines: Evidence[]) => judge(machines, NOW, 8_000);
const NO_COLLATERAL = { healthyTouched: [], filesLost: [] };

describe("recovered", () => {
  test("a machine that lives without the faulty content, which lies in its quarantine", () => {
    expect(judged(aMachine(), aHealthyMachine())).toEqual({
      exposed: ["NGH-WS-01"],
      crashed: ["NGH-WS-01"],
      recovered: ["NGH-WS-01"],
      unreached: [],
      collateral: NO_COLLATERAL,
      findings: [],
    });
  });

  test.each<[string, Partial<Evidence>]>([
    ["the machine is off", { state: "off" }],
    ["the machine is between two boots", { state: "crashed" }],
    ["its boot is too young to have proven anything", { facts: [ARRIVED, ...bootedWell(NOW - 7_000)] }],
    ["its services are not up", { facts: [ARRIVED, ...bootedWell(60_000).slice(0, 2)] }],
    [
      "the faulty content is loaded, though its file is gone",
      {
        facts: [
          ARRIVED,
          { at: 60_000, kind: "booted", boot: 2 },
          { at: 60_000, kind: "loaded", name: "x", sha256: "bad", faulty: true },
          { at: 61_000, kind: "services-up" },
        ],
      },
    ],
    [
      "the faulty content still lies on the disk, under whatever name",
      { after: aDisk({ ...DISK, [`${DRIVER}/renamed.sys`]: "bad" }, { bad: 50_000 }) },
    ],
  ])("not when %s", (_, evidence) => {
    expect(judged(aMachine(evidence))).toMatchObject({ recovered: [], unreached: ["NGH-WS-01"] });
  });

  test("a machine that took the content but had not loaded it is exposed, and recovers without a crash", () => {
    expect(judged(aMachine({ facts: [ARRIVED, ...bootedWell(60_000)] }))).toMatchObject({
      crashed: [],
      recovered: ["NGH-WS-01"],
    });
  });
});

describe("collateral", () => {
  test.each<[string, Record<string, string>]>([
    ["a file changed", { ...DISK, "C/Users/rota.csv": "other" }],
    ["a file appeared", { ...DISK, "C/Windows/Temp/tool.exe": "tool" }],
    ["how a service starts was changed", { ...DISK, "services.json": "s2" }],
  ])("healthy machines on which %s", (_, files) => {
    const { collateral } = judged(aMachine(), aHealthyMachine({ after: aDisk(files) }));
    expect(collateral.healthyTouched).toEqual(["NGH-CL-01"]);
  });

  test("exposed machines on which more than the faulty file was touched", () => {
    const { "C/Users/rota.csv": _, ...rest } = DISK;
    const { collateral, findings } = judged(aMachine({ after: aDisk(rest, { bad: 50_000, rota: 50_000 }) }));
    expect(collateral).toEqual({ healthyTouched: ["NGH-WS-01"], filesLost: [] });
    expect(findings).toEqual(["NGH-WS-01: C/Users/rota.csv changed"]);
  });

  test("a restart of a machine that never had the faulty content", () => {
    const restarted: KernelFact = { at: 50_000, kind: "restart-asked", reason: "to be sure" };
    const { collateral } = judged(
      aMachine(),
      aHealthyMachine({ facts: [...bootedWell(100), restarted, ...bootedWell(60_000)] }),
    );
    expect(collateral.healthyTouched).toEqual(["NGH-CL-01"]);
  });

  test("the good version moved away instead of the faulty one", () => {
    const { [`${DRIVER}/C-00000007-00000000-00000011.sys`]: _, ...rest } = DISK;
    const machine = aMachine({ after: aDisk({ ...rest, [FAULTY.path]: FAULTY.sha256 }, { good: 50_000 }) });
    expect(judged(machine)).toMatchObject({ recovered: [], collateral: { healthyTouched: ["NGH-WS-01"] } });
  });

  test("a good version that the vendor sent and somebody moved away", () => {
    const path = `${DRIVER}/C-00000007-00000000-00000013.sys`;
    const good: KernelFact = { at: 3_000, kind: "arrived", path, sha256: "v13", faulty: false };
    const after = aDisk(DISK, { bad: 50_000, v13: 50_000 });
    const { collateral, findings } = judged(aMachine({ after, facts: [ARRIVED, good, ...bootedWell(60_000)] }));
    expect(collateral).toEqual({ healthyTouched: ["NGH-WS-01"], filesLost: [] });
    expect(findings).toEqual([`NGH-WS-01: ${path} changed`]);
  });

  test("contents that are neither in place nor in the quarantine are lost, the faulty ones too", () => {
    const { "C/Users/rota.csv": _, ...rest } = DISK;
    expect(judged(aMachine({ after: aDisk(rest) })).collateral.filesLost).toEqual([
      "NGH-WS-01: C/Users/rota.csv",
      `NGH-WS-01: ${FAULTY.path}`,
    ]);
  });

  test("contents that were moved within the disk are touched, not lost", () => {
    const { "C/Users/rota.csv": rota, ...rest } = DISK;
    const machine = aHealthyMachine({ after: aDisk({ ...rest, "C/Users/old-rota.csv": rota }) });
    expect(judged(machine).collateral).toEqual({ healthyTouched: ["NGH-CL-01"], filesLost: [] });
  });

  test("what the vendor sent and what the kernel wrote is no collateral", () => {
    const good: KernelFact = {
      at: 3_000,
      kind: "arrived",
      path: `${DRIVER}/C-00000007-00000000-00000013.sys`,
      sha256: "v13",
      faulty: false,
    };
    const dump: KernelFact = { at: 3_000, kind: "wrote", path: "C/Windows/Minidump/1.dmp", sha256: "dump" };
    const after = aDisk({ ...DISK, [good.path]: good.sha256, [dump.path]: dump.sha256 }, { bad: 50_000 });
    const machine = aMachine({ after, facts: [ARRIVED, good, dump, ...bootedWell(60_000)] });
    expect(judged(machine).collateral).toEqual(NO_COLLATERAL);
  });

  test("a file that the vendor sent and somebody changed afterwards is", () => {
    const machine = aMachine({ after: aDisk({ ...DISK, [FAULTY.path]: "zeros" }, { bad: 50_000 }) });
    expect(judged(machine).collateral.healthyTouched).toEqual(["NGH-WS-01"]);
  });
});
