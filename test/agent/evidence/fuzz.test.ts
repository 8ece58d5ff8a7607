/** Evidence from a machine that somebody has taken over, or whose disk is dying. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fuzzEvidence } from "../../support/fuzz-evidence.ts";

const PROCESS = join(import.meta.dirname, "../../support/fuzz-evidence.ts");
const COUNT = process.env["RINGBACK_TEST_FULL"] === "1" ? 40_000 : 4_000;
const SEED = 20_260_719;
/** So that the peak shows what the readers hold, not how long V8 leaves garbage lying about. */
const TIDY = "--max-semi-space-size=4";

test(`${COUNT} damaged and hostile dumps and trails: each is read or refused`, () => {
  const { read, refused } = fuzzEvidence(SEED, COUNT);
  expect(read).toBeGreaterThan(COUNT / 2); // mutations that nothing is left of would show nothing
  expect(refused).toBeGreaterThan(0);
});

test("they never take 256 MB", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [TIDY, PROCESS, String(SEED + 1), String(COUNT)]);
  const { read, peakBytes } = JSON.parse(stdout) as { read: number; peakBytes: number };
  expect(read).toBeGreaterThan(COUNT / 2);
  expect(peakBytes).toBeLessThan(256e6);
});
