/** Incidents and detection from the command line: what a person reads at night, and what a script may rely on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { IncidentView, ResponseRulesView } from "../../protocol/api-incidents.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { type CliOptions, type CliResult, cli } from "../support/cli-run.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import {
  aConviction,
  aDetection,
  aMassSilence,
  aProposal,
  aSpread,
  aTimeline,
  someAnswers,
} from "../support/incident-stories.ts";
import { aParsedPlanRequest, aRegistration } from "../support/requests.ts";
import { Slug } from "../../protocol/names.ts";
import { at } from "../../protocol/time.ts";

const NOW = at("2026-11-20T04:00:00Z");
const CONVICTED = aConviction(NOW);
const SILENT = aMassSilence(NOW);
let api: ApiServer<FakeAdministration>;
let home: string;

beforeAll(async () => {
  api = await startApi({ limits: { guessesPerMinuteMax: 1_000 } });
  home = mkdtempSync(join(tmpdir(), "ringback-cli-"));
  for (const event of aTimeline(CONVICTED, NOW)) api.administration.showIncident(CONVICTED, event);
  api.administration.showIncident(SILENT);
  api.administration.spreads.set(CONVICTED.id, aSpread(NOW, 20));
  api.administration.detected = aDetection(NOW);
  await ringback(["login", "--url", api.url], { stdin: await api.signIn() });
});
afterAll(async () => {
  await api.close();
  rmSync(home, { recursive: true });
});

const ringback = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> =>
  cli(args, { home, ...options });

test("the first line of an incident is what happens, the second what a person should do", async () => {
  const { stdout, code } = await ringback(["incidents", "show", CONVICTED.id]);
  expect(code).toBe(0);
  const [first, second] = stdout.split("\n");
  expect(first).toBe("31 of 31 crashed machines run 291-32; of 9,969 others 40 run it.");
  expect(second).toBe("Waits for a person: press Halt, something still moves; prepare the rollback.");
  expect(stdout).toMatch(/Strength: +4 billion of 22,000\. Enough to convict\./);
  for (const part of ["For it:", "Against it:", "Not known:", "Halt would:"]) expect(stdout).toContain(part);
});

test("a list can be had of the open ones alone, and says where the cause is unknown", async () => {
  const { stdout } = await ringback(["incidents", "list", "--state", "open"]);
  expect(stdout).toMatch(new RegExp(`${SILENT.id} .*cause unknown`));
  expect((await ringback(["incidents", "list", "--state", "merged"])).stdout.trim().split("\n")).toHaveLength(1);
  expect((await ringback(["incidents", "list", "--state", "over"])).code).toBe(2);
});

test("the timeline tells what failed and what waits from what was done", async () => {
  const { stdout } = await ringback(["incidents", "timeline", CONVICTED.id]);
  expect(stdout).toContain("Could not get acme-cloud to pause its updates");
  expect(stdout).toContain("A hold of acme.channel-291 waits for approvers");
  expect(stdout).toContain("Seen again on 3 devices: acme.channel-291 291-32");
});

test("the spread names the sites, the most affected first", async () => {
  const { stdout } = await ringback(["incidents", "spread", CONVICTED.id]);
  const affected = stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(/\s+/)[0]));
  expect(affected).toEqual(affected.toSorted((a, b) => b - a));
});

test("watching ends when the incident is over, with a line for each change", async () => {
  const incident = aConviction(NOW, { id: aMassSilence(at("2026-11-20T05:00:00Z")).id });
  api.administration.showIncident(incident);
  const watching = ringback(["incidents", "show", incident.id, "--watch", "--json", "--timeout", "30"]);
  await expect.poll(() => api.administration.listening, { timeout: 15_000 }).toBeGreaterThan(0);
  api.administration.showIncident({ ...incident, state: "closed" });
  const { code, stdout } = await watching;
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => IncidentView.parse(JSON.parse(line)).state),
  ).toEqual(["open", "closed"]);
});

test("halt needs a reason and says what was done and what waits; merge, close and reopen keep theirs", async () => {
  expect((await ringback(["incidents", "halt", CONVICTED.id])).code).toBe(2);
  const halted = await ringback(["incidents", "halt", CONVICTED.id, "--because", "crashes"]);
  expect(halted).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Halted\.[\s\S]*Waits for a person:/) as string,
  });
  const merged = await ringback(["incidents", "merge", SILENT.id, "--into", CONVICTED.id, "--because", "the same"]);
  expect(merged).toMatchObject({ code: 0, stdout: expect.stringContaining(CONVICTED.id) as string });
  expect((await ringback(["incidents", "halt", SILENT.id, "--because", "late"])).code).toBe(5);
  expect((await ringback(["incidents", "close", CONVICTED.id, "--because", "all are well"])).stdout).toMatch(
    /State: +closed/,
  );
  expect((await ringback(["incidents", "reopen", CONVICTED.id, "--because", "not all"])).stdout).toMatch(
    /State: +open/,
  );
  const timeline = await ringback(["incidents", "timeline", CONVICTED.id]);
  for (const because of ["crashes", "the same", "all are well", "not all"]) expect(timeline.stdout).toContain(because);
});

test("a proposal says why and who is left out; its plan is made, and what is missing is a precondition", async () => {
  await api.administration.registerDevice(aRegistration(1));
  api.administration.proposed = aProposal(null, { missing: ["update: the number of the faulty update"] });
  const early = await ringback(["incidents", "proposal", CONVICTED.id]);
  expect(early).toMatchObject({ code: 5, stdout: expect.stringContaining("Missing before") as string });
  expect((await ringback(["incidents", "plan", CONVICTED.id])).code).toBe(5);
  expect((await ringback(["incidents", "plan", CONVICTED.id, "--with", "nonsense=1"])).code).toBe(2);
  api.administration.proposed = aProposal(aParsedPlanRequest());
  const proposal = await ringback(["incidents", "proposal", CONVICTED.id]);
  expect(proposal).toMatchObject({ code: 0, stdout: expect.stringMatching(/^4 +Clinical devices/m) as string });
  const plan = await ringback(["incidents", "plan", CONVICTED.id, "--with", "update=KB5009624"]);
  expect(plan).toMatchObject({ code: 0, stderr: expect.stringContaining("ringback approve plan_") as string });
});

test("a dry run fails a script when a step would fail on a device", async () => {
  api.administration.dryRunAnswers = someAnswers();
  const bad = await ringback(["incidents", "dry-run", CONVICTED.id]);
  expect(bad).toMatchObject({ code: 5, stdout: expect.stringMatching(/NOR-WS-02 .*fail +2 files match/) as string });
  api.administration.dryRunAnswers = someAnswers().slice(0, 1);
  expect((await ringback(["incidents", "dry-run", CONVICTED.id])).code).toBe(0);
});

test("a playbook of the library is printed as it is written", async () => {
  const entry = { name: Slug.parse("quarantine-channel-file"), title: "Put it away", summary: "-", source: "acme.*" };
  const rest = { after: "July 2024", restarts: true, noRollback: null, drill: Slug.parse("channel-file") };
  api.administration.playbooks = [{ ...entry, ...rest, yaml: "name: quarantine-channel-file\nsteps: []\n" }];
  expect((await ringback(["library", "list"])).stdout).toMatch(/quarantine-channel-file +acme\.\* +yes +July 2024/);
  const { stdout } = await ringback(["library", "show", "quarantine-channel-file"]);
  expect(stdout).toBe("name: quarantine-channel-file\nsteps: []\n");
  expect((await ringback(["library", "show", "none"])).code).toBe(2);
});

test("a webhook is added with its secret shown once, listed, tested, switched off and removed", async () => {
  const added = await ringback(["webhooks", "add", "--name", "pager", "--to", "https://pager.example/hook"]);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/Secret: +whsec_/) as string });
  const listed = await ringback(["webhooks", "list"]);
  expect(listed.stdout).toMatch(/^pager .*https:\/\/pager\.example\/hook/m);
  expect(listed.stdout).not.toContain("whsec_");
  expect((await ringback(["webhooks", "off", "pager"])).stdout).toMatch(/State: +disabled/);
  expect((await ringback(["webhooks", "show", "pager"])).stdout).toContain("https://pager.example/hook");
  expect((await ringback(["webhooks", "remove", "pager"])).code).toBe(0);
  expect((await ringback(["webhooks", "show", "pager"])).code).toBe(2);
  expect((await ringback(["connectors", "list"])).stdout).toContain("WHAT IT CAN DO");
});

test("detection shows what is learnt and what is a default", async () => {
  const { stdout, code } = await ringback(["detection", "show"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/unclean-share .* default /);
  expect(stdout).toMatch(/acme\.channel-291 291-32 +convicted +4 billion +22,000/);
});

test("a rule is set for one source and leaves the others as they are", async () => {
  const set = ["detection", "responses", "set"];
  expect((await ringback([...set, "act", "--source", "acme.channel-291"])).code).toBe(0);
  expect((await ringback([...set, "notify", "--source", "*"])).code).toBe(0);
  const { stdout } = await ringback(["detection", "responses", "get", "--json"]);
  expect(ResponseRulesView.parse(JSON.parse(stdout)).rules).toEqual([
    { source: "acme.channel-291", mode: "act" },
    { source: "*", mode: "notify" },
  ]);
  expect((await ringback([...set, "explode", "--source", "*"])).code).toBe(2);
  expect((await ringback(["detection", "responses", "remove", "--source", "*"])).stdout).toMatch(/\* +propose/);
  expect((await ringback(["detection", "responses", "remove", "--source", "*"])).code).toBe(2);
});
