/** Damaged event logs by the thousand, in a process that can be ended and whose memory is seen. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { FuzzResult } from "../../support/fuzz-event-logs.ts";
import { samples } from "../../support/samples.ts";

const PROGRAM = join(import.meta.dirname, "../../support/fuzz-event-logs.ts");
const FULL = process.env["RINGBACK_TEST_FULL"] === "1";
/** Ends a reader that hangs; the full run takes minutes. */
const HANGS_AFTER_MS = FULL ? 1_500_000 : 150_000;
const MEGABYTES_MAX = 256;

async function fuzz(runs: number, seed: number, files: readonly string[]): Promise<FuzzResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(runs), String(seed), ...files], {
    timeout: HANGS_AFTER_MS,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
  });
  return FuzzResult.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}

test(
  "no damage makes the reader throw, hang, tell nonsense or take much memory",
  async () => {
    const runs = FULL ? 40_000 : 4000;
    const result = await fuzz(runs, 20_260_719, []);
    expect(result.wrong).toEqual([]);
    expect(result.runs).toBe(runs);
    expect(result.records).toBeGreaterThan(runs); // most of them still hold records: it is the reader that is tried
    expect(result.megabytes).toBeLessThan(MEGABYTES_MAX);
  },
  HANGS_AFTER_MS,
);

const { files, note } = samples("evtx", ".evtx");

test.skipIf(files.length === 0)(
  `nor does damage to logs of real machines${note}`,
  async () => {
    const runs = FULL ? 20_000 : 2000;
    const result = await fuzz(runs, 291, files);
    expect(result.wrong).toEqual([]);
    expect(result.records).toBeGreaterThan(runs);
    expect(result.megabytes).toBeLessThan(MEGABYTES_MAX);
  },
  HANGS_AFTER_MS,
);
