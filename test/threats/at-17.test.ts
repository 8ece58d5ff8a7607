/**
 * AT-17: no path leads the agent elsewhere, and nobody is quick enough to swap what it looked at for something else.
 *
 * Shown under Wine, with Windows processes on both sides. A mount point stands for a junction: Wine makes none, and tells of
 * a mount point by the very tag that Windows gives to one. Links of the Unix side are in the corpus, not in the races: Wine
 * follows them itself and looks up a moment later where they led, which Windows, told to open the link itself, does not do.
 */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sha256 } from "../../protocol/canonical.ts";
import { Instant } from "../../protocol/time.ts";
import { isUnder, WindowsPath } from "../../protocol/windows-path.ts";
import { type HostilePaths, hostilePaths, type PathOutcome } from "../support/hostile-paths.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { onDriveZ, WineMachine, whyNoWine } from "../support/wine.ts";

const RACES = process.env["RINGBACK_TEST_FULL"] === "1" ? 10_000 : 1_000;
const ROUND = 400;
const GUARD = "C:\\Guard";
const sha = (text: string): Sha256 => Sha256.parse(createHash("sha256").update(text).digest("hex"));

/** Each is refused for leading elsewhere; before that, a listing may have nothing to list and a quarantine nothing to hold. */
function isRefusal(path: string, call: string, came: string | readonly string[]): boolean {
  if (came === "path-escapes" || (call === "restore" && came === "not-found")) return true;
  if (call !== "files" || typeof came === "string") return false;
  // A glob's last part is compared, never opened: a star means what is in that folder, and other names match nothing.
  return came.length === 0 || (/[*?]$/.test(path) && came.every((file) => isUnder(file, `${GUARD}\\inside`)));
}

