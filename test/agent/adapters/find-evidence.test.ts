/** What a machine holds as evidence: found where it lies, left out where it cannot be read, never in the way. */
import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findEvidence } from "../../../agent/adapters/find-evidence.ts";
import { at } from "../../../protocol/time.ts";
import { renderRecord } from "../../lab/event-log.ts";
import { bootRecords } from "../../lab/event-records.ts";
import { asUtf16, aTrail, GERMAN } from "../../support/a-trail.ts";
import { aTriageDump, KERNEL, VENDOR } from "../../support/a-triage-dump.ts";
import { coldStart, dirtyStart } from "../../support/boot-events.ts";
import { buildEvtx } from "../../support/evtx-builder.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const NOON = at("2026-11-22T12:00:00Z");
const NONE = { eventLog: undefined, crashDumps: undefined, startupRepair: undefined };
const stop = { code: 0x50, parameters: [1n, 0n, VENDOR.base + 16n, 2n] } as const;
const logOf = (boots: number): string =>
  Array.from({ length: boots }, (_, i) => bootRecords(NOON + i * 60_000, i + 1, { kind: "power-loss", at: NOON }))
    .flat()
    .map((record, i) => `${renderRecord(record, { computer: "PC-1", recordId: i + 1 })}\n`)
    .join("");

describe("evidence", () => {
  test("of dumps names the driver they point at; the newest five are read", async () => {
    await using folder = await temporaryFolder();
    for (let n = 1; n <= 7; n++) {
      const path = join(folder.path, `${n}.DMP`);
      await writeFile(path, aTriageDump({ stop, crashedAt: NOON + n, drivers: [KERNEL, VENDOR] }));
      await utimes(path, n, n);
    }
    const { crashDumps } = await findEvidence({ ...NONE, crashDumps: folder.path });
    expect(crashDumps.map(({ file }) => file)).toEqual(["7.DMP", "6.DMP", "5.DMP", "4.DMP", "3.DMP"]);
    expect(crashDumps[0]).toMatchObject({
      bugcheck: { code: "50" },
      crashedAt: NOON + 7,
      suspect: { driver: "acmeguard.sys" },
    });
  });

  test("that is damaged, a folder, or not what its name says is left out, and the rest is told", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "good.dmp"), aTriageDump({ stop }));
    await writeFile(join(folder.path, "text.dmp"), "hello");
    await writeFile(join(folder.path, "empty.dmp"), "");
    await mkdir(join(folder.path, "folder.dmp"));
    await writeFile(join(folder.path, "SrtTrail.txt"), "no trail");
    await writeFile(join(folder.path, "System.xml"), "\u0000".repeat(100));
    const found = await findEvidence({
      eventLog: join(folder.path, "System.xml"),
      crashDumps: folder.path,
      startupRepair: join(folder.path, "SrtTrail.txt"),
    });
    expect(found.crashDumps.map(({ file }) => file)).toEqual(["good.dmp"]);
    expect(found).toMatchObject({ boots: [], startupRepair: null });
    await rm(folder.path, { recursive: true });
    expect(await findEvidence({ ...NONE, crashDumps: folder.path, eventLog: folder.path })).toEqual({
      boots: [],
      crashDumps: [],
      startupRepair: null,
    });
  });

  test("that a link leads to is not this machine's, and takes no other's place", async () => {
    await using folder = await temporaryFolder();
    await using other = await temporaryFolder();
    const to = (name: string): string => join(other.path, name);
    await writeFile(to("a.dmp"), aTriageDump());
    await writeFile(to("System.xml"), logOf(2));
    await writeFile(to("SrtTrail.txt"), asUtf16(aTrail(GERMAN, { sessions: [{ causes: ["?"] }] })));
    for (let i = 0; i < 9; i++) await symlink(to("a.dmp"), join(folder.path, `${i}.dmp`));
    for (const name of ["System.xml", "SrtTrail.txt"]) await symlink(to(name), join(folder.path, name));
    await writeFile(join(folder.path, "own.dmp"), aTriageDump());
    await utimes(join(folder.path, "own.dmp"), 1, 1);
    const found = await findEvidence({
      eventLog: join(folder.path, "System.xml"),
      crashDumps: folder.path,
      startupRepair: join(folder.path, "SrtTrail.txt"),
    });
    expect(found).toMatchObject({ boots: [], crashDumps: [{ file: "own.dmp" }], startupRepair: null });
  });

  test("of the log is that of the last boots, however long the log has grown", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "System.xml");
    await writeFile(path, logOf(2_000));
    const { boots } = await findEvidence({ ...NONE, eventLog: path });
    expect(boots.at(-1)?.startedAt).toBe(NOON + 1_999 * 60_000);
    expect(boots.at(-2)?.ended).toEqual({ kind: "power-loss" });
    expect(boots.length).toBeGreaterThan(20);
  });

  test("of the log is that of the last boots, wherever in a ring of gigabytes they lie, and whatever its text is in", async () => {
    await using folder = await temporaryFolder();
    const ring = join(folder.path, "System.evtx");
    const old = buildEvtx(Array.from({ length: 70 }, () => coldStart(NOON)));
    const newest = buildEvtx([[...coldStart(NOON + 60_000), dirtyStart(NOON + 60_000, 0)]], {
      firstRecordId: 9_000,
      isDirty: true,
    });
    await writeFile(ring, Buffer.concat([newest, old.subarray(4096)]));
    const { boots } = await findEvidence({ ...NONE, eventLog: ring });
    expect(boots.slice(-2).map(({ startedAt }) => startedAt)).toEqual([NOON, NOON + 60_000]);
    expect(boots.length).toBeLessThanOrEqual(64);
    const text = join(folder.path, "System.xml");
    await writeFile(text, `\ufeff${logOf(2_000)}`, "utf16le");
    expect((await findEvidence({ ...NONE, eventLog: text })).boots.at(-1)?.startedAt).toBe(NOON + 1_999 * 60_000);
  });

  test("of Startup Repair says when it was written, in the machine's own words", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "SrtTrail.txt");
    await writeFile(path, asUtf16(aTrail(GERMAN, { sessions: [{ causes: ["Es wurde kein Fehler gefunden."] }] })));
    await utimes(path, NOON / 1_000, NOON / 1_000);
    expect((await findEvidence({ ...NONE, startupRepair: path })).startupRepair).toEqual({
      writtenAt: NOON,
      says: { sessions: 1, repairAttempts: 1, rootCauses: ["Es wurde kein Fehler gefunden."] },
    });
  });
});
