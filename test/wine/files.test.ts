/** Files on a Windows machine, as far as Wine is one: what is found, taken away and put back, whole and with its metadata. */
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FileCall, fileCalls } from "../support/wine-files.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";

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

  test("a locked file is moved by Windows at its next start, and not if drivers read it before that", async () => {
    const path = `${VENDOR}\\locked.sys`;
    const stays = `${VENDOR}\\stays.sys`;
    const [plan, cancelled] = [aPlan(), aPlan()];
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
    );
    expect(results).toMatchObject([
      { kind: "fault", fault: "permission-denied" },
      { kind: "ok", value: { restartDue: true } },
      { kind: "ok", value: [{ path, held: false, dueAtRestart: true }] },
      { kind: "ok", value: { restartDue: true } },
      { kind: "ok" },
      { kind: "ok", value: [{ path: stays, held: false }] },
    ]);
    expect(results[5]).not.toHaveProperty("value.0.dueAtRestart");
    expect(await readFile(machine.at(path), "utf8")).toBe("locked content");

    await machine.powerOff();
    await machine.powerOn();
    const [entries, back] = await run({ do: "quarantined", plan }, { do: "restore", plan, path });
    expect(entries).toMatchObject({ kind: "ok", value: [{ path, held: true }] });
    expect(back).toEqual({ kind: "ok" });
    expect(await readFile(machine.at(path), "utf8")).toBe("locked content");
    expect(await readFile(machine.at(stays), "utf8")).toBe("stays");
  });

  test("good contents are kept by their digest, bounded, and put back where no file stands", async () => {
    const one = `${VENDOR}\\one.sys`;
    const two = `${VENDOR}\\two.sys`;
    await writeFile(machine.at(one), "good one");
    await writeFile(machine.at(two), "good two");
    const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
    const [kept, refused] = await run(
      { do: "keep", paths: [one, two] },
      { do: "put-back", path: one, sha256: sha("good two") },
    );
    expect(kept).toEqual({ kind: "ok" });
    expect(refused).toMatchObject({ kind: "fault", fault: "file-changed" });
    await rm(machine.at(one));
    const [back, again, ...rest] = await run(
      { do: "put-back", path: one, sha256: sha("good one") },
      { do: "put-back", path: one, sha256: sha("good one") },
      { do: "holds", sha256: sha("good two") },
      { do: "holds", sha256: sha("never seen") },
      { do: "put-back", path: `${VENDOR}\\three.sys`, sha256: sha("never seen") },
    );
    expect([back, again]).toEqual([{ kind: "ok" }, { kind: "ok" }]);
    expect(rest).toMatchObject([
      { kind: "ok", value: true },
      { kind: "ok", value: false },
      { kind: "fault", fault: "not-found" },
    ]);
    expect(await readFile(machine.at(one), "utf8")).toBe("good one");
    // Damage to a copy is seen before it stands anywhere.
    await rm(machine.at(one));
    await writeFile(machine.at(`${STATE}\\known-good\\${sha("good one")}`), "damaged!");
    const [damaged] = await run({ do: "put-back", path: one, sha256: sha("good one") });
    expect(damaged).toMatchObject({ kind: "fault", fault: "file-changed" });
    expect((await readdir(machine.at(VENDOR))).filter((name) => /one|ringback/.test(name))).toEqual([]);
  });

  test("what is good no longer makes room for what is, and its copy is gone", async () => {
    const path = `${VENDOR}\\versions.sys`;
    const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
    const state = "C:\\ProgramData\\Small store";
    await mkdir(machine.at(state));
    const keep = async (text: string): Promise<void> => {
      await writeFile(machine.at(path), text);
      const calls: readonly FileCall[] = [{ do: "keep", paths: [path] }];
      expect(await fileCalls(machine, { stateFolder: state, calls, bytesMax: 15 })).toEqual([{ kind: "ok" }]);
    };
    await keep("version 1");
    await keep("version 2");
    expect((await readdir(machine.at(`${state}\\known-good`))).sort()).toEqual([sha("version 2"), "index.json"].sort());
  });

  test("the agent's own folder is made for it alone, and one that others own or write is not taken over", async () => {
    const own = "C:\\ProgramData\\Own";
    const loose = "C:\\ProgramData\\Loose";
    const linked = "C:\\ProgramData\\Linked";
    await mkdir(machine.at(loose), { mode: 0o777 });
    await writeFile(machine.at(`${loose}\\planted.json`), "{}");
    await mkdir(machine.at("C:\\Elsewhere"));
    await symlink(machine.at("C:\\Elsewhere"), machine.at(linked));
    const protect = (path: string, asOwnAccount = true): FileCall => ({ do: "protect", path, asOwnAccount });
    const results = await run(protect(own), protect(own), protect(own, false), protect(loose), protect(linked));
    expect(results).toMatchObject([
      { kind: "ok" },
      { kind: "ok" },
      { kind: "fault", fault: "permission-denied" },
      { kind: "fault", fault: "permission-denied" },
      { kind: "fault", fault: "path-escapes" },
    ]);
    expect((await stat(machine.at(own))).mode & 0o007).toBe(0);
    await rm(machine.at(`${loose}\\planted.json`));
    expect(await run(protect(loose))).toEqual([{ kind: "ok" }]);
    expect((await stat(machine.at(loose))).mode & 0o007).toBe(0);
  });
});
