/** What the doctor concludes from what it saw, and what it keeps to itself. */
import { describe, expect, test } from "vitest";
import { type AgentFacts, agentVerdicts } from "../../../../agent/adapters/windows/doctor/agent-verdicts.ts";
import { bootVerdicts } from "../../../../agent/adapters/windows/doctor/boot-verdicts.ts";
import { examine } from "../../../../agent/adapters/windows/doctor/examine.ts";
import { productVerdicts } from "../../../../agent/adapters/windows/doctor/products.ts";
import { transcribe, withoutSecrets } from "../../../../agent/adapters/windows/doctor/transcript.ts";
import { updateVerdicts } from "../../../../agent/adapters/windows/doctor/update-verdicts.ts";
import { isAllNeededThere, tellVerdicts, type Verdict } from "../../../../agent/adapters/windows/doctor/verdict.ts";
import type { RunTool } from "../../../../agent/adapters/windows/ports.ts";
import { type Readiness, readReadiness } from "../../../../agent/adapters/windows/readiness/readiness.ts";
import type { Fault } from "../../../../agent/ports.ts";
import { ContentSource } from "../../../../protocol/content-source.ts";
import { FakeRegistry } from "../../../support/fake-registry.ts";

const ok = <Value>(value: Value) => ({ kind: "ok", value }) as const;
const MISSING: Fault = { kind: "fault", fault: "not-found", because: "it is not on this machine" };
const NOW = Date.UTC(2026, 10, 25);

const READY: Readiness = {
  edition: {
    product: "Windows 10 Enterprise",
    version: "23H2",
    build: "22631.3007",
    installation: "Client",
    productType: "WinNT",
    imageState: "IMAGE_STATE_COMPLETE",
    maker: "Contoso",
    model: "Desk 7",
    isVirtual: false,
  },
  account: ok("S-1-5-18"),
  eventLog: ok(true),
  boot: ok({ recoveryEnabled: true, statusPolicy: undefined, nextSafeMode: undefined }),
  safeModeForbiddenBecause: undefined,
  safeModeRule: "not-set",
  recovery: ok({ enabled: true, location: "\\\\?\\GLOBALROOT\\device\\x\\Recovery\\WindowsRE", bootEntry: "x" }),
  bitLocker: ok({
    protection: "on",
    encryptedPercent: 100,
    protectors: [{ kind: "tpm", pcrs: [7, 11], usesSecureBoot: true }],
    validatesSafeBoot: false,
  }),
  packages: ok(40),
  drivers: ok([]),
  filters: ok([{ name: "CSAgent", altitude: "321410" }]),
  writeFilter: MISSING,
  languageMode: ok("FullLanguage"),
  defender: ok({ definitions: "1.4", engine: "1.1", platform: "4.18", tamperProtected: false }),
  crashes: { restartsByItself: true, writesDumps: true },
};
const INSTALLED: AgentFacts = {
  folder: ok({ path: "C:\\ProgramData\\Ringback", others: [] }),
  service: { imagePath: '"C:\\Program Files\\Ringback\\node.exe" x', start: 2, safeBoot: ["Minimal", "Network"] },
  controller: ok({ address: "wss://controller.example", clockAheadMs: 1_000 }),
  now: NOW,
};
const verdictsOn = (ready: Partial<Readiness> = {}, installed: Partial<AgentFacts> = {}): readonly Verdict[] => {
  const readiness = { ...READY, ...ready };
  return [
    ...agentVerdicts(readiness, { ...INSTALLED, ...installed }),
    ...bootVerdicts(readiness),
    ...updateVerdicts(readiness),
  ];
};
const notWorking = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ answer }) => answer !== "works").map(({ capability, answer }) => `${capability}: ${answer}`);

