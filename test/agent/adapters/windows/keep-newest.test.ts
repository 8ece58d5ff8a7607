/** What is made again and again does not fill the disk. */
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepNewest } from "../../../../agent/adapters/windows/keep-newest.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("the newest stay with what was just made, and what has another name is left alone", async () => {
  await using folder = await temporaryFolder();
  for (let i = 0; i < 7; i++) {
    await mkdir(join(folder.path, `p${i}`));
    await writeFile(join(folder.path, `p${i}`, "x"), "");
    await utimes(join(folder.path, `p${i}`), i, i);
  }
  await writeFile(join(folder.path, "config.json"), "");
  await keepNewest(folder.path, /^p\d$/, 3, "p0");
  expect((await readdir(folder.path)).toSorted()).toEqual(["config.json", "p0", "p5", "p6"]);
});
