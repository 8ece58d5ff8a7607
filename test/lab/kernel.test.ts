import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startMachine, type MachineUnderTest } from "../support/lab-machine.ts";
import { DRIVER_FOLDER, readServices } from "./disk.ts";
import type { KernelFact } from "./kernel-facts.ts";
import { type Content, faultyContent, goodContent } from "./vendor.ts";

const GOOD = goodContent(1, 11);
const FAULTY = faultyContent(1, 12);

const put = ({ folder }: MachineUnderTest, content: Content, name = content.name): Promise<void> =>
  writeFile(join(folder, DRIVER_FOLDER, name), content.bytes);
const log = ({ folder }: MachineUnderTest): Promise<string> => readFile(join(folder, "events/System.xml"), "utf8");
const standInLog = ({ folder }: MachineUnderTest): Promise<string> => readFile(join(folder, "stand-in.log"), "utf8");
const bootIdOf = async ({ folder }: MachineUnderTest): Promise<string> =>
  (JSON.parse(await readFile(join(folder, "boot.json"), "utf8")) as { bootId: string }).bootId;
const boot = (n: number) => (fact: KernelFact) => fact.kind === "booted" && fact.boot === n;
const kind = (wanted: KernelFact["kind"]) => (fact: KernelFact) => fact.kind === wanted;

test("a machine with good content starts its agent, its network and its services, and lives", async () => {
  await using lab = await startMachine({ dieAfterMs: 25_000, servicesAfterMs: 60_000 });
  await put(lab, GOOD);
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  expect(lab.machine.facts.map((fact) => fact.kind)).toEqual(["booted", "loaded", "network-up", "services-up"]);
  expect(await readServices(lab.folder)).toMatchObject({
    AcmeSensor: { running: true },
    RemoteRegistry: { start: "disabled", running: false },
  });
  await vi.waitFor(async () => expect(await standInLog(lab)).toContain(`heard in ${await bootIdOf(lab)}`), {
    timeout: 15_000,
  });
  expect(lab.faults).toEqual([]);
});

test("a machine with faulty content dies, leaves its records and a dump, and loops until the content is gone", async () => {
  await using lab = await startMachine({ dieAfterMs: 60_000 });
  await put(lab, GOOD);
  await put(lab, FAULTY);
  await lab.machine.powerOn();
  const first = await bootIdOf(lab);
  await lab.fact(boot(3));
  await rename(join(lab.folder, DRIVER_FOLDER, FAULTY.name), join(lab.folder, "quarantined"));
  await vi.waitFor(() => expect(lab.machine.facts.at(-1)?.kind).toBe("services-up"), { timeout: 15_000 });

  expect(await bootIdOf(lab)).not.toBe(first);
  const crashes = lab.machine.facts.filter(kind("crashed"));
  expect(crashes.length).toBeGreaterThanOrEqual(2);
  expect(lab.machine.facts.findLast(kind("loaded"))).toMatchObject({ sha256: GOOD.sha256, faulty: false });
  const records = (await log(lab)).split("\n").filter((line) => line.includes("<EventID>41</EventID>"));
  expect(records).toHaveLength(crashes.length);
  expect(records[0]).toContain("<Data Name='BugcheckCode'>80</Data><Data Name='BugcheckParameter1'>0xffff9c8e");
  expect(await readdir(join(lab.folder, "C/Windows/Minidump"))).toHaveLength(crashes.length);
});

test("which file is faulty follows from its content, not from its name or size", async () => {
  expect(FAULTY.bytes.subarray(0, 16)).toEqual(GOOD.bytes.subarray(0, 16));
  expect(FAULTY.bytes.length).toBe(GOOD.bytes.length);
  await using lab = await startMachine({ dieAfterMs: 10_000 });
  await put(lab, GOOD, FAULTY.name);
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  expect(lab.machine.facts.filter(kind("crashed"))).toEqual([]);
  await put(lab, FAULTY, "C-00000007-00000000-00000099.sys");
  await lab.machine.contentArrived("C-00000007-00000000-00000099.sys");
  await lab.fact(kind("crashed"));
});

test("an older faulty file beside a newer good one is not loaded", async () => {
  await using lab = await startMachine({ dieAfterMs: 10_000 });
  await put(lab, FAULTY);
  await put(lab, goodContent(1, 13));
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  expect(lab.machine.facts.filter(kind("crashed"))).toEqual([]);
});

