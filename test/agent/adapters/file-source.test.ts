import { spawnSync } from "node:child_process";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileUnreadable, openFile } from "../../../agent/adapters/file-source.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("gives the piece that is asked for, and at the end what is left", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a");
  await writeFile(path, "0123456789");
  using file = openFile(path);
  expect(file.size).toBe(10);
  expect(textOf(file.read(2, 3))).toBe("234");
  expect(textOf(file.read(8, 2 ** 40))).toBe("89");
  expect(textOf(file.read(10, 1))).toBe("");
  expect(textOf(file.read(2 ** 40, 1))).toBe("");
});

test("a file that became shorter is said to be unreadable, not taken for one that ends there", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a");
  await writeFile(path, "0123456789");
  using file = openFile(path);
  await truncate(path, 4);
  expect(textOf(file.read(0, 4))).toBe("0123");
  expect(() => file.read(2, 4)).toThrow(new FileUnreadable("became shorter while it was read (10 bytes at first)"));
});

test.skipIf(process.platform === "win32")("a pipe that nobody writes to is refused at once", async () => {
  await using folder = await temporaryFolder();
  const pipe = join(folder.path, "pipe");
  expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
  await mkdir(join(folder.path, "folder"));
  expect(() => openFile(pipe)).toThrow("is a device or a pipe, not a file");
  expect(() => openFile(join(folder.path, "folder"))).toThrow("is a folder, not a file");
  expect(() => openFile(join(pipe, "below"))).toThrow("does not exist");
});
