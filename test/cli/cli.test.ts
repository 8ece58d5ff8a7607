import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Overview, type PlanView, type RolloutView } from "../../protocol/api.ts";
import { DevicePage } from "../../protocol/api-devices.ts";
import { Site } from "../../protocol/names.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { type CliOptions, type CliResult, cli, startCli } from "../support/cli-run.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import { aParsedPlanRequest, aPlanRequest, aRegistration, FAULTY } from "../support/requests.ts";

/** Ends a wait that is in vain; asserts nothing about speed. */
const SOON = { timeout: 15_000 };

let api: ApiServer<FakeAdministration>;
let home: string;
let plan: PlanView;

beforeAll(async () => {
  api = await startApi({ limits: { guessesPerMinuteMax: 1_000 } });
});
afterAll(() => api.close());
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "ringback-cli-"));
  await api.administration.registerDevice(aRegistration(1));
  plan = await api.administration.makePlan(aParsedPlanRequest(), "Ada Admin");
});
afterEach(() => rmSync(home, { recursive: true }));

const ringback = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> =>
  cli(args, { home, ...options });
const credentials = () => join(home, ".config", "ringback", "credentials.json");
async function signedIn(args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> {
  await ringback(["login", "--url", api.url], { stdin: await api.signIn() });
  return ringback(args, options);
}
async function startedRollout(): Promise<RolloutView> {
  await api.administration.approvePlan(plan.id, plan.digest, "Ada Admin");
  return api.administration.startRollout(plan.id, "Ada Admin");
}
function planFile(text: string = JSON.stringify(aPlanRequest())): string {
  const file = join(home, "plan.yaml");
  writeFileSync(file, text);
  return file;
}

describe("signing in", () => {
  test("the set-up link signs in; the token is in a file that only its owner can read, and on no screen", async () => {
    const result = await ringback(["setup", "--link", await api.setupLink(), "--name", "Ada Admin"]);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(statSync(credentials()).mode & 0o777).toBe(0o600);
    const { token } = JSON.parse(readFileSync(credentials(), "utf8")) as { token: string };
    expect(result.stdout).not.toContain(token);
    expect((await ringback(["status"])).code).toBe(0);
  });

  test("a set-up link that was used is not good any more", async () => {
    const link = await api.setupLink();
    await ringback(["setup", "--link", link, "--name", "Ada Admin"]);
    const second = await ringback(["setup", "--link", link, "--name", "Eve"]);
    expect(second).toMatchObject({ code: 4, stderr: expect.stringContaining("done before") as string });
  });

  test("login takes the token from standard input, checks it, and logout forgets it", async () => {
    const good = await ringback(["login", "--url", api.url], { stdin: `${await api.signIn("Grace")}\n` });
    expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining("as Grace") as string });
    expect((await ringback(["logout"])).code).toBe(0);
    expect((await ringback(["status"])).code).toBe(4);
  });

  test("a wrong token is refused and not kept", async () => {
    const result = await ringback(["login", "--url", api.url], { stdin: "ringback_wrong-token-altogether" });
    expect(result.code).toBe(4);
    expect(() => statSync(credentials())).toThrow("ENOENT");
  });

  test("a token goes to no other controller than its own", async () => {
    const other = await startApi();
    const result = await signedIn(["status", "--url", other.url]);
    expect(result).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("is not sent to") as string });
    expect(other.logged).toEqual([]);
    await other.close();
  });

  test("a token goes over no network without TLS", async () => {
    const result = await ringback(["login", "--url", "http://controller.example:8480"], {
      stdin: "ringback_some-token-or-other",
    });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining("no TLS") as string });
  });

  test("a credential that others may read is not used", async () => {
    await signedIn(["status"]);
    chmodSync(credentials(), 0o644);
    expect(await ringback(["status"])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("Others may read") as string,
    });
  });

  test("--token-file is for scripts", async () => {
    const token = await api.signIn();
    const args = ["status", "--url", api.url, "--json", "--token-file"];
    expect((await ringback([...args, "-"], { stdin: token })).code).toBe(0);
    writeFileSync(join(home, "token"), `${token}\n`);
    expect((await ringback([...args, join(home, "token")])).code).toBe(0);
    expect((await ringback([...args, join(home, "gone")])).code).toBe(2);
  });
});

