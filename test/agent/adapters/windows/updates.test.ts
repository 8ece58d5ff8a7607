/** Updates, Defender and drivers: what counts is what is there afterwards, whatever the programs said. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defender } from "../../../../agent/adapters/windows/defender.ts";
import { drivers } from "../../../../agent/adapters/windows/drivers.ts";
import type { RunTool } from "../../../../agent/adapters/windows/ports.ts";
import { windowsUpdates } from "../../../../agent/adapters/windows/updates.ts";
import { Sha256 } from "../../../../protocol/canonical.ts";
import { WindowsPath } from "../../../../protocol/windows-path.ts";
import { FakeRegistry } from "../../../support/fake-registry.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const ended = (exitCode: number, stdout = "") => ({ kind: "ok", value: { exitCode, stdout, stderr: "" } }) as const;
const DONE = (restartDue: boolean) => ({ kind: "ok", value: { restartDue } });

const CBS = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";
const LCU = "Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.4";
const SSU = "Package_for_ServicingStack_3920~31bf3856ad364e35~amd64~~19041.3920.1.2";
const SMALL = "Package_for_KB5034441~31bf3856ad364e35~amd64~~19041.3920.1.0";

/** A servicing stack in memory: packages by identity with their state, and what removing does. */
class Stack {
  readonly states = new Map<string, string>([
    [LCU, "Installed"],
    [SSU, "Installed"],
    [SMALL, "Installed"],
    ["Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~10.0.19041.1", "Installed"],
  ]);
  removeCode = 3010;
  removeTo: string | undefined = "Uninstall Pending";
  installTo: string | undefined = "Install Pending";
  listCode = 0;
  /** What changes takes longer than it may. */
  isLate = false;
  readonly asked: string[][] = [];
  readonly run: RunTool = async (tool, args) => {
    this.asked.push([tool, ...args]);
    if (args.includes("/Get-Packages")) return ended(this.listCode, this.list());
    const name = args.find((arg) => arg.startsWith("/PackageName:"))?.slice("/PackageName:".length);
    if (args.includes("/Get-PackageInfo")) {
      const about = name === LCU ? "Support Information : https://support.microsoft.com/help/5034122" : "";
      return ended(
        0,
        `Package Identity : ${name ?? "Package_for_KB5035536~31bf3856ad364e35~amd64~~1.0"}\n${about}\nState : x`,
      );
    }
    if (args.includes("/Remove-Package") && name !== undefined && this.removeTo !== undefined)
      this.states.set(name, this.removeTo);
    if (tool === "wusa" && this.installTo !== undefined) this.states.set(SMALL, this.installTo);
    if (args.includes("/Add-Package") && this.installTo !== undefined)
      this.states.set("Package_for_KB5035536~31bf3856ad364e35~amd64~~1.0", this.installTo);
    return this.isLate
      ? { kind: "fault", fault: "timed-out", because: "it had not ended in time" }
      : ended(this.removeCode);
  };
  private list(): string {
    const rows = [...this.states].map(([identity, state]) => `Package Identity : ${identity}\nState : ${state}`);
    return ["Packages listing:", ...rows, ""].join("\n\n");
  }
}

