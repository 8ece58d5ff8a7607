import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
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
