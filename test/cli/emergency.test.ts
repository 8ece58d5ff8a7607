/** Stopping everything, holding sources and looking at refusals from the command line. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HoldView } from "../../protocol/api-emergency.ts";
import { NOON } from "../support/fleet-builders.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { type CliResult, cli } from "../support/cli-run.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import { aRegistration } from "../support/requests.ts";

let api: ApiServer<FakeAdministration>;
let home: string;
beforeEach(async () => {
  api = await startApi({ limits: { guessesPerMinuteMax: 1_000 } });
  home = mkdtempSync(join(tmpdir(), "ringback-cli-"));
  await cli(["login", "--url", api.url], { home, stdin: await api.signIn() });
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  await api.close();
});
const ringback = (...args: string[]): Promise<CliResult> => cli(args, { home });

test("one command stops everything, with a reason and without a question", async () => {
  expect((await ringback("stop-everything")).code).toBe(2);
  const stopped = await ringback("stop-everything", "--because", "it spreads");
  expect(stopped.code).toBe(0);
  expect(stopped.stdout).toContain("stopped everything");
  expect((await api.administration.emergency()).inForce).toMatchObject([{ stop: { because: "it spreads" } }]);
  expect((await ringback("emergency", "show")).stdout).toContain("in force");
  expect((await ringback("emergency", "approve", "--digest", "0".repeat(64))).code).toBe(0);
  expect((await ringback("emergency", "show")).stdout).toContain("Nothing is stopped.");
});

test("a hold is made, shown, approved by its digest and released", async () => {
  const made = await ringback(
    "holds",
    "make",
    "--source",
    "acme.content-7",
    "--hours",
    "4",
    "--because",
    "crash",
    "--json",
  );
  const { id, statementDigest } = HoldView.parse(JSON.parse(made.stdout));
  expect((await ringback("holds", "list")).stdout).toContain("waiting");
  expect((await ringback("holds", "approve", id)).code).toBe(2);
  expect((await ringback("holds", "approve", id, "--digest", statementDigest)).stdout).toContain("in-force");
  expect((await ringback("holds", "release", id)).stdout).toContain("released");
  expect(
    (await ringback("holds", "make", "--source", "acme.content-7", "--hours", "many", "--because", "x")).code,
  ).toBe(2);
});

test("refusals say the device, the rule and what to do", async () => {
  expect((await ringback("refusals")).code).toBe(0);
  const { id: device } = aRegistration(1);
  const what = {
    what: "hold",
    order: null,
    rule: "too-long",
    because: "8 hours",
    advice: "Ask for fewer hours.",
  } as const;
  api.administration.refused.push({ device, name: "PC-1", at: NOON, ...what });
  const { stdout } = await ringback("refusals");
  expect(stdout).toContain("PC-1: hold, too-long");
  expect(stdout).toContain("What to do: Ask for fewer hours.");
});
