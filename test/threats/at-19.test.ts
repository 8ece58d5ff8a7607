/**
 * AT-19: disk full, file locked, access denied, file changed by its vendor meanwhile. The step fails closed: the file is
 * whole in one place, the fault says why, nothing half done is left, and the next try ends it. Shown under Wine.
 */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import type { CutSeen } from "../support/file-cuts.ts";
import { withSmallDisk } from "../support/small-disk.ts";
import { fileCalls, type FileCall } from "../support/wine-files.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";

const VENDOR = "C:\\Vendor";
const STATE = "C:\\ProgramData\\Ringback";
const PLAN = newId("plan", at("2026-11-22T11:00:00Z"), Buffer.alloc(32, 3));
const FAULTS = { diskFull: "disk-full", accessDenied: "permission-denied", sharingViolation: "file-locked" } as const;

describe.skipIf(whyNoWine() !== undefined || process.getuid?.() !== 0)(
  "AT-19 a file that cannot be moved (as root)",
  () => {
    let machine: WineMachine;
    beforeAll(async () => {
      machine = await WineMachine.create();
      await mkdir(machine.at(VENDOR), { recursive: true });
      await mkdir(machine.at(STATE), { recursive: true });
    });
    afterAll(() => machine?.remove());

    const run = (...calls: FileCall[]) => fileCalls(machine, { stateFolder: STATE, calls });
    const quarantine = (path: string): FileCall => ({ do: "quarantine", plan: PLAN, path });

    test("AT-19 each effect refused by Windows, and the power cut before each", async () => {
      await mkdir(machine.at("C:\\Cuts\\state"), { recursive: true });
      await mkdir(machine.at("C:\\Cuts\\files"), { recursive: true });
      const args = ["C:\\Cuts\\state", "C:\\Cuts\\files\\cut.sys"];
      const { output } = await machine.node("test/wine/programs/file-cuts.ts", args);
      const seen = JSON.parse(output) as readonly CutSeen[];
      const counts = Object.groupBy(seen, ({ call }) => call);
      expect(Object.values(counts).every((cuts) => (cuts?.length ?? 0) >= 4 * 2)).toBe(true);
      expect(Object.keys(counts).sort()).toEqual(["keep", "put-back", "quarantine", "restore"]);
      expect(seen.filter((one) => !isFailedClosed(one))).toEqual([]);
      expect(seen.filter((one) => !isEndedByTheNextTry(one))).toEqual([]);
    });

    test("AT-19 locked, denied, and changed: the fault says which, and nothing has moved", async () => {
      const [locked, denied] = [`${VENDOR}\\locked.sys`, `${VENDOR}\\denied.sys`];
      for (const path of [locked, denied]) await writeFile(machine.at(path), "content");
      execFileSync("chattr", ["+i", machine.at(denied)]);
      try {
        const facts = (await run({ do: "files", glob: `${VENDOR}\\*.sys` }))[0] as {
          readonly value: readonly object[];
        };
        expect(facts.value).toHaveLength(2);
        const results = await run(
          { do: "hold-open", path: locked, share: 1 },
          quarantine(locked),
          quarantine(denied),
          { ...quarantine(denied), changed: { sizeBytes: 8 } } as FileCall,
          { do: "hold-open", path: denied, share: 0 },
          { do: "files", glob: denied },
        );
        expect(results).toMatchObject([
          null,
          { kind: "fault", fault: "file-locked" },
          { kind: "fault", fault: "permission-denied" },
          { kind: "fault", fault: "file-changed" },
          null,
          { kind: "fault", fault: "file-locked" },
        ]);
      } finally {
        execFileSync("chattr", ["-i", machine.at(denied)]);
      }
      expect((await readdir(machine.at(VENDOR))).sort()).toEqual(["denied.sys", "locked.sys"]);
      expect(await run(quarantine(locked), quarantine(denied))).toEqual([{ kind: "ok" }, { kind: "ok" }]);
    });

    test("AT-19 a full disk takes no entry, so no file moves; on another volume none is copied", async () => {
      await withSmallDisk(64, async (disk) => {
        await symlink(disk, join(machine.driveC, "..", "dosdevices", "d:"));
        await mkdir(join(disk, "state"));
        await mkdir(join(disk, "vendor"));
        await writeFile(join(disk, "vendor", "a.sys"), "content");
        await writeFile(join(disk, "filler"), Buffer.alloc(48 * 1024)).catch(() => undefined);
        await writeFile(machine.at(`${VENDOR}\\far.sys`), "content");
        const fill = async (): Promise<void> => {
          for (let i = 0; i < 100; i++) await writeFile(join(disk, `filler ${i}`), Buffer.alloc(1_024));
        };
        await expect(fill()).rejects.toThrow(/ENOSPC/);
        const on = (...calls: FileCall[]) => fileCalls(machine, { stateFolder: "D:\\state", calls });
        const [full, kept, far] = await on(
          quarantine("D:\\vendor\\a.sys"),
          { do: "keep", paths: ["D:\\vendor\\a.sys"] },
          quarantine(`${VENDOR}\\far.sys`),
        );
        expect(full).toMatchObject({ kind: "fault", fault: "disk-full" });
        expect(kept).toMatchObject({ kind: "fault", fault: "disk-full" });
        expect(far).toMatchObject({ kind: "fault", fault: "unexpected" });
        expect(await readFile(join(disk, "vendor", "a.sys"), "utf8")).toBe("content");
        expect(await readFile(machine.at(`${VENDOR}\\far.sys`), "utf8")).toBe("content");
        const left = (await readdir(join(disk, "state"), { recursive: true })).filter((name) =>
          /\.(bin|tmp|json)$/.test(name),
        );
        expect(left).toEqual([]);
      });
    });
  },
);

/** Whole in exactly one place, and, unless the power went, without a trace of the try. */
function isFailedClosed({ call, end, result, after }: CutSeen): boolean {
  const { standing, kept, good, strays, held } = after;
  const saysWhy = end === "power lost" || result === FAULTS[end];
  const isClean = end === "power lost" || strays === 0;
  const isWhole = [standing, ...kept, ...good].every((text) => text === null || text === "whole");
  const places = (standing === null ? 0 : 1) + kept.length;
  const isOnce = call === "put-back" ? good.length === 1 : places === 1 && held === kept.length;
  return saysWhy && isClean && isWhole && isOnce;
}

function isEndedByTheNextTry({ call, again, atEnd }: CutSeen): boolean {
  const { standing, kept, good, strays } = atEnd;
  const isThere = call === "quarantine" ? standing === null && kept.length === 1 : standing === "whole";
  const isKept = call !== "keep" || good.length === 1;
  return again === "ok" && strays === 0 && isThere && isKept && (call === "quarantine" || kept.length === 0);
}
