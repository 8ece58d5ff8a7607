/**
 * Windows' own programs, started by the agent under Wine: fakes where Wine has none. What is shown is how they are started
 * and that an effect is looked for; what the real programs do is for `doctor` and rehearsals on Windows.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeBcdedit, fakeBcdedit } from "../support/fake-bcdedit.ts";
import { FakeTool, whyNoFakeTools } from "../support/fake-tool.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";

const TOOLS = "C:\\tools";
type Job = readonly [part: string, call: string, ...args: unknown[]];

describe.skipIf((whyNoWine() ?? whyNoFakeTools()) !== undefined)("Windows' programs under Wine", () => {
  let machine: WineMachine;
  let folder: string;
  let bcdedit: FakeBcdedit;
  const run = async (jobs: readonly Job[], tools = TOOLS): Promise<unknown[]> => {
    const list = jobs.map(([part, call, ...args]) => ({ part, call, args }));
    const { output } = await machine.node("test/wine/programs/tools.ts", [tools, JSON.stringify(list)]);
    try {
      return JSON.parse(output) as unknown[];
    } catch {
      throw new Error(output);
    }
  };
  beforeAll(async () => {
    machine = await WineMachine.create();
    folder = machine.at(TOOLS);
    bcdedit = await fakeBcdedit(folder);
  });
  afterAll(() => machine?.remove());

  test("arguments reach a program as they are, its code page is read, and one that hangs is ended", async () => {
    const args = ["a b", 'say "x"', "C:\\dir\\", "*.inf", "%PATH%", "&calc", ""];
    const said = (text: string) => ({ kind: "ok", value: { exitCode: 3010, stdout: text, stderr: "" } });
    const tool = await FakeTool.install(folder, "uwfmgr", [
      { on: args, act: ["raw 8441", "exit 3010"] },
      { on: ["hang"], act: ["print begun", "wait 600000"] },
    ]);
    const results = await run([
      ["tool", "run", "uwfmgr", args, 60_000],
      ["tool", "run", "uwfmgr", ["hang"], 3_000],
      ["tool", "run", "reagentc", ["/info"], 60_000],
      ["tool", "decode", 437, "84e1"],
      ["tool", "decode", 850, "84e1"],
      ["tool", "decode", 852, "a5d8"],
      ["tool", "decode", 866, "8fe0a8"],
      ["tool", "decode", 932, "93fa967b"],
    ]);
    expect(results.slice(0, 3)).toEqual([
      said("äA"),
      expect.objectContaining({ kind: "fault", fault: "timed-out" }),
      expect.objectContaining({ kind: "fault", fault: "not-found" }),
    ]);
    expect(results.slice(3)).toEqual(["äß", "äß", "ąě", "При", "日本"]);
    expect((await tool.log())[0]).toBe(`C:\\tools\\uwfmgr.exe "a b" "say \\"x\\"" C:\\dir\\ *.inf %PATH% &calc ""`);
  });

  test("Wine itself has no bcdedit, and that is said", async () => {
    const missing = { kind: "fault", fault: "not-found" };
    expect(await run([["safeMode", "next"]], "")).toEqual([expect.objectContaining(missing)]);
  });

  test("one start in safe mode: set, taken by the boot manager, cleared in safe mode", async () => {
    await productType("WinNT");
    const [set, next] = await run([
      ["safeMode", "setOnce", "minimal"],
      ["safeMode", "next"],
    ]);
    expect([set, next]).toEqual([{ kind: "ok" }, { kind: "ok", value: "minimal" }]);
    expect((await bcdedit.state()).get("displayed")).toBe("");
    expect(await bcdedit.boot()).toBe("minimal");
    expect(await bcdedit.boot()).toBeUndefined();
    expect(await run([["safeMode", "clear"]])).toEqual([{ kind: "ok" }]);
    expect((await bcdedit.state()).get("entry")).toBe("");
  });

  test("bcdedit lies, is forbidden, or the machine is a domain controller: no safe mode, and why", async () => {
    await bcdedit.set({ mood: "lies" });
    expect(await run([["safeMode", "setOnce", "minimal"]])).toMatchObject([{ fault: "verify-failed" }]);
    await bcdedit.set({ mood: "denied" });
    expect(await run([["safeMode", "setOnce", "minimal"]])).toMatchObject([{ fault: "permission-denied" }]);
    await bcdedit.set({ mood: "" });
    await productType("LanmanNT");
    const [refused] = await run([["safeMode", "setOnce", "minimal"]]);
    expect(refused).toMatchObject({ because: expect.stringContaining("domain controller") as string });
    expect((await bcdedit.state()).get("entry")).toBe("");
  });

  test("Defender goes back when its version does, and gives a file back when the file is there", async () => {
    const key = "HKLM\\SOFTWARE\\Microsoft\\Windows Defender";
    const updates = "SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates\tAVSignatureVersion\tREG_SZ";
    await setText(`${key}\\Signature Updates`, "AVSignatureVersion", "1.413.102.0");
    const tool = await FakeTool.install(folder, "mpcmdrun", [
      { on: ["-RemoveDefinitions", "-All"], act: [`?mood=obeys registry ${updates}\t1.413.1.0`, "print OK"] },
      { on: ["-Restore", "-ListAll"], act: ["print ThreatName = EICAR", "print       file:C:\\lob.exe isoliert"] },
      { on: ["-Restore", "-FilePath", "C:\\lob.exe"], act: ["?mood=obeys file C:\\lob.exe\tback", "print OK"] },
    ]);
    const both: readonly Job[] = [
      ["defender", "revertDefinitions", 60_000],
      ["defender", "restoreFromQuarantine", "EICAR", "C:\\lob.exe"],
    ];
    expect(await run(both)).toMatchObject([{ fault: "verify-failed" }, { fault: "verify-failed" }]);
    await tool.set({ mood: "obeys" });
    expect(await run(both)).toEqual([{ kind: "ok" }, { kind: "ok" }]);
    await machine.run("reg", ["add", `${key}\\Features`, "/v", "TamperProtection", "/t", "REG_DWORD", "/d", "5", "/f"]);
    expect(await run(both)).toMatchObject([{ fault: "permission-denied" }, { kind: "ok" }]);
  });

  test("an update and a driver are gone when they are gone, whatever code their programs end with", async () => {
    const update = "Package_for_KB5034441~31bf3856ad364e35~amd64~~1.0";
    const mum = machine.at(`C:\\windows\\servicing\\Packages\\${update}.mum`);
    await mkdir(dirname(mum), { recursive: true });
    await writeFile(mum, '<assembly><package identifier="KB5034441" permanence="removable"/></assembly>');
    const dism = await FakeTool.install(folder, "dism", [
      {
        on: ["/English", "/Online", "/Get-Packages"],
        act: [
          `print Package Identity : ${update}`,
          "?state= print State : Installed",
          "?state!= print State : ${state}",
          "print",
          "print Package Identity : Package_for_KB1111111~31bf3856ad364e35~amd64~~1.0",
          "print State : Installed",
        ],
      },
      {
        on: ["/English", "/Online", "/Remove-Package", "*", "/NoRestart", "/Quiet"],
        act: ["?mood=obeys set state=Uninstall Pending", "?mood=obeys exit 3010"],
      },
    ]);
    const driver = { published: "oem7.inf", original: "nv.inf", provider: "NVIDIA", version: "31.0.15.5176" };
    const pnputil = await FakeTool.install(folder, "pnputil", [
      {
        on: ["/enum-drivers"],
        act: [
          "print Microsoft-PnP",
          "print",
          ...["oem7.inf", "nv.inf", "NVIDIA", "25/03/2024 31.0.15.5176"].map(
            (value) => `?gone!=yes print Ein Name: ${value}`,
          ),
        ],
      },
      { on: ["/export-driver", "oem7.inf", "*"], act: ["file $1\\nv.inf\t[Version]"] },
      { on: ["/delete-driver", "oem7.inf", "/uninstall"], act: ["?mood=obeys set gone=yes", "exit 0"] },
    ]);
    const both: readonly Job[] = [
      ["updates", "remove", "KB5034441", 60_000],
      ["drivers", "remove", driver, "plan-1"],
    ];
    expect(await run(both)).toMatchObject([{ fault: "verify-failed" }, { fault: "verify-failed" }]);
    await dism.set({ mood: "obeys" });
    await pnputil.set({ mood: "obeys" });
    const [removed, deleted] = await run(both);
    expect(removed).toEqual({ kind: "ok", value: { restartDue: true } });
    expect(deleted).toEqual({ kind: "ok", value: { restartDue: false } });
    const copy = machine.at("C:\\ProgramData\\Ringback\\drivers\\plan-1\\nv.inf");
    expect(await readFile(copy, "utf8")).toBe("[Version]");
  });

  test("a file is held against writers while it is installed, and found by its true place", async () => {
    await writeFile(machine.at("C:\\fix.msu"), "update");
    const [held, missing] = await run([
      ["held", "write", "C:\\fix.msu"],
      ["held", "write", "C:\\none.msu"],
    ]);
    const sha256 = createHash("sha256").update("update").digest("hex");
    expect(held).toEqual({ sha256, during: ["EBUSY", "EBUSY"] });
    expect(missing).toMatchObject({ kind: "fault", fault: "not-found" });
    expect(await readFile(machine.at("C:\\fix.msu"), "utf8")).toBe("afterwards");
  });

  test("the doctor reports everything that Wine has not, changes nothing, and leaves a transcript", async () => {
    await mkdir(machine.at("C:\\ProgramData\\Ringback"), { recursive: true });
    await mkdir(machine.at("C:\\Windows\\System32\\drivers\\CrowdStrike"), { recursive: true });
    const files = async () => {
      const names = ["C:\\ProgramData", "C:\\windows\\system32\\drivers", "C:\\windows\\temp"].map((path) =>
        machine.at(path),
      );
      return (await Promise.all(names.map(async (path) => readdir(path, { recursive: true })))).flat();
    };
    const before = new Set(await files());
    const { exitCode, output } = await machine.node("test/wine/programs/doctor.ts", [
      "",
      "C:\\ProgramData\\Ringback",
      "--json",
    ]);
    const told = JSON.parse(output) as { transcript: string; verdicts: { capability: string; answer: string }[] };
    expect(exitCode).toBe(1);
    const answers = new Map(told.verdicts.map(({ capability, answer }) => [capability, answer]));
    expect([...answers].filter(([, answer]) => answer === "works").map(([capability]) => capability)).toEqual(
      expect.arrayContaining(["native-library", "product:crowdstrike.channel-291"]),
    );
    for (const absent of ["event-log", "service", "boot-configuration", "updates", "drivers"])
      expect([absent, answers.get(absent)]).toEqual([absent, "does-not-work"]);
    expect(await readFile(machine.at(told.transcript), "utf8")).toContain("> wevtutil qe System");
    const added = (await files()).filter((path) => !before.has(path));
    expect(added).toEqual([relative(machine.at("C:\\ProgramData"), machine.at(told.transcript))]);
  });

  test("the doctor believes tools that answer", async () => {
    await bcdedit.set({ mood: "" });
    await FakeTool.install(folder, "wevtutil", [{ on: ["..."], act: ["print <Event xmlns='x'></Event>"] }]);
    await FakeTool.install(folder, "powershell", [{ on: ["..."], act: ["print ConstrainedLanguage"] }]);
    const { output } = await machine.node("test/wine/programs/doctor.ts", [
      TOOLS,
      "C:\\ProgramData\\Ringback",
      "--json",
    ]);
    const { verdicts } = JSON.parse(output) as { verdicts: { capability: string; answer: string; seen: string }[] };
    const about = (capability: string) => verdicts.find((each) => each.capability === capability);
    expect(about("event-log")).toMatchObject({ answer: "works" });
    expect(about("boot-configuration")).toMatchObject({ answer: "works", seen: "the next start is normal" });
    expect(about("update-blocking")).toMatchObject({ answer: "does-not-work" });
  });

  const setText = (key: string, name: string, text: string) =>
    machine.run("reg", ["add", key, "/v", name, "/d", text, "/f"]);

  async function productType(text: string): Promise<void> {
    await setText("HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType", text);
  }
});
