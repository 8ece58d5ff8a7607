/** Files on a Windows machine, as far as Wine is one: what is found, taken away and put back, whole and with its metadata. */
import { createHash } from "node:crypto";
import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileCall, fileCalls, runFileCalls } from "../support/wine-files.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";

const STATE = "C:\\ProgramData\\Ringback";
const VENDOR = "C:\\Windows\\System32\\drivers\\Acme Sensor";
const READ_ONLY_HIDDEN_ARCHIVE = 0x23;
const TIMES = ["133656512571230000", "133656512571230000", "133656512571234567"];

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
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

  test("what is not what it was, or has another name too, stays where it is", async () => {
    const path = `${VENDOR}\\hard.sys`;
    const changed = `${VENDOR}\\changed.sys`;
    await writeFile(machine.at(path), "linked");
    await link(machine.at(path), machine.at(`${VENDOR}\\second name`));
    await writeFile(machine.at(changed), "as it is now");
    const plan = aPlan();
    const results = await run(
      { do: "quarantine", plan, path },
      { do: "quarantine", plan, path: changed, changed: { sha256: Sha256.parse("0".repeat(64)) } },
      { do: "quarantine", plan, path: changed, changed: { modifiedAt: at("2020-01-01T00:00:00Z") } },
      { do: "quarantine", plan, path: changed, changed: { path: WindowsPath.parse(`${VENDOR}\\nowhere.sys`) } },
      { do: "quarantined", plan },
    );
    expect(results.slice(0, 4)).toMatchObject([
      { kind: "fault", fault: "path-escapes" },
      { kind: "fault", fault: "file-changed" },
      { kind: "fault", fault: "file-changed" },
      { kind: "fault", fault: "file-changed" },
    ]);
    expect(results[4]).toEqual({ kind: "ok", value: [] });
    expect(await readFile(machine.at(path), "utf8")).toBe("linked");
    expect(await readFile(machine.at(changed), "utf8")).toBe("as it is now");
  });

  test("the file that came back is kept beside the first; neither overwrites the other, nor what stands in its place", async () => {
    const path = `${VENDOR}\\again.sys`;
    const plan = aPlan();
    const make: FileCall = { do: "make", path, text: "again", times: TIMES, attributes: 0 };
    const take: FileCall = { do: "quarantine", plan, path };
    const [, , , , entries, , refused] = await run(make, take, make, take, { do: "quarantined", plan }, make, {
      do: "restore",
      plan,
      path,
    });
    expect(entries).toMatchObject({ value: [{ held: true }, { held: true }] });
    expect(refused).toMatchObject({ kind: "fault", fault: "file-changed" });
  });

  test.each([3, 6])(
    "killed after effect %i of taking a file, it is whole in one place and the next try takes it",
    async (cut) => {
      const path = `${VENDOR}\\killed ${cut}.sys`;
      const plan = aPlan();
      await writeFile(machine.at(path), "whole");
      const call: FileCall = { do: "quarantine", plan, path };
      expect((await runFileCalls(machine, { stateFolder: STATE, calls: [call] }, cut)).exitCode).not.toBe(0);
      const store = machine.at(`${STATE}\\quarantine\\${plan}`);
      const held = async () => (await readdir(store)).filter((name) => name.endsWith(".bin"));
      expect([await held(), await readFile(machine.at(path), "utf8")]).toEqual([[], "whole"]);
      const [taken, entries] = await run(call, { do: "quarantined", plan });
      expect([taken, entries]).toMatchObject([{ kind: "ok" }, { kind: "ok", value: [{ path, held: true }] }]);
      expect(await readFile(join(store, (await held())[0] ?? ""), "utf8")).toBe("whole");
    },
  );

  test("a locked file is moved by Windows at its next start, and not if drivers read it before that", async () => {
    const path = `${VENDOR}\\locked.sys`;
    const stays = `${VENDOR}\\stays.sys`;
    const updated = `${VENDOR}\\updated.sys`;
    const [plan, cancelled, overtaken] = [aPlan(), aPlan(), aPlan()];
    await writeFile(machine.at(updated), "faulty");
    await writeFile(machine.at(path), "locked content");
    await writeFile(machine.at(stays), "stays");
    const later = (of: string, file: string, readByBootDrivers: boolean): FileCall => ({
      do: "quarantine-at-restart",
      plan: of,
      path: file,
      readByBootDrivers,
    });
    const results = await run(
      later(plan, path, true),
      later(plan, path, false),
      { do: "quarantined", plan },
      later(cancelled, stays, false),
      { do: "restore", plan: cancelled, path: stays },
      { do: "quarantined", plan: cancelled },
      later(overtaken, updated, false),
      { do: "write", path: updated, text: "its vendor's next, good one" },
    );
    expect(results).toMatchObject([
      { kind: "fault", fault: "permission-denied" },
      { kind: "ok", value: { restartDue: true } },
      { kind: "ok", value: [{ path, held: false, dueAtRestart: true }] },
      { kind: "ok", value: { restartDue: true } },
      { kind: "ok" },
      { kind: "ok", value: [{ path: stays, held: false }] },
      { kind: "ok", value: { restartDue: true } },
      null,
    ]);
    expect(results[5]).not.toHaveProperty("value.0.dueAtRestart");
    expect(await readFile(machine.at(path), "utf8")).toBe("locked content");

    await machine.powerOff();
    await machine.powerOn();
    const [moved, entries, back, others] = await run(
      { do: "look", path: updated },
      { do: "quarantined", plan },
      { do: "restore", plan, path },
      { do: "quarantined", plan: overtaken },
    );
    expect(moved).toBeNull(); // Windows goes by the name alone
    expect(others).toMatchObject({ kind: "ok", value: [{ path: updated, held: false }] });
    expect(await readFile(machine.at(updated), "utf8")).toBe("its vendor's next, good one");
    expect(entries).toMatchObject({ kind: "ok", value: [{ path, held: true }] });
    expect(back).toEqual({ kind: "ok" });
    expect(await readFile(machine.at(path), "utf8")).toBe("locked content");
    expect(await readFile(machine.at(stays), "utf8")).toBe("stays");
  });

  test("good contents are kept by their digest, and put back where no file stands; damage is seen before", async () => {
    const one = `${VENDOR}\\one.sys`;
    const two = `${VENDOR}\\two.sys`;
    const results = await run(
      { do: "write", path: one, text: "good one" },
      { do: "write", path: two, text: "good two" },
      { do: "keep", paths: [one, two] },
      { do: "put-back", path: one, sha256: sha("good two") },
      { do: "remove", path: one },
      { do: "put-back", path: one, sha256: sha("good one") },
      { do: "put-back", path: one, sha256: sha("good one") },
      { do: "holds", sha256: sha("good two") },
      { do: "holds", sha256: sha("never seen") },
      { do: "put-back", path: `${VENDOR}\\three.sys`, sha256: sha("never seen") },
      { do: "write", path: `${STATE}\\known-good\\${sha("good two")}`, text: "damaged!" },
      { do: "remove", path: two },
      { do: "put-back", path: two, sha256: sha("good two") },
    );
    expect(results).toMatchObject([
      null,
      null,
      { kind: "ok" },
      { kind: "fault", fault: "file-changed" },
      null,
      { kind: "ok" },
      { kind: "ok" },
      { kind: "ok", value: true },
      { kind: "ok", value: false },
      { kind: "fault", fault: "not-found" },
      null,
      null,
      { kind: "fault", fault: "file-changed" },
    ]);
    expect(await readFile(machine.at(one), "utf8")).toBe("good one");
    expect((await readdir(machine.at(VENDOR))).filter((name) => /two|three|ringback/.test(name))).toEqual([]);
  });

  test("what is good no longer makes room for what is, and its copy is gone", async () => {
    const path = `${VENDOR}\\versions.sys`;
    const state = "C:\\ProgramData\\Small store";
    await mkdir(machine.at(state));
    const calls: readonly FileCall[] = [
      { do: "write", path, text: "version 1" },
      { do: "keep", paths: [path] },
      { do: "write", path, text: "version 2" },
      { do: "keep", paths: [path] },
    ];
    expect(await fileCalls(machine, { stateFolder: state, calls, bytesMax: 15 })).toEqual([
      null,
      { kind: "ok" },
      null,
      { kind: "ok" },
    ]);
    expect((await readdir(machine.at(`${state}\\known-good`))).sort()).toEqual([sha("version 2"), "index.json"].sort());
  });

  test("the agent's own folder is made for it alone, and one that others own or write is not taken over", async () => {
    const [own, loose] = ["C:\\ProgramData\\Own", "C:\\ProgramData\\Loose"];
    const [empty, linked] = ["C:\\ProgramData\\Empty", "C:\\ProgramData\\Linked"];
    const readable = "C:\\ProgramData\\Readable";
    for (const path of [loose, empty, readable]) await mkdir(machine.at(path));
    for (const path of [loose, empty]) await chmod(machine.at(path), 0o777);
    for (const path of [loose, readable]) await writeFile(machine.at(`${path}\\planted.json`), "{}");
    await mkdir(machine.at("C:\\Elsewhere"));
    await symlink(machine.at("C:\\Elsewhere"), machine.at(linked));
    const protect = (path: string, asOwnAccount = true): FileCall => ({ do: "protect", path, asOwnAccount });
    const results = await run(
      protect(own),
      protect(own),
      protect(own, false),
      protect(empty),
      protect(loose),
      protect(readable),
      protect(linked),
    );
    expect(results).toMatchObject([
      { kind: "ok" },
      { kind: "ok" },
      { kind: "fault", fault: "permission-denied" },
      { kind: "ok" },
      { kind: "fault", fault: "permission-denied" },
      { kind: "ok" },
      { kind: "fault", fault: "path-escapes" },
    ]);
    for (const path of [own, empty]) expect((await stat(machine.at(path))).mode & 0o007).toBe(0);
  });
});
