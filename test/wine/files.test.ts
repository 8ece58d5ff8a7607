/** Files on a Windows machine, as far as Wine is one: what is found, taken away and put back, whole and with its metadata. */
import { mkdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileCall, fileCalls } from "../support/wine-files.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";

const STATE = "C:\\ProgramData\\Ringback";
const VENDOR = "C:\\Windows\\System32\\drivers\\Acme Sensor";
const READ_ONLY_HIDDEN_ARCHIVE = 0x23;
const TIMES = ["133656512571230000", "133656512571230000", "133656512571234567"];

let plans = 0;
const aPlan = (): string => newId("plan", at("2026-11-22T11:00:00Z"), Buffer.alloc(32, ++plans));

describe.skipIf(whyNoWine() !== undefined)("files under Wine", () => {
  let machine: WineMachine;
  beforeAll(async () => {
    machine = await WineMachine.create();
    await mkdir(machine.at(STATE), { recursive: true });
    await mkdir(machine.at(VENDOR), { recursive: true });
  });
  afterAll(() => machine?.remove());

  const run = (...calls: FileCall[]) => fileCalls(machine, { stateFolder: STATE, calls });

  test("a file goes into the quarantine and comes back byte-equal, the same file with the same metadata", async () => {
    const path = `${VENDOR}\\C-00000291-00000000-00000032.sys`;
    const plan = aPlan();
    // A first reading may change the time of the last access, on Windows as under Wine.
    const [, , before, taken, entries, gone, restored, after, left] = await run(
      { do: "make", path, text: "bad content", times: TIMES, attributes: READ_ONLY_HIDDEN_ARCHIVE },
      { do: "look", path },
      { do: "look", path },
      { do: "quarantine", plan, path: `${VENDOR}\\C-00000291*.sys` },
      { do: "quarantined", plan },
      { do: "look", path },
      { do: "restore", plan, path },
      { do: "look", path },
      { do: "quarantined", plan },
    );
    expect(taken).toEqual({ kind: "ok" });
    expect(entries).toMatchObject({ kind: "ok", value: [{ path, held: true }] });
    expect(gone).toBeNull();
    expect(restored).toEqual({ kind: "ok" });
    expect(before).toMatchObject({ attributes: READ_ONLY_HIDDEN_ARCHIVE });
    expect(after).toEqual(before);
    expect(left).toMatchObject({ kind: "ok", value: [{ path, held: false }] });
    expect(await readFile(machine.at(path), "utf8")).toBe("bad content");
  });
});
