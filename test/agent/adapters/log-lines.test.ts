import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logLines } from "../../../agent/adapters/log-lines.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a log is JSON lines, one each, added to what is there", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "logs", "agent.log");
  logLines(path).info("the first");
  const log = logLines(path);
  log.warn("not connected", { reason: "two\nlines", code: 1006 });
  log.error("the third", { because: undefined });
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/) as string, msg: "the first" },
    { level: 40, time: expect.any(String) as string, reason: "two\nlines", code: 1006, msg: "not connected" },
    { level: 50, time: expect.any(String) as string, msg: "the third" },
  ]);
});

test.skipIf(!existsSync("/dev/full"))("a log on a full disk is lost, and nothing else", () => {
  const log = logLines("/dev/full");
  expect(() => log.error("nobody will read this")).not.toThrow();
});