const CONTENTS = Sha256.parse("ab".repeat(32));
async function updatesOn(
  stack: Stack,
  manifests: Readonly<Record<string, string>> = {},
  registry = new FakeRegistry(),
) {
  const folder = await temporaryFolder();
  for (const [identity, permanence] of Object.entries({ [SMALL]: "removable", ...manifests })) {
    const text = `<assembly description="x"><package identifier="p" permanence="${permanence}"/></assembly>`;
    await writeFile(join(folder.path, `${identity}.mum`), text);
  }
  let released = 0;
  const hold = async () => ({ kind: "ok", value: { sha256: CONTENTS, release: () => void released++ } }) as const;
  return {
    updates: windowsUpdates({ run: stack.run, registry, manifests: folder.path }, hold),
    released: () => released,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("an update", () => {
  test("is found by its name, and by the address that its package names", async () => {
    await using on = await updatesOn(new Stack(), { [LCU]: "removable" });
    expect(await on.updates.find("KB5034441")).toMatchObject({
      value: { packages: [SMALL], state: "installed", permanentBecause: undefined },
    });
    expect(await on.updates.find("KB5034122")).toMatchObject({ value: { packages: [LCU], state: "installed" } });
    expect(await on.updates.find("KB1111111")).toEqual({ kind: "ok", value: undefined });
  });

  test("is removed when it waits for its removal or is gone, and the restart is due", async () => {
    const stack = new Stack();
    await using on = await updatesOn(stack);
    expect(await on.updates.remove("KB5034441", 1_000)).toEqual(DONE(true));
    const removals = stack.asked.filter((args) => args.includes("/Remove-Package"));
    expect(removals).toEqual([
      ["dism", "/English", "/Online", "/Remove-Package", `/PackageName:${SMALL}`, "/NoRestart", "/Quiet"],
    ]);
    expect(await on.updates.remove("KB5034441", 1_000)).toEqual(DONE(true)); // again, after a crash
    stack.states.delete(SMALL);
    expect(await on.updates.remove("KB5034441", 1_000)).toEqual(DONE(false));
    expect(stack.asked.filter((args) => args.includes("/Remove-Package"))).toHaveLength(1);
  });

  test("is not taken for removed because the list of what is there broke off", async () => {
    const stack = Object.assign(new Stack(), { listCode: 0x8000_4005 });
    stack.states.delete(SMALL);
    await using on = await updatesOn(stack);
    expect(await on.updates.find("KB5034441")).toMatchObject({ kind: "fault", fault: "unexpected" });
  });

  test("whose program took too long is looked at all the same, and what is not done is not said to be over", async () => {
    const install = ["C:\\Fixes\\windows10.0-kb5034441-x64.msu", "C:\\Fixes\\fix.cab"].map((file) =>
      WindowsPath.parse(file),
    );
    for (const reached of [true, false]) {
      const removing = Object.assign(new Stack(), { isLate: true }, reached ? {} : { removeTo: undefined });
      const installing = Object.assign(new Stack(), { isLate: true }, reached ? {} : { installTo: undefined });
      installing.states.delete(SMALL);
      await using removal = await updatesOn(removing);
      await using installation = await updatesOn(installing);
      const answers = [
        await removal.updates.remove("KB5034441", 1_000),
        ...(await Promise.all(install.map((file) => installation.updates.install(file, CONTENTS, 1_000)))),
      ];
      const late = { kind: "fault", fault: "timed-out", because: expect.stringContaining("may go on") as string };
      expect(answers).toEqual(Array(3).fill(reached ? DONE(true) : late));
    }
  });

  test("is not removed because a program says so", async () => {
    const stack = Object.assign(new Stack(), { removeCode: 0, removeTo: undefined });
    await using on = await updatesOn(stack);
    expect(await on.updates.remove("KB5034441", 1_000)).toMatchObject({ kind: "fault", fault: "verify-failed" });
    stack.removeCode = 0x800f_0825;
    expect(await on.updates.remove("KB5034441", 1_000)).toMatchObject({ kind: "fault", fault: "permission-denied" });
  });

  test.each([
    ["it is marked so", { [SMALL]: "permanent" }, new FakeRegistry(), /permanent by its maker/],
    ["nobody says that it is not", { [SMALL]: "" }, new FakeRegistry(), /not known/],
    ["Windows was cleaned up after it", {}, aReset("2024/03/01:03:00:00"), /ResetBase/],
    ["Windows was cleaned up at a time that is not known", {}, aReset("yesterday"), /ResetBase/],
  ])("is never removed where %s", async (_, manifests, registry, words) => {
    const stack = new Stack();
    await using on = await updatesOn(stack, manifests, registry);
    const removed = await on.updates.remove("KB5034441", 1_000);
    expect(removed).toMatchObject({ fault: "permission-denied", because: expect.stringMatching(words) as string });
    expect(stack.asked.filter((args) => args.includes("/Remove-Package"))).toEqual([]);
  });

  test("installed after Windows was cleaned up can be removed", async () => {
    await using on = await updatesOn(new Stack(), {}, aReset("2024/01/01:03:00:00"));
    expect(await on.updates.remove("KB5034441", 1_000)).toEqual(DONE(true));
  });

  test("in a state that nobody knows is not touched", async () => {
    const stack = new Stack();
    stack.states.set(SMALL, "Partially Installed");
    await using on = await updatesOn(stack);
    expect(await on.updates.remove("KB5034441", 1_000)).toMatchObject({ kind: "fault", fault: "unexpected" });
  });

  const FILE = WindowsPath.parse("C:\\updates\\windows10.0-kb5034441-x64_ab12.msu");
  test("from a file counts when the servicing stack has it, and the file is let go", async () => {
    const stack = new Stack();
    stack.states.delete(SMALL);
    await using on = await updatesOn(stack);
    expect(await on.updates.install(FILE, CONTENTS, 1_000)).toEqual(DONE(true));
    expect(stack.asked.find(([tool]) => tool === "wusa")).toEqual(["wusa", FILE, "/quiet", "/norestart"]);
    const cab = WindowsPath.parse("C:\\updates\\fix.cab");
    expect(await on.updates.install(cab, CONTENTS, 1_000)).toEqual(DONE(true));
    expect(on.released()).toBe(2);
  });

  test("from a file of other contents, or that changes nothing, is none", async () => {
    const stack = new Stack();
    stack.states.delete(SMALL);
    stack.installTo = undefined;
    await using on = await updatesOn(stack);
    const other = Sha256.parse("cd".repeat(32));
    expect(await on.updates.install(FILE, other, 1_000)).toMatchObject({ fault: "file-changed" });
    expect(stack.asked).toEqual([]);
    expect(await on.updates.install(FILE, CONTENTS, 1_000)).toMatchObject({ fault: "verify-failed" });
    expect(on.released()).toBe(2);
  });

  function aReset(text: string): FakeRegistry {
    // 2024-02-13 in the two halves of a FILETIME.
    return new FakeRegistry()
      .set(CBS, "LastResetBase_UTC", text)
      .set(`${CBS}\\Packages\\${SMALL}`, "InstallTimeHigh", 0x01da_5e0a)
      .set(`${CBS}\\Packages\\${SMALL}`, "InstallTimeLow", 0x8000_0000);
  }
});

describe("blocking an update", () => {
  /** What the Windows Update Agent knows: in its cache, and at its source. */
  const agent = (cached: number, online: number, obeys = true): { run: RunTool; scripts: string[][] } => {
    let [known, hidden] = [cached, 0];
    const scripts: string[][] = [];
    return {
      scripts,
      run: async (_, args, __, variables = {}) => {
        scripts.push([...args, ...Object.values(variables)]);
        if (variables["RINGBACK_ASK"] === "online") known = online;
        if (obeys && variables["RINGBACK_HIDE"] === "yes") hidden = known;
        if (obeys && variables["RINGBACK_HIDE"] === "no") hidden = 0;
        return ended(0, `seen ${known} ${hidden}\r\n`);
      },
    };
  };
  const on = (run: RunTool) =>
    windowsUpdates({ run, registry: new FakeRegistry(), manifests: "" }, () => Promise.reject(new Error("not asked")));

  test("hides it, also when only its source knows it, and shows it again", async () => {
    const updates = on(agent(0, 1).run);
    expect(await updates.block("KB5034441")).toEqual({ kind: "ok", value: undefined });
    expect(await updates.isBlocked("KB5034441")).toEqual({ kind: "ok", value: true });
    expect(await updates.unblock("KB5034441")).toEqual({ kind: "ok", value: undefined });
    expect(await updates.isBlocked("KB5034441")).toEqual({ kind: "ok", value: false });
  });

  test("what nobody offers cannot be hidden, and what stays shown is not blocked", async () => {
    expect(await on(agent(0, 0).run).block("KB5034441")).toMatchObject({ fault: "not-found" });
    expect(await on(agent(1, 1, false).run).block("KB5034441")).toMatchObject({ fault: "verify-failed" });
  });

  test("the script is the same for every update, and a name that is none never reaches it", async () => {
    const { run, scripts } = agent(1, 1);
    await on(run).isBlocked("KB5034441");
    await on(run).isBlocked("KB5034442");
    expect(scripts[0]?.slice(0, 5)).toEqual(scripts[1]?.slice(0, 5));
    expect(await on(run).isBlocked("KB1'; calc; '")).toMatchObject({ kind: "fault" });
    expect(scripts).toHaveLength(2);
  });

  test.each([
    ["constrained", "permission-denied", /App Control/],
    ["error 8024402C", "unexpected", /0x8024402C/],
    ["", "unexpected", /did not answer/], // as Wine's PowerShell, which says nothing and ends with 0
  ])("PowerShell answers %j", async (answer, fault, words) => {
    const blocked = await on(async () => ended(0, answer)).block("KB5034441");
    expect(blocked).toMatchObject({ fault, because: expect.stringMatching(words) as string });
  });
});

describe("Defender", () => {
  const ROOT = "HKLM\\SOFTWARE\\Microsoft\\Windows Defender";
  const aDefender = (tamper: number): FakeRegistry =>
    new FakeRegistry()
      .set(ROOT, "InstallLocation", "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24050.7-0\\")
      .set(`${ROOT}\\Signature Updates`, "AVSignatureVersion", "1.413.102.0")
      .set(`${ROOT}\\Signature Updates`, "EngineVersion", "1.1.24050.5")
      .set(`${ROOT}\\Features`, "TamperProtection", tamper);
  const reverting =
    (registry: FakeRegistry, to: string): RunTool =>
    async () => {
      registry.set(`${ROOT}\\Signature Updates`, "AVSignatureVersion", to);
      return ended(0);
    };

  test("says what it runs", async () => {
    expect(await defender(reverting(new FakeRegistry(), ""), aDefender(4)).state()).toEqual({
      kind: "ok",
      value: { definitions: "1.413.102.0", engine: "1.1.24050.5", platform: "4.18.24050.7", tamperProtected: false },
    });
    expect(await defender(reverting(new FakeRegistry(), ""), new FakeRegistry()).state()).toEqual({
      kind: "ok",
      value: undefined,
    });
  });

  test.each([
    ["taken back", 4, "1.413.1.0", { kind: "ok" }],
    ["as they were", 4, "1.413.102.0", { fault: "verify-failed" }],
    ["gone altogether", 0, "0.0.0.0", { fault: "verify-failed" }],
    ["taken back where tamper protection is not known", 77, "1.413.1.0", { kind: "ok" }],
  ])("definitions are %s", async (_, tamper, to, expected) => {
    const registry = aDefender(tamper);
    expect(await defender(reverting(registry, to), registry).revertDefinitions(1_000)).toMatchObject(expected);
  });

  test.each([1, 5])("under tamper protection (%i) its program is not even started", async (tamper) => {
    const never: RunTool = () => Promise.reject(new Error("started"));
    const refused = await defender(never, aDefender(tamper)).revertDefinitions(1_000);
    expect(refused).toMatchObject({ fault: "permission-denied" });
  });

  test("gives a file back only if this threat took it, and only this file", async () => {
    const asked: (readonly string[])[] = [];
    const list =
      "Die folgenden Elemente:\n\nThreatName = Trojan:Win32/Wacatac.B!ml\n      file:C:\\app\\lob.exe isoliert um 01.02.2026\n";
    const run: RunTool = async (_, args) => {
      asked.push(args);
      return ended(0, args.includes("-ListAll") ? list : "");
    };
    const on = defender(run, aDefender(4));
    const path = WindowsPath.parse("C:\\app\\lob.exe");
    expect(await on.restoreFromQuarantine("Trojan:Win32/Other", path)).toMatchObject({ fault: "not-found" });
    expect(await on.restoreFromQuarantine("Trojan:Win32/Wacatac.B!ml", WindowsPath.parse("C:\\app\\lo"))).toMatchObject(
      {
        fault: "not-found",
      },
    );
    expect(await on.restoreFromQuarantine("Trojan:Win32/Wacatac.B!ml", path)).toMatchObject({ fault: "verify-failed" });
    expect(asked.at(-1)).toEqual(["-Restore", "-FilePath", path]);
  });
});

describe("a driver package", () => {
  const GPU = { published: "oem7.inf", original: "nv.inf", provider: "NVIDIA", version: "31.0.15.5176" };
  const row = (driver: typeof GPU) =>
    `Veröffentlichter Name: ${driver.published}\nOriginalname: ${driver.original}\nAnbietername: ${driver.provider}\nTreiberversion: 25.03.2024 ${driver.version}\n`;

  /** A driver store in memory; exports really write. */
  class DriverStore {
    drivers = [GPU];
    listCode = 0;
    exports = true;
    exportsAs = "nv.inf";
    deletes = true;
    readonly calls: string[] = [];
    readonly run: RunTool = async (_, [verb = "", what = "", folder = ""]) => {
      this.calls.push(verb);
      if (verb === "/enum-drivers") return ended(this.listCode, `Microsoft-PnP\n\n${this.drivers.map(row).join("\n")}`);
      if (verb === "/export-driver" && this.exports) {
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, this.exportsAs), "[Version]");
      }
      if (verb === "/delete-driver" && this.deletes) this.drivers = [];
      if (verb === "/add-driver") {
        if ((await readFile(what, "utf8")) !== "[Version]") throw new Error("not the copy");
        this.drivers = [{ ...GPU, published: "oem12.inf" }];
      }
      return ended(3010);
    };
  }

  test("is removed after a copy was made, and put back from it", async () => {
    await using folder = await temporaryFolder();
    const store = new DriverStore();
    const on = drivers(store.run, folder.path);
    expect(await on.packages()).toEqual({ kind: "ok", value: [GPU] });
    expect(await on.remove(GPU, "plan-1")).toEqual(DONE(true));
    expect(await on.remove(GPU, "plan-1")).toEqual(DONE(false)); // again, after a crash
    expect(await on.putBack("plan-1")).toEqual(DONE(true));
    expect(store.drivers).toMatchObject([{ published: "oem12.inf", original: "nv.inf" }]);
  });

  test("is not removed without a copy, nor if another one has its name now", async () => {
    await using folder = await temporaryFolder();
    const store = new DriverStore();
    store.exports = false;
    const on = drivers(store.run, folder.path);
    expect(await on.remove(GPU, "plan-1")).toMatchObject({ fault: "verify-failed" });
    Object.assign(store, { exports: true, exportsAs: "other-nv.inf" });
    expect(await on.remove(GPU, "plan-1")).toMatchObject({ fault: "verify-failed" });
    expect(await on.remove({ ...GPU, version: "1.0" }, "plan-1")).toMatchObject({ fault: "file-changed" });
    expect(store.calls).not.toContain("/delete-driver");
    expect(await readdir(folder.path)).not.toContain("plan-1");
  });

  test("is not taken for removed because the list of what is there broke off", async () => {
    await using folder = await temporaryFolder();
    const store = new DriverStore();
    store.listCode = 5;
    store.drivers = [{ ...GPU, published: "oem1.inf" }];
    expect(await drivers(store.run, folder.path).packages()).toMatchObject({ fault: "unexpected" });
  });

  test("that is still there afterwards is not removed, and a name cannot lead out of the folder", async () => {
    await using folder = await temporaryFolder();
    const store = new DriverStore();
    store.deletes = false;
    const on = drivers(store.run, folder.path);
    expect(await on.remove(GPU, "plan-1")).toMatchObject({ fault: "verify-failed" });
    expect(await on.remove(GPU, "..\\..\\x")).toMatchObject({ fault: "unexpected" });
    expect(await on.putBack("../x")).toMatchObject({ fault: "not-found" });
  });
});