describe.skipIf(whyNoWine() !== undefined || process.getuid?.() !== 0)(
  "AT-17 the path guard (as root, for mounts)",
  () => {
    let machine: WineMachine;
    const put = async (path: string, text: string): Promise<void> => {
      await mkdir(join(machine.at(path), ".."), { recursive: true });
      await writeFile(machine.at(path), text);
    };
    const mount = async (path: string): Promise<void> => {
      await mkdir(machine.at(path), { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "ringback-test", machine.at(path)]);
    };

    beforeAll(async () => {
      machine = await WineMachine.create();
    });
    afterAll(async () => {
      if (machine === undefined) return;
      // Some were renamed since: the kernel knows where they are, with its own mark for a space.
      for (const line of (await readFile("/proc/self/mounts", "utf8")).split("\n")) {
        const path = (line.split(" ")[1] ?? "").replaceAll("\\040", " ");
        if (path.startsWith(`${machine.driveC}/`)) execFileSync("umount", ["--lazy", path]);
      }
      await machine.remove();
    });

    test("AT-17 a corpus of hostile paths, none of which is followed", async () => {
      await put(`${GUARD}\\inside\\secret.sys`, "secret");
      await put(`${GUARD}\\secret.sys`, "secret");
      await put("C:\\secret.sys", "secret");
      await put("C:\\Outside\\deep\\secret.sys", "secret");
      await put(`${GUARD}\\state\\keep`, "");
      await symlink(machine.at("C:\\Outside\\deep"), machine.at(`${GUARD}\\folder link`));
      await symlink("../Outside", machine.at(`${GUARD}\\relative link`));
      await symlink("folder link", machine.at(`${GUARD}\\link to a link`));
      await symlink(machine.at(GUARD), machine.at(`${GUARD}\\inside\\loop`));
      await symlink("nowhere", machine.at(`${GUARD}\\inside\\dangling.sys`));
      await symlink(machine.at("C:\\Outside\\deep\\secret.sys"), machine.at(`${GUARD}\\inside\\file link.sys`));
      await symlink("/etc/hostname", machine.at(`${GUARD}\\inside\\unix link.sys`));
      await mount(`${GUARD}\\mounted`);
      await put(`${GUARD}\\mounted\\deep\\secret.sys`, "secret");
      await put(`${GUARD}\\hard\\secret.sys`, "secret");
      await link(machine.at(`${GUARD}\\hard\\secret.sys`), machine.at("C:\\Outside\\other name.sys"));

      const links = [
        `${GUARD}\\folder link\\secret.sys`,
        `${GUARD}\\relative link\\deep\\secret.sys`,
        `${GUARD}\\link to a link\\secret.sys`,
        `${GUARD}\\inside\\loop\\inside\\secret.sys`,
        `${GUARD}\\inside\\loop\\secret.sys`,
        `${GUARD}\\inside\\file link.sys`,
        `${GUARD}\\inside\\unix link.sys`,
        `${GUARD}\\mounted\\deep\\secret.sys`,
        `${GUARD}\\MOUNTED\\deep\\secret.sys`,
      ].map((path) => ["a link", path] as const);
      const corpus = [...hostilePaths(GUARD), ...links];
      expect(new Set(corpus.map(([, path]) => path)).size).toBeGreaterThanOrEqual(300);

      const secret = machine.at(`${GUARD}\\inside\\secret.sys`);
      const script: HostilePaths = {
        stateFolder: `${GUARD}\\state`,
        facts: {
          path: WindowsPath.parse(`${GUARD}\\secret.sys`),
          sha256: sha("secret"),
          header: Buffer.from("secret").toString("hex"),
          sizeBytes: 6,
          modifiedAt: Instant.parse(Math.floor((await stat(secret)).mtimeMs)),
        },
        paths: [...corpus.map(([, path]) => path), `${GUARD}\\inside\\dangling.sys`, `${GUARD}\\hard\\secret.sys`],
      };
      await using folder = await temporaryFolder();
      await writeFile(join(folder.path, "paths.json"), JSON.stringify(script));
      const { output } = await machine.node("test/wine/programs/hostile-paths.ts", [
        onDriveZ(join(folder.path, "paths.json")),
      ]);
      const outcomes = JSON.parse(output) as readonly PathOutcome[];
      expect(outcomes).toHaveLength(corpus.length + 2);

      const escapes = corpus.flatMap(([why, path], i) =>
        Object.entries<PathOutcome[keyof PathOutcome]>({ ...(outcomes[i] ?? { files: "no answer" }) })
          .filter(([call, came]) => !isRefusal(path, call, came))
          .map(([call, came]) => ({ why, path, call, came })),
      );
      expect(escapes).toEqual([]);
      // No file is no harm; a second name of the file is, to what moves it.
      expect(outcomes.at(-2)).toMatchObject({ files: [], quarantine: "file-changed" });
      expect(outcomes.at(-1)).toMatchObject({ quarantine: "path-escapes", atRestart: "path-escapes" });

      for (const path of [
        "C:\\secret.sys",
        "C:\\Outside\\deep\\secret.sys",
        `${GUARD}\\secret.sys`,
        `${GUARD}\\inside\\secret.sys`,
        `${GUARD}\\mounted\\deep\\secret.sys`,
        `${GUARD}\\hard\\secret.sys`,
      ])
        expect(await readFile(machine.at(path), "utf8")).toBe("secret");
      expect((await readdir(machine.at(GUARD))).sort()).toEqual(
        ["folder link", "hard", "inside", "link to a link", "mounted", "relative link", "secret.sys", "state"].sort(),
      );
      expect(
        (await readdir(machine.at(`${GUARD}\\state`), { recursive: true })).filter((name) => name.endsWith(".bin")),
      ).toEqual([]);
    });

    /** In rounds, because a process under Wine is ended after two minutes. @returns what the guard's side met, all in all */
    async function race(
      folder: string,
      side: "look" | "look-blind" | "take",
      [one, other]: readonly [string, string],
      glob: string,
      wanted: string,
      times: number,
    ): Promise<{ readonly met: ReadonlyMap<string, number>; readonly swaps: number }> {
      const program = "test/wine/programs/races.ts";
      const met = new Map<string, number>();
      let swaps = 0;
      for (let left = times; left > 0; left -= ROUND) {
        for (const name of ["stop", "attacked"]) await rm(machine.at(`${folder}\\${name}`), { force: true });
        const attacker = machine.node(program, ["attack", folder, one, other]);
        const guard = await machine.node(program, [side, folder, glob, sha(wanted), `${Math.min(left, ROUND)}`]);
        await writeFile(machine.at(`${folder}\\stop`), "");
        swaps += (JSON.parse((await attacker).output) as { swaps: number }).swaps;
        for (const [what, count] of Object.entries(JSON.parse(guard.output) as Record<string, number>))
          met.set(what, (met.get(what) ?? 0) + count);
      }
      return { met, swaps };
    }

    test(`AT-17 a folder swapped for one that leads elsewhere, ${RACES * 0.6} times read`, async () => {
      const folder = "C:\\Race 1";
      await put(`${folder}\\meant\\inner\\a.sys`, "inside");
      await mount(`${folder}\\evil\\inner`);
      await put(`${folder}\\evil\\inner\\a.sys`, "outside");
      const swapped = ["meant", "evil"] as const;
      const glob = `${folder}\\meant\\inner\\a.sys`;
      const { met, swaps } = await race(folder, "look", swapped, glob, "inside", RACES * 0.6);
      expect(met.get("escaped")).toBeUndefined();
      expect(swaps).toBeGreaterThan(1);
      expect(met.get("the file meant")).toBeGreaterThan(0);
      expect(met.get("path-escapes")).toBeGreaterThan(0);
      // The attack is one: the same guard without its eyes is led outside.
      expect((await race(folder, "look-blind", swapped, glob, "inside", 200)).met.get("escaped")).toBeGreaterThan(0);
    });

    test.each([
      ["a file swapped for another", ["a.sys", "b.sys"], "a.sys", "b.sys"],
      ["its folder swapped for another", ["one", "other"], "one\\a.sys", "other\\a.sys"],
    ] as const)(`AT-17 %s, ${RACES * 0.2} times moved: the right one, or none`, async (why, swapped, bad, good) => {
      const folder = `C:\\Race of ${why}`;
      await put(`${folder}\\${bad}`, "condemned");
      await put(`${folder}\\${good}`, "good");
      await mkdir(machine.at(`${folder}\\state`));
      const { met, swaps } = await race(folder, "take", swapped, `${folder}\\${bad}`, "condemned", RACES * 0.2);
      expect(met.get("lost")).toBeUndefined();
      expect(swaps).toBeGreaterThan(1);
      expect(met.get("taken")).toBeGreaterThan(0);
      const names = await readdir(machine.at(folder), { recursive: true });
      const texts = await Promise.all(
        names
          .filter((name) => /\.(sys|bin)$/.test(name))
          .map((name) => readFile(join(machine.at(folder), name), "utf8")),
      );
      expect(texts.sort()).toEqual(["condemned", "good"]);
      expect(names.filter((name) => name.endsWith(".bin"))).toEqual([]);
    });
  },
);
