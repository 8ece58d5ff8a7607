import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateFolder } from "../../../agent/adapters/lab/layout.ts";
import type { Quarantined } from "../../../agent/ports.ts";
import { WindowsGlob } from "../../../protocol/windows-path.ts";
import { ACME, faultyFile, FAULTY, GLOB, machineOf, makeLabDisk } from "../../support/lab-disk.ts";
import { planIdOf } from "../../support/signed-order.ts";
import { withSmallDisk } from "../../support/small-disk.ts";

const PLAN = planIdOf("a plan");
const isRoot = process.getuid?.() === 0;

async function heldBy(folder: string): Promise<readonly Quarantined[]> {
  const listed = await (await machineOf(folder)).quarantined(PLAN);
  if (listed.kind === "fault") throw new Error(listed.because);
  return listed.value;
}

describe("the quarantine", () => {
  test("gives a file back as it was: bytes, time and mode", async () => {
    await using disk = await makeLabDisk();
    const path = join(disk.path, ACME, FAULTY);
    const contents = Buffer.from([0xaa, 0, 0xff, 0x0a, 0x0d, 0x1a]);
    await writeFile(path, contents);
    await chmod(path, 0o640);
    await utimes(path, 1_721_362_140.125, 1_721_362_140.125);
    const before = await stat(path, { bigint: true });
    const machine = await machineOf(disk.path);

    expect(await machine.quarantine(PLAN, await faultyFile(machine))).toEqual({ kind: "ok", value: undefined });
    await expect(stat(path)).rejects.toThrow("ENOENT");
    const [entry] = await heldBy(disk.path);
    expect(entry).toMatchObject({ held: true, modifiedAt: 1_721_362_140_125, sizeBytes: 6 });

    expect(await machine.restore(entry as Quarantined)).toEqual({ kind: "ok", value: undefined });
    const after = await stat(path, { bigint: true });
    expect(await readFile(path)).toEqual(contents);
    expect([after.mtimeNs, after.mode, after.size]).toEqual([before.mtimeNs, before.mode, before.size]);
    expect((await heldBy(disk.path)).filter(({ held }) => held)).toEqual([]);
  });

  test("takes a file only as it was looked at", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const facts = await faultyFile(machine);
    await writeFile(join(disk.path, ACME, FAULTY), "the vendor's repair");
    expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault: "file-changed" });
    expect(await readFile(join(disk.path, ACME, FAULTY), "utf8")).toBe("the vendor's repair");
  });

  test("takes no file that was written anew since, though its contents are the same", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const facts = await faultyFile(machine);
    await utimes(join(disk.path, ACME, FAULTY), 1, 1);
    expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault: "file-changed" });
    expect(await heldBy(disk.path)).toEqual([]);
  });

  test("never overwrites what stands where a file came from", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    await machine.quarantine(PLAN, await faultyFile(machine));
    await writeFile(join(disk.path, ACME, FAULTY.toLowerCase()), "the next version");
    const [entry] = await heldBy(disk.path);
    expect(await machine.restore(entry as Quarantined)).toMatchObject({ kind: "fault", fault: "file-changed" });
    expect(await readFile(join(disk.path, ACME, FAULTY.toLowerCase()), "utf8")).toBe("the next version");
    expect(await heldBy(disk.path)).toMatchObject([{ held: true }]);
  });

  test("gives back nothing that was tampered with meanwhile", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    await machine.quarantine(PLAN, await faultyFile(machine));
    await writeFile(join(stateFolder(disk.path), "quarantine", PLAN, "1.bin"), "something else");
    const [entry] = await heldBy(disk.path);
    expect(await machine.restore(entry as Quarantined)).toMatchObject({ kind: "fault", fault: "verify-failed" });
  });

  describe("after a power cut", () => {
    test("between the entry and the move, the file is in its place and can be taken again", async () => {
      await using disk = await makeLabDisk();
      const machine = await machineOf(disk.path);
      const facts = await faultyFile(machine);
      await machine.quarantine(PLAN, facts);
      await rename(join(stateFolder(disk.path), "quarantine", PLAN, "1.bin"), join(disk.path, ACME, FAULTY));
      expect(await heldBy(disk.path)).toMatchObject([{ held: false }]);
      expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "ok" });
      expect(await heldBy(disk.path)).toMatchObject([{ held: true }]);
    });

    test("after the move, taking it again changes nothing", async () => {
      await using disk = await makeLabDisk();
      const machine = await machineOf(disk.path);
      const facts = await faultyFile(machine);
      await machine.quarantine(PLAN, facts);
      expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "ok" });
      expect(await heldBy(disk.path)).toHaveLength(1);
    });

    test("between the two halves of giving back, giving back again ends with one file", async () => {
      await using disk = await makeLabDisk();
      const machine = await machineOf(disk.path);
      await machine.quarantine(PLAN, await faultyFile(machine));
      const [entry] = await heldBy(disk.path);
      await link(join(stateFolder(disk.path), "quarantine", PLAN, "1.bin"), join(disk.path, ACME, FAULTY));
      expect(await machine.restore(entry as Quarantined)).toMatchObject({ kind: "ok" });
      expect(await readFile(join(disk.path, ACME, FAULTY), "utf8")).toBe("faulty");
      expect(await readdir(join(stateFolder(disk.path), "quarantine", PLAN))).toEqual(["1.json"]);
    });
  });
});

