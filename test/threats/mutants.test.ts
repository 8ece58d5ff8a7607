/**
 * Each guard is taken away where the code is loaded, never on the disk, and a test must turn red. One run of Vitest
 * takes one mutant, in a process of its own; the mutants of one test file share the proof that it is green without one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { MUTANTS } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const IS_FULL = process.env["RINGBACK_TEST_FULL"] === "1";
const CHOSEN = IS_FULL ? MUTANTS : MUTANTS.filter(({ quick }) => quick === true);

/** Runs some tests of a file and answers how many passed and failed. */
async function run(
  file: string,
  title: string,
  mutant = "",
): Promise<{ readonly passed: number; readonly failed: number }> {
  await using folder = await temporaryFolder();
  const report = join(folder.path, "report.json");
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const how = ["--config", "test/threats/mutants.config.ts", "--reporter=json", `--outputFile=${report}`];
  const child = spawn(process.execPath, [vitest, "run", file, "-t", title, ...how], {
    cwd: ROOT,
    stdio: "ignore",
    env: { ...process.env, RINGBACK_TEST_FULL: "", RINGBACK_MUTANT: mutant },
  });
  await once(child, "exit");
  const { numPassedTests, numFailedTests } = Report.parse(JSON.parse(readFileSync(report, "utf8")));
  return { passed: numPassedTests, failed: numFailedTests };
}
const Report = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

test("every mutant changes one place that is there, and has a name of its own", () => {
  const bad = MUTANTS.filter(({ file, find, replace }) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    return find === replace || source.split(find).length !== 2;
  });
  expect(bad.map(({ name }) => name)).toEqual([]);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

describe.each([...Map.groupBy(CHOSEN, ({ test: file }) => file)])("the guards of %s", (file, mutants) => {
  test("the tests are green as long as nothing is taken away", async () => {
    const { passed, failed } = await run(file, mutants.map(({ title }) => title).join("|"));
    expect(failed).toBe(0);
    expect(passed).toBeGreaterThan(0);
  });

  test.each(mutants)("without its guard: $name", async ({ name, title }) => {
    const { passed, failed } = await run(file, title, name);
    expect(passed + failed, "no test has this title").toBeGreaterThan(0);
    expect(failed).toBeGreaterThan(0);
  });
});
