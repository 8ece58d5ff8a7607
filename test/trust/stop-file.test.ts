/** The file of emergency stops: what was said last is what is read, however slow the disk. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stopFile } from "../../controller/trust/stop-file.ts";
import type { EmergencyStop } from "../../protocol/emergency.ts";
import { newId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";

const AT = 1_800_000_000_000 as Instant;
const stopOf = (n: number): EmergencyStop => {
  return { stopId: newId("stop", AT, new Uint8Array(10).fill(n)), at: AT, by: "ada", because: "x".repeat(n * 100) };
};
let folder = "";
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "ringback-stop-file-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a stop that the database takes while it is still being written leaves a file that can be read, and nothing in it", async () => {
  const file = stopFile(join(folder, "stops.json"));
  for (let round = 1; round <= 9; round++) {
    await Promise.all([file.write([stopOf(round)]), file.write([])]);
    expect(await file.read()).toEqual([]);
  }
});

test("a write that failed does not keep the next one from the disk", async () => {
  const file = stopFile(join(folder, "later", "stops.json"));
  await expect(file.write([])).rejects.toThrow("ENOENT");
  await mkdir(join(folder, "later"));
  await file.write([stopOf(1)]);
  expect(await file.read()).toEqual([stopOf(1)]);
});