describe("a step that the machine does not allow fails closed", () => {
  test("file held by another program", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const facts = await faultyFile(machine);
    for (const fault of ["file-locked", "permission-denied"] as const) {
      await writeFile(join(disk.path, "locks.json"), JSON.stringify({ [facts.path.toUpperCase()]: fault }));
      expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault });
    }
    expect(await readFile(join(disk.path, ACME, FAULTY), "utf8")).toBe("faulty");
  });

  test.skipIf(!isRoot)("permission denied by the file system (as root: an immutable file)", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const facts = await faultyFile(machine);
    const path = join(disk.path, ACME, FAULTY);
    execFileSync("chattr", ["+i", path]);
    try {
      expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault: "permission-denied" });
    } finally {
      execFileSync("chattr", ["-i", path]);
    }
    expect(await readFile(path, "utf8")).toBe("faulty");
    expect(await heldBy(disk.path)).toMatchObject([{ held: false }]);
  });

  test.skipIf(!isRoot)("disk full (as root: a small file system)", async () => {
    await using disk = await makeLabDisk();
    await withSmallDisk(256, async (small) => {
      execFileSync("cp", ["-a", `${disk.path}/.`, small]);
      const machine = await machineOf(small);
      const facts = await faultyFile(machine);
      execFileSync("sh", ["-c", `cat /dev/zero > ${small}/filler 2>/dev/null || true`]);
      expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault: "disk-full" });
      expect(await machine.setServiceStart("AcmeSensor", "disabled")).toMatchObject({
        kind: "fault",
        fault: "disk-full",
      });
      expect(await readFile(join(small, ACME, FAULTY), "utf8")).toBe("faulty");
      expect(await machine.serviceStart("AcmeSensor")).toEqual({ kind: "ok", value: "automatic" });
    });
  });
});

describe("paths", () => {
  test("names are found in any case, and files keep the spelling of the disk", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const found = await machine.files(WindowsGlob.parse("c:\\WINDOWS\\system32\\DRIVERS\\acme\\c-00000007-*2.SYS"));
    expect(found).toMatchObject({ kind: "ok", value: [{ path: `c:\\WINDOWS\\system32\\DRIVERS\\acme\\${FAULTY}` }] });
  });

  test("a folder or drive that is not there holds no files", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    for (const glob of ["C:\\No\\Such\\*", "D:\\Windows\\*", "C:\\services.json\\*"])
      expect(await machine.files(WindowsGlob.parse(glob))).toEqual({ kind: "ok", value: [] });
  });

  test.each([
    {
      name: "a file that is a link",
      make: (path: string) => symlink("/etc/hosts", join(path, ACME, "C-00000007-link.sys")),
    },
    {
      name: "a folder that is a link",
      make: async (path: string) => {
        await rename(join(path, ACME), join(path, "elsewhere"));
        await symlink(join(path, "elsewhere"), join(path, ACME));
      },
    },
    {
      name: "a folder above that is a link",
      make: async (path: string) => {
        await rename(join(path, "C/Windows/System32"), join(path, "elsewhere"));
        await symlink(join(path, "elsewhere"), join(path, "C/Windows/System32"));
      },
    },
    {
      name: "two folders that differ in case only",
      make: (path: string) => mkdir(join(path, "C/Windows/System32/drivers/ACME")),
    },
    {
      name: "a name that Windows could not hold",
      make: (path: string) => writeFile(join(path, ACME, "C-00000007-a:b.sys"), ""),
    },
  ])("$name is refused, not passed over", async ({ make }) => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    await make(disk.path);
    expect(await machine.files(GLOB)).toMatchObject({ kind: "fault", fault: "path-escapes" });
  });

  test("a link that came between the look and the move is not followed", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    const facts = await faultyFile(machine);
    const path = join(disk.path, ACME, FAULTY);
    await rename(path, join(disk.path, "elsewhere"));
    await symlink(join(disk.path, "elsewhere"), path);
    expect(await machine.quarantine(PLAN, facts)).toMatchObject({ kind: "fault", fault: "path-escapes" });
    expect(await readFile(join(disk.path, "elsewhere"), "utf8")).toBe("faulty");
  });
});

describe("services and restarts", () => {
  test("only the way a service starts is changed", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    expect(await machine.setServiceStart("acmesensor", "disabled")).toEqual({ kind: "ok", value: undefined });
    expect(JSON.parse(await readFile(join(disk.path, "services.json"), "utf8"))).toEqual({
      AcmeSensor: { start: "disabled", running: true },
      Dnscache: { start: "automatic", running: true },
    });
    expect(await machine.serviceStart("NoSuch")).toEqual({ kind: "ok", value: undefined });
    expect(await machine.setServiceStart("NoSuch", "manual")).toMatchObject({ kind: "fault", fault: "not-found" });
  });
  test("a service that is not there does not run", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    expect(await machine.services(["dnscache", "NoSuch"])).toEqual([
      { name: "dnscache", running: true },
      { name: "NoSuch", running: false },
    ]);
  });
  test("a restart is asked for with the boot it is meant for", async () => {
    await using disk = await makeLabDisk();
    const machine = await machineOf(disk.path);
    await machine.restart(1_000, "because");
    const asked: unknown = JSON.parse(await readFile(join(disk.path, "restart-request.json"), "utf8"));
    expect(asked).toEqual({ noticeMs: 1_000, reason: "because", bootId: "boot-1" });
  });
  test("without an event log, how the last boot ended is not known", async () => {
    await using disk = await makeLabDisk();
    await rm(join(disk.path, "events"), { recursive: true, force: true });
    expect(await (await machineOf(disk.path)).bootPast(null)).toMatchObject({ previousEnd: { kind: "unknown" } });
  });
});