describe("the doctor", () => {
  test("finds nothing on a machine that is ready", () => {
    const verdicts = verdictsOn();
    expect(notWorking(verdicts)).toEqual([]);
    expect(isAllNeededThere(verdicts)).toBe(true);
  });

  test.each<[string, Partial<Readiness>, string[]]>([
    ["a domain controller", { safeModeForbiddenBecause: "a domain controller" }, ["safe-mode: does-not-work"]],
    ["Defender's rule", { safeModeRule: "blocks" }, ["safe-mode-rule: does-not-work"]],
    ["a rule that nobody knows", { safeModeRule: undefined }, ["safe-mode-rule: not-known"]],
    ["no bcdedit", { boot: MISSING }, ["boot-configuration: does-not-work", "safe-mode: not-known"]],
    [
      "WinRE that never opens",
      { boot: ok({ recoveryEnabled: false, statusPolicy: undefined, nextSafeMode: undefined }) },
      ["recovery-environment: does-not-work"],
    ],
    [
      "failed starts that are ignored",
      { boot: ok({ recoveryEnabled: true, statusPolicy: "IgnoreAllFailures", nextSafeMode: undefined }) },
      ["recovery-environment: does-not-work"],
    ],
    [
      "a PIN",
      {
        bitLocker: ok({
          protection: "on",
          encryptedPercent: 100,
          protectors: [{ kind: "tpm-and-pin", pcrs: [7], usesSecureBoot: true }],
          validatesSafeBoot: false,
        }),
      },
      ["bitlocker: does-not-work"],
    ],
    ["no BitLocker", { bitLocker: MISSING }, []],
    [
      "a blue screen that stays",
      { crashes: { restartsByItself: false, writesDumps: true } },
      ["crash-dumps: does-not-work"],
    ],
    ["App Control", { languageMode: ok("ConstrainedLanguage") }, ["update-blocking: does-not-work"]],
    [
      "tamper protection",
      { defender: ok({ definitions: "1.4", engine: "1.1", platform: "4.18", tamperProtected: true }) },
      ["defender: does-not-work"],
    ],
    [
      "a write filter",
      { writeFilter: ok({ on: true, onAfterRestart: true, volumes: ["C:"] }) },
      ["write-filter: does-not-work"],
    ],
  ])("names %s and what it rules out, and the agent can do its work all the same", (_, ready, expected) => {
    const verdicts = verdictsOn(ready);
    expect(notWorking(verdicts)).toEqual(expected);
    expect(verdicts.filter(({ answer, rulesOut }) => answer !== "works" && rulesOut.length === 0)).toEqual([]);
    expect(isAllNeededThere(verdicts)).toBe(true);
  });

  test.each<[string, Partial<Readiness>, Partial<AgentFacts>, string]>([
    ["the event log", { eventLog: MISSING }, {}, "event-log"],
    ["a folder that others may write", {}, { folder: ok({ path: "C:\\x", others: ["S-1-5-32-545"] }) }, "state-folder"],
    ["a folder of which nothing is known", {}, { folder: ok({ path: "C:\\x", others: undefined }) }, "state-folder"],
    [
      "a service without quotes",
      {},
      { service: { ...INSTALLED.service, imagePath: "C:\\Program Files\\x" } },
      "service",
    ],
    ["a service that waits", {}, { service: { ...INSTALLED.service, start: 3 } }, "service"],
    [
      "a service not in both safe modes",
      {},
      { service: { ...INSTALLED.service, safeBoot: ["Network"] } },
      "service-in-safe-mode",
    ],
    ["a clock of 1980", {}, { now: Date.UTC(1980, 0, 1) }, "clock"],
    ["a clock an hour late", {}, { controller: ok({ address: "x", clockAheadMs: 3_600_000 }) }, "clock"],
  ])("says that the agent needs %s", (_, ready, installed, capability) => {
    const verdicts = verdictsOn(ready, installed);
    expect(isAllNeededThere(verdicts)).toBe(false);
    expect(notWorking(verdicts).map((each) => each.split(":")[0])).toEqual([capability]);
    expect(tellVerdicts(verdicts)).toContain("(needed)");
  });

  test("a controller out of reach leaves the clock not known", () => {
    expect(notWorking(verdictsOn({}, { controller: MISSING }))).toEqual([
      "clock: not-known",
      "controller: does-not-work",
    ]);
  });

  test("asks each product's folder, and names the driver that guards it", () => {
    const source = ContentSource.parse({
      id: "crowdstrike.channel-291",
      title: "Channel files",
      files: ["C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-*.sys"],
      label: { kind: "digest" },
    });
    const at = (asked: "granted" | "denied" | "absent" | number) =>
      productVerdicts([{ source, folder: "C:\\x", asked }], READY.filters);
    expect(at("absent")).toEqual([]);
    expect(at("granted")).toMatchObject([{ answer: "works" }]);
    expect(at("denied")).toMatchObject([
      { answer: "does-not-work", seen: expect.stringContaining("CSAgent") as string },
    ]);
    expect(at(32)).toMatchObject([{ answer: "not-known" }]);
  });
});

describe("a machine on which nothing answers", () => {
  const nothing: RunTool = async () => MISSING;
  test("is told so, fact by fact, and none is taken for granted", async () => {
    const readiness = await readReadiness(nothing, new FakeRegistry(), "C:");
    expect(readiness.edition.isVirtual).toBeUndefined();
    const { verdicts, exitCode, transcript } = await examine({
      folder: "/nowhere",
      toolFolder: "C:\\tools",
      volume: "C:",
      serviceName: "RingbackAgent",
      sources: [],
      registry: new FakeRegistry(),
      run: nothing,
      access: { mayChange: () => "absent", othersIn: () => 3 },
      systemProxy: undefined,
      now: () => NOW,
    });
    expect(exitCode).toBe(1);
    expect(verdicts.filter(({ answer }) => answer === "works").map(({ capability }) => capability)).toEqual([
      "native-library",
      "safe-mode-rule",
      "bitlocker",
      "write-filter",
    ]);
    expect(transcript).toContain("> bcdedit /enum {current} /v");
  });
});

describe("a transcript", () => {
  test.each([
    ["a recovery password", "Kennwort:\n   111111-222222-333333-444444-555555-666666-111111-222222\n"],
    ["an enrolment token", "token rbe_0123456789abcdefghjkmnpqrstvwxyz is used"],
    ["a key", "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----"],
    ["a key that is cut off", "-----BEGIN EC PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49"],
    ["a proxy's password", "http://user:hunter2@proxy.example:3128"],
    ["a password in a line", "password: hunter2"],
  ])("holds no %s", (_, text) => {
    const kept = withoutSecrets(text);
    expect(kept).toContain("(taken out)");
    expect(kept).not.toMatch(/222222|0123456789abc|MIGH|hunter2/);
  });

  test("shows what was run, with what came of it, and is bounded", async () => {
    const run: RunTool = async () => ok({ exitCode: 5, stdout: "x".repeat(1_000_000), stderr: "password=geheim" });
    const written = transcribe(run, () => NOW);
    for (let i = 0; i < 300; i++) await written.run("whoami", ["/user"], 1_000);
    const text = written.text();
    expect(text).toContain("> whoami /user");
    expect(text).toContain("exit code 5");
    expect(text).not.toContain("geheim");
    expect(text.length).toBeLessThan(8_000_000);
  });
});
