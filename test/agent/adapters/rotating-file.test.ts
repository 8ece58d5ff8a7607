import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rotatingFile } from "../../../agent/adapters/rotating-file.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const ROTATION = { bytesMax: 100, filesMax: 3 };
const line = (n: number): string => `${String(n).padStart(29, "0")}\n`;

test("keeps the newest lines, in so many files of such a size, and the oldest go", async () => {
  const file = rotatingFile(folder.path, "agent", ROTATION);
  for (let n = 0; n < 20; n++) file.write(line(n));
  expect((await readdir(folder.path)).toSorted()).toEqual(["agent.1.log", "agent.2.log", "agent.log"]);
  const texts = await Promise.all(
    ["agent.2.log", "agent.1.log", "agent.log"].map((name) => readFile(join(folder.path, name), "utf8")),
  );
  for (const text of texts) expect(text.length).toBeLessThanOrEqual(ROTATION.bytesMax);
  expect(texts.join("")).toBe(Array.from({ length: 8 }, (_, i) => line(i + 12)).join(""));
});

test("goes on after a restart where the last process stopped, and a line longer than a file is written whole", async () => {
  rotatingFile(folder.path, "agent", ROTATION).write(line(1));
  const file = rotatingFile(folder.path, "agent", ROTATION);
  file.write(line(2));
  file.write("x".repeat(500));
  expect(await readFile(join(folder.path, "agent.1.log"), "utf8")).toBe(line(1) + line(2));
  expect(await readFile(join(folder.path, "agent.log"), "utf8")).toBe("x".repeat(500));
});

test("a log that cannot be written ends nobody, and is written again when it can be", async () => {
  const path = join(folder.path, "logs");
  await writeFile(path, "in the way");
  const file = rotatingFile(path, "agent", ROTATION);
  expect(() => file.write(line(1))).not.toThrow();
  const other = rotatingFile(join(folder.path, "later"), "agent", ROTATION);
  await mkdir(join(folder.path, "later"));
  other.write(line(2));
  expect(await readFile(join(folder.path, "later", "agent.log"), "utf8")).toBe(line(2));
});
