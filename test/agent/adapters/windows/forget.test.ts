import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forgetState } from "../../../../agent/adapters/windows/forget.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let home: TemporaryFolder;
let folder: string;
beforeEach(async () => {
  home = await temporaryFolder();
  folder = join(home.path, "Ringback");
  await mkdir(join(folder, "logs"), { recursive: true });
  for (const name of ["config.json", "device-key.pem", "journal.log", "logs/agent.log"])
    await writeFile(join(folder, name), name);
});
afterEach(() => home[Symbol.asyncDispose]());

test("nothing of the agent stays", async () => {
  await mkdir(join(folder, "quarantine", "plan_1"), { recursive: true });
  expect(await forgetState(folder)).toBe(undefined);
  await expect(stat(folder)).rejects.toThrow("ENOENT");
  expect(await forgetState(folder)).toBe(undefined);
});

test("files that a plan took away stay, and it says so", async () => {
  await mkdir(join(folder, "quarantine", "plan_1"), { recursive: true });
  await writeFile(join(folder, "quarantine", "plan_1", "file"), "somebody's");
  expect(await forgetState(folder)).toContain("quarantine");
  expect(await readdir(folder)).toEqual(["quarantine"]);
  expect(await readdir(join(folder, "quarantine", "plan_1"))).toEqual(["file"]);
});

test("copies of drivers that a plan removed stay: Windows has them no more", async () => {
  await mkdir(join(folder, "drivers", "plan_1"), { recursive: true });
  await writeFile(join(folder, "drivers", "plan_1", "nv.inf"), "[Version]");
  expect(await forgetState(folder)).toContain("drivers");
  expect(await readdir(folder)).toEqual(["drivers"]);
});

test("the record of a file that was put back holds nothing; of one that Windows may still bring, it does", async () => {
  const plan = join(folder, "quarantine", "plan_1");
  await mkdir(plan, { recursive: true });
  await writeFile(join(plan, "1.json"), JSON.stringify({ atRestart: true }));
  expect(await forgetState(folder)).toContain("quarantine");
  expect(await readdir(plan)).toEqual(["1.json"]);
  await writeFile(join(plan, "1.json"), JSON.stringify({ atRestart: false }));
  expect(await forgetState(folder)).toBeUndefined();
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});

test("a quarantine that cannot be looked into is not taken for an empty one", async () => {
  await mkdir(join(folder, "elsewhere"));
  await writeFile(join(folder, "elsewhere", "file"), "not a folder");
  await symlink(join(folder, "elsewhere", "file"), join(folder, "quarantine")); // not even root lists that
  expect(await forgetState(folder)).toContain("cannot be told");
  expect(await readdir(folder)).toEqual(["quarantine"]);
});

test("what stood where a source is still held stays, so that somebody can put it back", async () => {
  await writeFile(join(folder, "held-sources.json"), "{}");
  expect(await forgetState(folder, ["held-sources.json"])).toBeUndefined();
  expect(await readdir(folder)).toEqual(["held-sources.json"]);
});