test("content that arrives on a running machine kills it, unless its driver loads content at boot only", async () => {
  await using prompt = await startMachine();
  await using patient = await startMachine({ loads: "at-boot" });
  for (const lab of [prompt, patient]) {
    await lab.machine.powerOn();
    await lab.fact(kind("services-up"));
    await put(lab, FAULTY);
    await lab.machine.contentArrived(FAULTY.name);
  }
  await prompt.fact(boot(2));
  expect(patient.machine.state).toBe("running");
  expect(patient.machine.facts.map((fact) => fact.kind)).not.toContain("loaded");
});

test("a machine that dies before its network comes up is never heard", async () => {
  await using lab = await startMachine({ networkAfterMs: 300_000, dieAfterMs: 200_000 });
  await put(lab, FAULTY);
  await lab.machine.powerOn();
  await vi.waitFor(async () => expect(await standInLog(lab)).toContain("boot"), { timeout: 15_000 });
  await lab.fact(boot(3));
  expect(lab.machine.facts.map((fact) => fact.kind)).not.toContain("network-up");
  expect(await standInLog(lab)).not.toContain("heard");
});

test("a power cut ends the agent without a goodbye, and the next boot says so", async () => {
  await using lab = await startMachine();
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  await vi.waitFor(async () => expect(await standInLog(lab)).toContain("boot"), { timeout: 15_000 });
  await lab.machine.cutPower();
  expect(lab.machine.state).toBe("off");
  await lab.machine.powerOn();
  const records = await log(lab);
  expect(records).toContain("<Data Name='BugcheckCode'>0</Data>");
  expect(records).toContain("<EventID>6008</EventID>");
  expect(await standInLog(lab)).not.toContain("goodbye");
});

test("power cut in the middle of a boot leaves a machine that boots again", async () => {
  await using lab = await startMachine();
  const booting = lab.machine.powerOn();
  await lab.fact(boot(1));
  await lab.machine.cutPower();
  await booting;
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  expect(lab.faults).toEqual([]);
});

test("a restart that was asked for ends in good order and loads what is on the disk then", async () => {
  await using lab = await startMachine({ loads: "at-boot" });
  await put(lab, GOOD);
  await lab.machine.powerOn();
  await lab.fact(kind("services-up"));
  await vi.waitFor(async () => expect(await standInLog(lab)).toContain("boot"), { timeout: 15_000 });
  await rm(join(lab.folder, DRIVER_FOLDER, GOOD.name));
  await writeFile(
    join(lab.folder, "restart-request.json"),
    JSON.stringify({ noticeMs: 0, reason: "because <we> ask" }),
  );
  await lab.fact(boot(2));
  const records = await log(lab);
  expect(records).toMatch(/<EventID>1074<.*because &lt;we&gt; ask/);
  expect(records).toContain("<EventID>6006</EventID>");
  expect(records).not.toContain("<EventID>41</EventID>");
  expect(await standInLog(lab)).toContain("goodbye");
  expect(lab.machine.facts.filter(kind("loaded"))).toHaveLength(1);
});

test("a start in safe mode is the next one alone: without the driver, its services and, in its small form, the network", async () => {
  await using lab = await startMachine({ dieAfterMs: 60_000 });
  await put(lab, FAULTY);
  await writeFile(join(lab.folder, "safe-mode.json"), JSON.stringify({ next: "minimal" }));
  await lab.machine.powerOn();
  const bootMode = async (): Promise<unknown> => JSON.parse(await readFile(join(lab.folder, "boot.json"), "utf8"));
  expect(await bootMode()).toMatchObject({ mode: "safe-minimal" });
  await lab.fact(kind("services-up"));
  expect(await readServices(lab.folder)).toMatchObject({ AcmeSensor: { running: false } });
  expect(lab.machine.facts.map((fact) => fact.kind)).toEqual(["booted", "services-up"]);
  await lab.machine.cutPower();
  await lab.machine.powerOn();
  expect(await bootMode()).toMatchObject({ mode: "normal" });
  await lab.fact(kind("crashed"));
  expect(lab.faults).toEqual([]);
});
