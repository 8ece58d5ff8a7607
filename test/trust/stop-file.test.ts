/** The file that holds emergency stops which the database has not got yet. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stopFile } from "../../controller/trust/stop-file.ts";
import { aStop } from "../support/precautions.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("what was written is read by the next process; without a file there is none", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "emergency-stops.json");
  expect(await stopFile(path).read()).toEqual([]);
  await stopFile(path).write([aStop("one"), aStop("two")]);
  expect(await stopFile(path).read()).toEqual([aStop("one"), aStop("two")]);
  await stopFile(path).write([]);
  expect(await stopFile(path).read()).toEqual([]);
});

test("one that cannot be read is no empty one: a stop must not be forgotten", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "emergency-stops.json");
  await writeFile(path, "[{");
  await expect(stopFile(path).read()).rejects.toThrow("emergency stops");
});

test("a stop that the database takes while it is still being written leaves a file that can be read, and nothing in it", async () => {
  await using folder = await temporaryFolder();
  const file = stopFile(join(folder.path, "stops.json"));
  for (let round = 1; round <= 9; round++) {
    await Promise.all([file.write([aStop(`round ${round}`)]), file.write([])]);
    expect(await file.read()).toEqual([]);
  }
});

test("a write that failed does not keep the next one from the disk", async () => {
  await using folder = await temporaryFolder();
  const file = stopFile(join(folder.path, "later", "stops.json"));
  await expect(file.write([])).rejects.toThrow("ENOENT");
  await mkdir(join(folder.path, "later"));
  await file.write([aStop("one")]);
  expect(await file.read()).toEqual([aStop("one")]);
});
