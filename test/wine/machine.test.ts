/** The assembled machine, with programs of ours where Wine has only stubs. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BootPast } from "../../agent/evidence/boot-evidence.ts";
import { DeviceId } from "../../protocol/ids.ts";
import { renderRecord } from "../lab/event-log.ts";
import { bootRecords } from "../lab/event-records.ts";
import { aTriageDump } from "../support/a-triage-dump.ts";
import { FakeTool, whyNoFakeTools } from "../support/fake-tool.ts";
import { DEVICE } from "../support/signed-order.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";

const HOUR = 3_600_000;
const KEY = "HKLM\\SOFTWARE\\Policies\\Acme\\Updates";

interface Seen {
  readonly past: BootPast;
  readonly warnings: readonly unknown[];
  readonly [part: string]: unknown;
}

describe.skipIf(whyNoWine() !== undefined || whyNoFakeTools() !== undefined)("a Windows machine under Wine", () => {
  let machine: WineMachine;
  beforeAll(async () => {
    machine = await WineMachine.create();
    await mkdir(machine.at("C:\\state"));
    const source = {
      id: "acme.updates",
      title: "Acme",
      files: [],
      label: { kind: "digest" },
      hold: {
        kind: "registry",
        values: [{ key: KEY, name: "Off", value: { kind: "dword", number: 1 } }],
      },
    };
    const config = { deviceId: DeviceId.parse(DEVICE), controllers: ["ws://127.0.0.1:9/agent/v1"], sources: [source] };
    await writeFile(machine.at("C:\\state\\config.json"), JSON.stringify(config));
  });
  afterAll(() => machine?.remove());

  async function look(): Promise<Seen> {
    const calls = [{ do: "machine", stateFolder: "C:\\state", toolFolder: "C:\\tools" }];
    await writeFile(machine.at("C:\\calls.json"), JSON.stringify(calls));
    const { output } = await machine.node("test/wine/programs/system.ts", ["C:\\calls.json"]);
    try {
      return (JSON.parse(output) as readonly [Seen])[0];
    } catch {
      throw new Error(output);
    }
  }

  test("tells its past by log and dumps, and asks for what is only in effect when it is", async () => {
    const now = Date.now();
    const crash = {
      stop: { code: 0x50, parameters: [1n, 2n, 3n, 4n] },
      crashedAt: now - HOUR,
      uptimeMs: HOUR,
    } as const;
    const bugcheck = { kind: "bugcheck", stop: crash.stop, dumpPath: "C:\\x", at: now - HOUR, uptimeMs: HOUR } as const;
    const records = [
      ...bootRecords(now - 2 * HOUR, 1, { kind: "clean" }),
      ...bootRecords(now - HOUR / 2, 2, bugcheck),
    ].map((record, i) => renderRecord(record, { computer: "PC-1", recordId: i + 1 }));
    await mkdir(machine.at("C:\\windows\\Minidump"), { recursive: true });
    await writeFile(machine.at("C:\\windows\\Minidump\\1.dmp"), aTriageDump(crash));
    await writeFile(machine.at("C:\\windows\\MEMORY.DMP"), aTriageDump({ ...crash, crashedAt: now - HOUR - 60_000 }));
    const tools = machine.at("C:\\tools");
    const log = await FakeTool.install(tools, "wevtutil", [
      { on: ["epl", "System", "*", "..."], act: ["file $1\texported"] },
      { on: ["qe", "System", "..."], act: records.toReversed().map((record) => `print ${record}`) },
    ]);
    const shutdown = await FakeTool.install(tools, "shutdown", [
      { on: ["..."], act: ["?asked=yes exit 1190", "set asked=yes"] },
    ]);
    const seen = await look();
    expect(seen.warnings).toEqual([]);
    expect(seen.past.evidence.earlierBoots.at(-2)?.ended).toMatchObject({ kind: "bugcheck", bugcheck: { code: "50" } });
    expect(seen.past.evidence.crashDumps.map(({ file }) => file)).toEqual(["MEMORY.DMP", "1.dmp"]);
    expect(seen).toMatchObject({
      services: [
        { name: "PlugPlay", running: true },
        { name: "NoSuch", running: false },
      ],
      held: [{ kind: "ok" }, { kind: "ok", value: true }],
      released: [{ kind: "ok" }, { kind: "ok", value: false }],
      heldAgain: [{ kind: "ok" }, [], { kind: "ok", value: false }],
      unknown: { kind: "fault", fault: "unexpected" },
      restart: { kind: "ok" },
      kept: { kind: "ok", value: false },
      event: true,
      diagnostics: { kind: "ok", value: "C:\\state\\diagnostics\\case-1" },
    });
    const collected = machine.at("C:\\state\\diagnostics\\case-1");
    expect(await readFile(join(collected, "contents.txt"), "utf8")).toMatch(
      /^event-log: in System.evtx\ncrash-dumps: (?=.*in 1.dmp)(?=.*in MEMORY.DMP).*\ndoctor: not collected/,
    );
    expect(await readFile(join(collected, "1.dmp"))).toEqual(aTriageDump(crash));
    expect((await log.log())[0]).toContain("/f:RenderedXml");
    expect((await shutdown.log())[0]).toMatch(/\/r \/f \/t 60 \/d p:4:1 \/c "Because \\"we\\" must."$/);
    expect(await readFile(join(machine.at("C:\\state"), "held-sources.json"), "utf8")).toBe("{}\n");
  });

  test("says that it knows nothing where the log says nothing, and believes no restart that nobody knows of", async () => {
    const tools = machine.at("C:\\tools");
    await FakeTool.install(tools, "wevtutil", [{ on: ["..."], act: ["exit 0"] }]);
    await FakeTool.install(tools, "shutdown", [{ on: ["..."], act: ["exit 0"] }]);
    const seen = await look();
    expect(seen.warnings).toHaveLength(1);
    expect(seen.past.evidence.earlierBoots).not.toEqual([]); // of before
    expect(await readFile(machine.at("C:\\state\\diagnostics\\case-1\\contents.txt"), "utf8")).toMatch(
      /^event-log: not exported \(wevtutil ended with 0 and wrote nothing\); what was read of it before is in System.xml/,
    );
    expect(seen["restart"]).toMatchObject({ kind: "fault", fault: "verify-failed" });
  });
});
