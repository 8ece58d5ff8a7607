/** Every file from real machines through the real command: what is evidence is told, what is not costs one line. */
import { execFile } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { samples } from "../support/samples.ts";

const MAIN = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
const logs = samples("evtx", ".evtx");
const all = [logs, samples("dump", ".dmp"), samples("srt", ".txt"), samples("srt", ".log")].flatMap(
  ({ files }) => files,
);
const NO_EVIDENCE = [
  "usermode-calc.dmp",
  "it-bcdinfo.txt",
  "it-bootfailure.txt",
  "it-disklayout.txt",
  "it-SrtTrail.log",
];
const evidence = all.filter((file) => !NO_EVIDENCE.includes(basename(file)));

const inspect = (...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "inspect", ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });

describe.skipIf(all.length === 0)(`all files of real machines${logs.note}`, () => {
  test("for a program", async () => {
    const { code, stdout, stderr } = await inspect("--json", ...all);
    const documents = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly file: string; readonly kind: string });
    expect(documents.map(({ file }) => file)).toEqual(evidence);
    expect(new Set(documents.map(({ kind }) => kind))).toEqual(new Set(["event-log", "crash-dump", "startup-repair"]));
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .map((line) => basename(line.split(" is ")[0] ?? ""))
        .toSorted(),
    ).toEqual(NO_EVIDENCE.toSorted());
    expect(code).toBe(1);
  });

  test("for a person", async () => {
    const { code, stdout, stderr } = await inspect(...evidence);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const file of evidence) expect(stdout).toContain(`${file}: `);
    expect(stdout).toContain("BUGCHECK 10001");
    expect(stdout).toContain("Suspect         amdppm.sys");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(200);
  });
});
