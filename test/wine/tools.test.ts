/**
 * Windows' own programs, started by the agent under Wine: fakes where Wine has none. What is shown is how they are started
 * and that an effect is looked for; what the real programs do is for `doctor` and rehearsals on Windows.
 */
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

  async function productType(text: string): Promise<void> {
    const key = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions";
    await machine.run("reg", ["add", key, "/v", "ProductType", "/d", text, "/f"]);
  }
});
