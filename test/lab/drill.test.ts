/**
 * Whole drills with few machines, as child processes. They run side by side: most of their time is waiting.
 *
 * The limit is generous because the lab slows its clock down on a busy computer.
 */
import { readdirSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { whyNoChromium } from "../support/chromium.ts";
import { processesIn, startDrill } from "../support/run-drill.ts";
import { planFleet } from "./fleet.ts";

const LIMIT_MS = 900_000;
const SEED = 1;
const unreachable = [...planFleet(6, SEED).unreachable];

/** The document's shape, exactly: programs read it. */
const Seconds = z.strictObject({
  firstCrash: z.number().nullable(),
  incident: z.number().nullable(),
  verdict: z.number().nullable(),
  halted: z.number().nullable(),
  canaryDone: z.number().nullable(),
  allReachable: z.number().nullable(),
});
const Document = z.strictObject({
  scenario: z.enum(["faulty-content-file", "bad-fix"]),
  seed: z.literal(SEED),
  machines: z.literal(6),
  crowd: z.int(),
  exposed: z.int(),
  crashed: z.int(),
  recovered: z.int(),
  unreached: z.array(z.string()),
  collateral: z.strictObject({ healthyTouched: z.int(), filesLost: z.int() }),
  waves: z.array(
    z.strictObject({
      name: z.string(),
      planned: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      silent: z.int(),
      notApplicable: z.int(),
      gate: z.strictObject({
        verdict: z.enum(["proceed", "stop", "wait"]),
        rule: z.string(),
        observed: z.number().nullable(),
        sample: z.int(),
        deadline: z.int().nullable(),
        because: z.string(),
      }),
    }),
  ),
  detection: z.strictObject({ title: z.string(), convicted: z.array(z.string()), sentence: z.string() }).nullable(),
  approvals: z.array(
    z.strictObject({
      person: z.string(),
      name: z.string(),
      with: z.enum(["key file", "passkey", "nothing: it is forged"]),
      digest: z.string().regex(/^([0-9a-z]{4}-){4}[0-9a-z]{4}$/),
      saw: z.array(z.string()),
    }),
  ),
  secondsTo: z.strictObject({ lab: Seconds, wall: Seconds }),
  verdict: z.string(),
});

/** So many that a verdict by numbers is possible. */
const CROWD = "150";

async function drill(...args: string[]) {
  using run = startDrill("--machines", "6", "--crowd", CROWD, "--seed", String(SEED), "--json", ...args);
  const { code, stdout, stderr } = await run.ended;
  expect(stderr).toBe("");
  expect(readdirSync(run.folder)).toEqual([]);
  return { code, document: Document.parse(JSON.parse(stdout)) };
}

describe.concurrent("a drill", () => {
  test("recovers every machine that can be reached, and says so in one document", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill();
    expect(document).toMatchObject({
      collateral: { healthyTouched: 0, filesLost: 0 },
      detection: { convicted: ["acme.content-7 12"] },
      approvals: [
        { person: "ada", with: "key file" },
        { person: "ben", with: whyNoChromium() === undefined ? "passkey" : "key file" },
      ],
      verdict: "passed",
    });
    expect(document.unreached).toEqual(expect.arrayContaining(unreachable));
    expect(document.recovered + document.unreached.length).toBe(document.exposed);
    const [ada, ben] = document.approvals;
    expect(ada?.saw).toEqual(expect.arrayContaining(["Kind: rollback", expect.stringContaining("RESTART") as string]));
    expect(ben).toMatchObject({ digest: ada?.digest, saw: ada?.saw });
    expect(code).toBe(0);
  });

  test("fails when the good version is taken for the faulty one", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill("--sabotage", "wrong-file");
    expect(document.verdict).toContain("failed: no machine recovered");
    expect(document.collateral.healthyTouched).toBeGreaterThan(0);
    expect(document.waves.slice(1).every(({ succeeded }) => succeeded === 0)).toBe(true);
    expect(code).toBe(1);
  });

  test("of a bad fix passes when the canary stops it and nothing else was touched", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill("--bad-fix");
    expect(document).toMatchObject({ scenario: "bad-fix", verdict: "passed" });
    expect(document.waves.slice(1).every(({ succeeded, failed }) => succeeded + failed === 0)).toBe(true);
    expect(code).toBe(0);
  });

  test("fails when waves do not wait for their gates", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill("--sabotage", "skip-gate");
    expect(document.verdict).toMatch(/was touched when \d machines of "canary" had recovered/);
    expect(code).toBe(1);
  });

  test("fails when a file is lost, though all machines recover", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill("--sabotage", "lose-file");
    expect(document.collateral.healthyTouched).toBe(0);
    expect(document.collateral.filesLost).toBeGreaterThan(0);
    expect(document.verdict).toContain("is neither in place nor in the quarantine");
    expect(code).toBe(1);
  });

  test("fails when agents say that they recovered and have not", { timeout: LIMIT_MS }, async () => {
    const { code, document } = await drill("--sabotage", "lie-recovered");
    expect(document.verdict).toContain("the controller believes that these recovered, and they have not");
    expect(code).toBe(1);
  });

  test("fails when an approval is forged: no agent takes the order, whatever the controller counts", {
    timeout: LIMIT_MS,
  }, async () => {
    const { code, document } = await drill("--sabotage", "forged-approval");
    expect(document.approvals.map(({ with: how }) => how)).toEqual(["key file", "nothing: it is forged"]);
    expect(document).toMatchObject({ recovered: 0, collateral: { healthyTouched: 0, filesLost: 0 } });
    expect(document.waves[0]).toMatchObject({ name: "canary", succeeded: 0 });
    expect(document.verdict).toContain("no machine recovered");
    expect(code).toBe(1);
  });
});

test.each(["--help"])("%s says what it does and exits 0", async (option) => {
  using run = startDrill(option);
  expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage: npm run drill") as string });
});

test.each([
  [["--machines", "2"], "--machines is a whole number from 6"],
  [["--machines", "many"], "--machines is a whole number from 6"],
  [["--seed", "-1"], "--seed"],
  [
    ["--sabotage", "everything"],
    "--sabotage is one of wrong-file, skip-gate, lose-file, lie-recovered, forged-approval",
  ],
  [["--machine", "6"], "--machine"],
])("%j is wrong usage and starts nothing", async (args, because) => {
  using run = startDrill(...args);
  expect(await run.ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(because) as string });
});

describe.skipIf(process.platform !== "linux")("no process is left (seen in /proc, which is Linux's)", () => {
  test("after Ctrl-C", { timeout: LIMIT_MS }, async () => {
    using run = startDrill("--machines", "6");
    await run.line("switched on");
    await vi.waitFor(() => expect(processesIn(run.folder).join()).toContain("main-lab.mjs"), { timeout: 60_000 });
    run.pressCtrlC();
    const { code, stdout } = await run.ended;
    expect(stdout).toContain("the drill was interrupted");
    expect(code).toBe(130);
    expect(processesIn(run.folder)).toEqual([]);
    expect(readdirSync(run.folder)).toEqual([]);
  });

  test("after the drill itself was killed", { timeout: LIMIT_MS }, async () => {
    using run = startDrill("--machines", "6");
    await run.line("switched on");
    await vi.waitFor(() => expect(processesIn(run.folder).join()).toContain("main-lab.mjs"), { timeout: 60_000 });
    run.child.kill("SIGKILL");
    await run.ended;
    await vi.waitFor(() => expect(processesIn(run.folder)).toEqual([]), { timeout: 60_000 });
  });
});