describe("every list and view", () => {
  test.each([
    [["status"], "machines"],
    [["devices", "list"], "PC-1"],
    [["devices", "list", "--site", "St Mary's", "--limit", "1"], "PC-1"],
    [["devices", "show", aRegistration(1).id], "PC-1"],
    [["devices", "show", aRegistration(1).id], "No boot was ever reported."],
    [["devices", "boots", aRegistration(1).id, "--limit", "7"], "No boot"],
    [["devices", "orders", aRegistration(1).id], "No order"],
    [["devices", "reports", aRegistration(1).id, "--kind", "boot-began"], "RECEIVED"],
    [["groups", "list"], "SELECTOR"],
    [["content", "list"], "FIRST SEEN"],
    [["incidents", "list"], "INCIDENT"],
    [["plans", "list"], "Quarantine"],
    [["rollouts", "list"], "PHASE"],
    [["trust", "show"], "Trust document 1"],
  ])("%j prints for a person, and one document with --json", async (args, words) => {
    const text = await signedIn(args);
    expect([text.code, text.stderr]).toEqual([0, ""]);
    expect(text.stdout).toContain(words);
    const json = await ringback([...args, "--json"]);
    expect(json.code).toBe(0);
    JSON.parse(json.stdout);
  });

  test("devices are filtered, counted and paged; the cursor is printed as a shell takes it", async () => {
    await api.administration.registerDevice(aRegistration(2, { name: "Ada's PC", site: Site.parse("Oak Road") }));
    const none = await signedIn(["devices", "list", "--search", "ada", "--site", "Nowhere"]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 of 2 devices match\.$/m) as string });
    const one = await ringback(["devices", "list", "--search", "ADA", "--connected", "no", "--sort", "last-heard"]);
    expect(one.stdout).toMatch(/Ada's PC[\s\S]*\n\n1 of 2 devices match\. unknown 1\.\n$/);
    const first = await ringback(["devices", "list", "--limit", "1", "--order", "descending"]);
    expect(first.stderr).toMatch(/^There are more: add --cursor '\S+'\n$/);
    const page = JSON.parse((await ringback(["devices", "list", "--json"])).stdout) as unknown;
    expect(DevicePage.parse(page)).toMatchObject({ total: 2, fleet: 2 });
  });

  test("what others wrote cannot steer the terminal", async () => {
    const rollout = await startedRollout();
    api.administration.change(rollout.id, {
      because: "see \u001b[2J\u001b]0;title\u0007\u009b31m\nError: all is lost",
      waitsFor: ["\u202edrawkcab\r\u0000"],
    });
    const { stdout, stderr, code } = await signedIn(["rollouts", "show", rollout.id]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")[0]).toMatch(/^▶ running {2}see .*Error: all is lost$/);
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe("a rollback from the command line", () => {
  test("declare, plan, approve, start, stop, undo", async () => {
    const declared = await signedIn([
      "incidents",
      "declare",
      "--title",
      "C-291",
      "--source",
      "vendor.channel-291",
      "--sha256",
      FAULTY,
      "--evidence",
      "crashes",
      "--json",
    ]);
    expect(declared.code).toBe(0);
    const incident = JSON.parse(declared.stdout) as { id: string };
    expect((await ringback(["incidents", "show", incident.id])).stdout).toContain("vendor.channel-291");

    const made = await ringback(["plans", "create", "-f", planFile(), "--json"]);
    expect([made.code, made.stderr]).toEqual([0, ""]);
    const { id, digest } = JSON.parse(made.stdout) as PlanView;
    expect((await ringback(["plans", "show", id])).stdout).toContain("quarantine-file");

    const early = await ringback(["rollouts", "start", id]);
    expect(early).toMatchObject({
      code: 8,
      stdout: "",
      stderr: expect.stringContaining("waits for approval") as string,
    });
    expect((await ringback(["plans", "approve", id, "--digest", "0".repeat(64)])).code).toBe(5);
    expect((await ringback(["plans", "approve", id, "--digest", digest])).code).toBe(0);

    const started = await ringback(["rollouts", "start", id, "--json"]);
    const rollout = (JSON.parse(started.stdout) as RolloutView).id;
    expect((await ringback(["rollouts", "start", id])).code).toBe(5);
    expect((await ringback(["rollouts", "show", rollout])).stdout).toMatch(
      /▶ running[\s\S]*canary +▶ open[\s\S]*wait: no device/,
    );
    expect((await ringback(["rollouts", "devices", rollout, "--status", "unreached"])).stdout).toContain("PC-1");
    for (const [action, phase] of [
      ["pause", "paused"],
      ["resume", "running"],
      ["halt", "halted"],
    ] as const) {
      expect((await ringback(["rollouts", action, rollout, "--because", "a test"])).stdout).toContain(
        `${phase}  Ada Admin: a test`,
      );
    }
    const undo = await ringback(["rollouts", "undo", rollout]);
    expect(undo).toMatchObject({ code: 0, stdout: expect.stringContaining(`Undoes:   ${id}`) as string });

    expect((await ringback(["rollouts", "abort", rollout, "--because", "done"])).code).toBe(2);
    expect((await api.administration.rollout(rollout)).phase).toBe("halted");
    expect((await ringback(["rollouts", "abort", rollout, "--because", "done", "--confirm", rollout])).code).toBe(0);
    expect((await ringback(["rollouts", "resume", rollout, "--because", "again"])).code).toBe(5);
  });

  test("groups are set from a file and deleted", async () => {
    const set = await signedIn(["groups", "set", "clinics", "-f", "-"], { stdin: "sites: [St Mary's]\n" });
    expect(set).toMatchObject({ code: 0, stdout: "clinics: 1 devices now\n" });
    expect((await ringback(["groups", "delete", "clinics"])).code).toBe(0);
    expect((await ringback(["groups", "delete", "clinics"])).code).toBe(3);
  });
});

describe("what goes wrong is said, on stderr alone, and told by the exit code", () => {
  test("a fault in a plan is told with its line", async () => {
    const file = planFile(
      [
        "title: A plan",
        "playbook: {name: x, title: x, source: vendor.a, steps: []}",
        "strategy:",
        "  waves:",
        "    - name: canary",
        "      take: {count: 0}",
        "devices: {all: true}",
      ].join("\n"),
    );
    const result = await signedIn(["plans", "create", "-f", file]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain(`${file}:6:21 strategy.waves.0.take.count: `);
    expect(result.stderr).toContain(`${file}:5:7 strategy.waves.0.gate: is missing`);
    expect(result.stderr).toMatch(/request id: [0-9a-f-]{36}/);
  });

  test("a file that is no YAML is told with its line", async () => {
    const result = await signedIn(["plans", "create", "-f", planFile("title: [\n  x\nplaybook: }")]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/plan\.yaml:\d+:\d+: /) as string });
  });

  test.each([
    [["plans", "show", "plan_00000000000000000000000000"], 3],
    [["devices", "show", "PC-1"], 2],
    [["devices", "list", "--limit", "many"], 2],
    [["devices", "list", "--condition", "fine"], 2],
    [["devices", "list", "--connected", "maybe"], 2],
    [["devices", "list", "--sort", "colour"], 2],
    [["rollouts", "pause", "rollout_00000000000000000000000000"], 2],
    [["rollouts", "pause", "rollout_00000000000000000000000000", "--because", "x"], 3],
    [["plans", "create", "-f", "/nowhere/plan.yaml"], 2],
    [["plans", "create"], 2],
    [["rollouts"], 2],
    [[], 2],
    [["status", "--frobnicate"], 2],
    [["status", "--url", "not an address"], 2],
  ])("%j ends with %i", async (args, code) => {
    const result = await signedIn(args);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).not.toBe("");
  });

  test("help is no error, and a typo is answered with what was probably meant", async () => {
    expect(await ringback(["--help"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("Exit codes") as string,
    });
    expect(await ringback(["rollouts", "stat"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("start") as string,
    });
  });

  test("a controller that is not there", async () => {
    const gone = await startApi();
    const token = await gone.signIn();
    await ringback(["login", "--url", gone.url], { stdin: token });
    await gone.close();
    expect(await ringback(["status"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not answer") as string,
    });
  });
});

describe("watching", () => {
  test("each change is a line, and the end is the exit code", async () => {
    const rollout = await startedRollout();
    const watching = signedIn(["rollouts", "watch", rollout.id]);
    await expect.poll(() => api.administration.listening, SOON).toBe(1);
    const [first, ...rest] = rollout.waves;
    if (first === undefined) throw new Error("a rollout has waves");
    const decision = { ...first.decision, because: "1 of 1 succeeded; it must hold for 1 s" };
    api.administration.change(rollout.id, { waves: [{ ...first, decision }, ...rest] });
    api.administration.change(rollout.id, { phase: "completed", because: "every wave has passed" });
    const result = await watching;
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(result.stdout).toContain("running: the first wave is open");
    expect(result.stdout).toContain("wave canary: gate says wait: 1 of 1 succeeded; it must hold for 1 s");
    expect(result.stdout).toContain("completed: every wave has passed");
  });

  test("a rollout that was halted ends with 7, at once", async () => {
    const rollout = await startedRollout();
    await api.administration.act(rollout.id, "halt", "Ada Admin", "stop");
    expect((await signedIn(["rollouts", "watch", rollout.id])).code).toBe(7);
  });

  test("on a screen the board is drawn again, in colour unless that is not wanted", async () => {
    const rollout = await startedRollout();
    await api.administration.act(rollout.id, "halt", "Ada Admin", "stop");
    const screen = await signedIn(["rollouts", "watch", rollout.id], { terminal: true });
    expect(screen.stdout).toMatch(/^\u001b\[H\u001b\[J.*\u001b\[31m/);
    expect(screen.stdout).toContain("■ halted");
    for (const plain of [
      await ringback(["rollouts", "watch", rollout.id, "--no-color"], { terminal: true }),
      await ringback(["rollouts", "watch", rollout.id], { terminal: true, environment: { NO_COLOR: "1" } }),
    ]) {
      expect(plain.stdout).toContain("■ halted");
      expect(plain.stdout).not.toContain("\u001b[31m");
    }
  });

  test("--timeout ends with 6", async () => {
    const rollout = await startedRollout();
    const result = await signedIn(["rollouts", "watch", rollout.id, "--timeout", "0.05"]);
    expect(result).toMatchObject({ code: 6, stderr: expect.stringContaining("goes on") as string });
  });

  test("a rollout that is not there ends with 3", async () => {
    expect((await signedIn(["rollouts", "watch", "rollout_00000000000000000000000000"])).code).toBe(3);
  });
});

describe("as a program", () => {
  test("it signs in, asks, prints JSON and ends", async () => {
    const setup = await startCli(["setup", "--link", "-", "--name", "Ada Admin"], {
      home,
      stdin: await api.setupLink(),
    }).ended;
    expect([setup.code, setup.stderr]).toEqual([0, ""]);
    const status = await startCli(["status", "--json"], { home }).ended;
    expect([status.code, status.stderr]).toEqual([0, ""]);
    Overview.parse(JSON.parse(status.stdout));
    expect((await startCli(["devices", "shwo"], { home }).ended).code).toBe(2);
  });

  test("watching prints one document a line; Ctrl-C leaves the rollout running and says so", async () => {
    const rollout = await startedRollout();
    await ringback(["login", "--url", api.url], { stdin: await api.signIn() });
    const watching = startCli(["rollouts", "watch", rollout.id, "--json"], { home });
    await expect.poll(() => watching.output().split("\n").length, SOON).toBeGreaterThan(1);
    watching.signal("SIGINT");
    const result = await watching.ended;
    expect([result.code, result.stderr]).toEqual([130, expect.stringContaining("The rollout goes on")]);
    for (const line of result.stdout.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ id: rollout.id });
    expect((await api.administration.rollout(rollout.id)).phase).toBe("running");
  });
});

describe("devices that enrol", () => {
  const MAKE = ["tokens", "make", "--group", "ward-pcs", "--site", "Ward 7", "--role", "clinical"];

  test("a token is printed once, alone on standard output; the list and its revocation name it by its id", async () => {
    const made = await signedIn([...MAKE, "--uses", "3", "--network", "10.20.0.0/16"]);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^rbe_[0-9a-z]{32}\n$/) as string });
    expect(made.stderr).toContain("3 devices");
    const list = await ringback(["tokens", "list"]);
    expect(list.stdout).toMatch(/token_\w+ +good +0\/3 +ward-pcs/);
    expect(list.stdout).not.toContain(made.stdout.trim());
    const id = /token_\w+/.exec(list.stdout)?.[0] ?? "";
    expect(await ringback(["tokens", "revoke", id])).toMatchObject({ code: 0 });
    expect((await ringback(["tokens", "list"])).stdout).toContain("revoked");
  });

  test("a token that works longer than a day, or is given as an argument, is refused", async () => {
    expect((await signedIn([...MAKE, "--hours", "25"])).code).toBe(2);
    const given = await ringback(["tokens", "revoke", `rbe_${"0".repeat(32)}`]);
    expect(given).toMatchObject({ code: 2, stderr: expect.stringContaining("not the token itself") as string });
  });

  test("a device is accepted and revoked, with a reason for those who look later", async () => {
    const { id } = aRegistration(1);
    const revoked = await signedIn(["devices", "revoke", id, "--because", "it was stolen"]);
    expect(revoked.stdout).toContain("is revoked");
    expect(revoked.stdout).toContain("it was stolen");
    expect((await ringback(["devices", "accept", id])).stdout).toContain("is accepted");
  });

  test("what agents pin is printed, or whose authority to pin instead", async () => {
    expect((await signedIn(["trust", "pins"])).stdout).toContain("the front before it");
    expect((await ringback(["trust"])).stdout).toContain("approvers");
  });
});
