import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../protocol/canonical.ts";
import { peek } from "../../protocol/dsse.ts";
import { HoldStatement, ResumeStatement } from "../../protocol/emergency.ts";
import { newId } from "../../protocol/ids.ts";
import { Site } from "../../protocol/names.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { durationWords, fact, GOES_ON, quote, rowsOf, type WordLine } from "../../protocol/plain-words.ts";
import { spoken } from "../../protocol/spoken.ts";
import { holdWords, planWords, resumeWords } from "../../protocol/statement-words.ts";
import { at } from "../../protocol/time.ts";
import { policyWords, trustWords } from "../../protocol/trust-words.ts";
import { aKey } from "../support/keys.ts";
import { aQuarantine, aSignedOrder, planIdOf } from "../support/signed-order.ts";
import { aPerson, aPolicy, aTrustDocument, aTrustRole, keyOf } from "../support/trust-builders.ts";

const STEPS = [
  aQuarantine("faulty", {
    where: {
      sha256: [digestOf("faulty"), digestOf("faulty too")],
      header: "deadbeef",
      modifiedFrom: at("2026-11-21T00:00:00Z"),
    },
  }),
  { kind: "set-service-start", service: "Acme", start: "manual" },
  { kind: "reboot", noticeMs: 300_000 },
  { kind: "await-healthy", services: ["Acme", "Dnscache"], settleMs: 60_000, withinMs: 1_800_000 },
];
const RESTORE = {
  kind: "restore-file",
  files: "C:\\A\\b.sys",
  sha256: digestOf("x"),
  from: { quarantineOf: planIdOf("old") },
};

const statementOf = (over: Partial<PlanStatement> = {}, steps: readonly unknown[] = STEPS): PlanStatement =>
  peek(aSignedOrder({ steps, statement: over }).statement, PlanStatement);
const textsOf = (lines: readonly WordLine[]): string => lines.map(({ text }) => text).join("\n");
const loudOf = (lines: readonly WordLine[]): string[] =>
  lines.flatMap(({ kind, text }) => (kind === "loud" ? [text] : []));

describe("a plan in words", () => {
  const statement = statementOf();
  const words = textsOf(planWords(statement));

  test("leaves out nothing that is signed", () => {
    const said: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
      else if (typeof value === "string") said.push(value);
    };
    collect({ ...statement, schema: null, steps: STEPS.map((step) => ({ ...step, kind: null })) });
    expect(said.filter((text) => !words.includes(text))).toEqual([]);
    for (const part of [
      "Devices: 3, at 1 site",
      "2 files at most",
      "begins with the bytes deadbeef",
      "changed at 2026-11-21 00:00:00 UTC or later",
      "warned 5 minutes before",
      "up for 1 minute, within 30 minutes",
      "generation 1 of era 1",
      digestOf(statement),
      spoken(digestOf(statement)),
    ])
      expect(words).toContain(part);
  });

  test("says other words when any part of the statement is another one", () => {
    const others: Partial<PlanStatement>[] = [
      { title: "Take 7-3 back" },
      { era: 2 },
      { generation: 2 },
      { undoes: planIdOf("u") },
      { supplements: planIdOf("s") },
      { deviceCount: 4 },
      { sites: [Site.parse("Southgate")] },
      { waves: statement.waves.map((wave) => ({ ...wave, notBefore: at("2026-11-23T12:00:00Z") })) },
      { validUntil: at("2026-12-01T00:00:00Z") },
      { minimumTrustVersion: 9 },
      { minimumPolicyVersion: 9 },
    ];
    const withoutDigest = (of: PlanStatement): string =>
      planWords(of)
        .map(({ text }) => text)
        .filter((text) => !/^Digest|phone/.test(text))
        .join("\n");
    for (const over of others)
      expect([over, withoutDigest(statementOf(over))]).not.toEqual([over, withoutDigest(statement)]);
  });

  const NEW_STEPS = [
    { kind: "restart-service", service: "Acme", withinMs: 60_000 },
    {
      kind: "set-registry-value",
      key: "HKLM\\SOFTWARE\\Policies\\Acme",
      name: "Auto Update",
      value: { kind: "multi-string", lines: ["first line", "second line"] },
    },
    { kind: "set-registry-value", key: "HKLM\\SOFTWARE\\Acme", name: "", value: { kind: "dword", number: 4_711 } },
    { kind: "set-registry-value", key: "HKLM\\SOFTWARE\\Acme", name: "Gone", value: null },
    { kind: "set-registry-value", key: "HKLM\\SOFTWARE\\Acme", name: "Text", value: { kind: "string", text: "hello" } },
    {
      kind: "set-registry-value",
      key: "HKLM\\SOFTWARE\\Acme",
      name: "Bytes",
      value: { kind: "binary", hex: "c0ffee" },
    },
    { kind: "remove-update", update: "KB5034441", withinMs: 600_000 },
    { kind: "block-update", update: "KB5034441" },
    {
      kind: "install-update",
      update: "KB5052077",
      file: "C:\\ProgramData\\Fixes\\fix.msu",
      sha256: digestOf("fix"),
      withinMs: 600_000,
    },
    { kind: "revert-definitions", versions: ["1.381.2140.0", "1.381.2141.0"], withinMs: 60_000 },
    {
      kind: "restore-from-quarantine",
      threat: "Trojan:Win32/Wacatac.B!ml",
      file: "C:\\Program Files\\Acme\\till.exe",
      sha256: digestOf("till"),
    },
    { kind: "remove-driver", original: "acme.inf", provider: "Acme Ltd", versions: ["10.0.1.1"] },
    { kind: "hold-content", source: "acme.content-8" },
    { kind: "release-content", source: "acme.content-9" },
    { kind: "collect-diagnostics", parts: ["status", "event-log"] },
    { kind: "restore-file", files: "C:\\A\\b.sys", sha256: digestOf("y"), from: { knownGood: true } },
  ];
  test("leaves out nothing of any kind of step", () => {
    const steps = [...NEW_STEPS, { kind: "reboot", noticeMs: 60_000, deferMs: 7_200_000 }];
    const all = textsOf(planWords(statementOf({}, steps)));
    const said: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value === "object" && value !== null) Object.values(value).forEach(collect);
      else if (typeof value === "string") said.push(value);
    };
    const isRegistry = (step: object): step is { value: { kind: string } | null } => "value" in step;
    collect(
      steps.map((step) =>
        isRegistry(step)
          ? { ...step, kind: "", value: step.value && { ...step.value, kind: "" } }
          : { ...step, kind: "" },
      ),
    );
    expect(said.filter((text) => !all.includes(text))).toEqual([]);
    for (const part of [
      "4711",
      "REMOVE a value",
      "default value",
      "put it off for 2 hours",
      "own copies",
      "NO UPDATES",
    ])
      expect(all).toContain(part);
  });
  test("says other words of a step when any part of it is another one", () => {
    const wordsOf = (step: object): string =>
      planWords(statementOf({}, [step]))
        .map(({ text }) => text)
        .filter((text) => !/^Digest|phone/.test(text))
        .join("\n");
    const SAFE = { kind: "set-safe-mode", mode: "minimal" };
    expect(wordsOf(SAFE)).not.toBe(wordsOf({ ...SAFE, mode: "network" }));
    for (const step of NEW_STEPS.filter((each) => "withinMs" in each))
      expect(wordsOf(step)).not.toBe(wordsOf({ ...step, withinMs: 61_000 }));
    const text = { ...NEW_STEPS[4], value: { kind: "expand-string", text: "hello" } };
    expect(wordsOf(text)).not.toBe(wordsOf(NEW_STEPS[4] ?? {}));
  });

  test("says loudly that it brings back what was put away", () => {
    const restoring = statementOf({ undoes: planIdOf("old") }, [RESTORE]);
    expect(loudOf(planWords(restoring))).toEqual([
      expect.stringContaining("BRINGS BACK"),
      expect.stringContaining("undoes"),
    ]);
    expect(loudOf(planWords(statement))).toEqual([]);
  });

  test("says loudly when its own parts do not agree", () => {
    expect(loudOf(planWords(statementOf({ deviceCount: 2 })))).toEqual([
      expect.stringContaining("NUMBERS DO NOT AGREE"),
    ]);
    expect(loudOf(planWords(statementOf({ kind: "rollback" }, [RESTORE])))).toEqual([
      expect.stringContaining("DO NOT FIT"),
    ]);
    const never = { validFrom: at("2026-12-01T00:00:00Z"), validUntil: at("2026-11-01T00:00:00Z") };
    expect(loudOf(planWords(statementOf(never)))).toEqual([expect.stringContaining("NEVER VALID")]);
  });

  test("says when a pattern takes every file of a folder, and when nobody is warned of a restart", () => {
    const wide = statementOf({}, [aQuarantine("faulty", { files: "C:\\Acme\\*" }), { kind: "reboot", noticeMs: 0 }]);
    expect(textsOf(planWords(wide))).toMatch(/EVERY file of the folder[^]*WITHOUT WARNING/);
  });
});

describe("hostile text", () => {
  test.each([
    ["ends its quote", 'x" and 3 devices "y', '"x[U+0022] and 3 devices [U+0022]y"'],
    ["ends it with a quote that looks so", "x\u201d ok \u2033", '"x[U+201D] ok [U+2033]"'],
    ["begins a line", "x\nDevices: 1", '"x[U+000A]Devices: 1"'],
    ["turns the text around", "abc\u202egfe", '"abc[U+202E]gfe"'],
    ["hides letters", "a\u200bb\u00adc\ufeff\u3164", '"a[U+200B]b[U+00AD]c[U+FEFF][U+3164]"'],
    ["uses other spaces", "a\u00a0b\u3000c", '"a[U+00A0]b[U+3000]c"'],
    ["pushes words out of sight", "a      b", '"a[6 spaces]b"'],
    [
      "has letters of another alphabet",
      "N\u043erthgate",
      '"N\u043erthgate" (with letters that may look like others: U+043E)',
    ],
    ["steers a terminal", "\u001b[2Jx", '"[U+001B][2Jx"'],
  ])("is shown for what it is: %s", (_, text, shown) => {
    expect(quote(text)).toBe(shown);
  });

  test("that is honest is left as it is", () => {
    expect(quote("Krankenhaus K\u00f6ln \u2013 St. Mary\u2019s (4)")).toBe(
      '"Krankenhaus K\u00f6ln \u2013 St. Mary\u2019s (4)"',
    );
  });

  test("heaps no marks onto the lines around it", () => {
    expect(quote(`x${"\u0323".repeat(30)}`).match(/\p{M}/gu)?.length).toBeLessThan(4);
  });

  const hostile = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });
  test("begins no row and ends no quote, however narrow the screen", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 20, max: 200 }), (text, columns) => {
        const rows = rowsOf([fact(`Title: ${quote(text)}`), fact("Devices: 3")], columns);
        const begins = rows.filter((row) => !row.startsWith(GOES_ON));
        expect([begins.length, begins.at(-1)]).toEqual([2, "Devices: 3"]);
        expect(rows.every((row) => row.length <= columns && !/[\p{Cc}\p{Cf}]/u.test(row))).toBe(true);
        expect(quote(text).match(/"/g)).toHaveLength(2);
      }),
    );
  });

  test("in every name of a plan leaves the number of lines and what else they say as they are", () => {
    const plain = planWords(statementOf());
    const named = (name: string): PlanStatement => ({
      ...statementOf(),
      title: name,
      sites: [name as Site],
      waves: statementOf().waves.map((wave) => ({ ...wave, name })),
    });
    fc.assert(
      fc.property(hostile, (name) => {
        const lines = planWords(named(name));
        expect(lines.map(({ kind }) => kind)).toEqual(plain.map(({ kind }) => kind));
        expect(lines.every(({ text }) => !text.includes("\n"))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("trust documents in words", () => {
  const before = aTrustDocument();

  test("say who comes and goes, and thresholds that change", () => {
    const approvers = aTrustRole(
      1,
      "ada",
      aPerson("ben", { name: "Benjamin", keys: [keyOf(aKey("ben anew"))] }),
      "dora",
    );
    const words = trustWords(before, aTrustDocument({ version: 2, approvers }));
    const text = textsOf(words);
    expect(text).toContain("GOES: cleo");
    expect(text).toContain("COMES: dora");
    expect(text).toContain(`until now named "ben Example", is "Benjamin"`);
    expect(text).toMatch(new RegExp(`GOES: ben.*${aKey("ben").keyId}`));
    expect(text).toMatch(new RegExp(`COMES: ben.*${aKey("ben anew").keyId}`));
    expect(text).not.toMatch(/(?:COMES|GOES): ada/);
    expect(loudOf(words)).toContainEqual(expect.stringContaining("FEWER PEOPLE"));
    expect(loudOf(words)).toContainEqual("ONE PERSON ALONE is enough: approvers.");
  });

  test("say that nothing changed where nothing did", () => {
    expect(textsOf(trustWords(before, aTrustDocument({ version: 2 })))).not.toMatch(/COMES|GOES|CHANGE/);
  });

  test("name everybody of a first document, and starter keys loudly", () => {
    const starter = aPerson("starter", { keys: [keyOf(aKey("s"), { starter: true })] });
    const words = trustWords(null, aTrustDocument({ approvers: aTrustRole(1, starter) }));
    expect(textsOf(words).match(/COMES/g)).toHaveLength(3 + 1 + 1 + 1);
    expect(loudOf(words)[0]).toContain("starter key is among the approvers");
    expect(textsOf(words)).toContain("a STARTER key kept on the controller");
  });

  test("say that passkeys and eras change", () => {
    const passkeys = { rpId: "approve.example.org", origins: ["https://approve.example.org"] };
    const eras = [{ source: aPolicyOf().source, era: 2 }] as never;
    const text = textsOf(trustWords(before, aTrustDocument({ version: 2, passkeys, eras })));
    expect(text).toContain("Passkeys CHANGE: until now none count");
    expect(text).toContain("COMES: Era 2 of source acme.content-7");
  });
});

const aPolicyOf = () => aPolicy().sources[0] as { source: string };

describe("policies in words", () => {
  test("say what is allowed from now on and what was until now", () => {
    const before = aPolicy();
    const after = aPolicy({
      version: 2,
      sources: before.sources.map((rule) => ({ ...rule, holdable: true })),
      limits: { ...before.limits, filesPerOrderMax: 400, restoreThreshold: 3 },
      standingOrders: [
        {
          id: "night",
          title: "At night",
          source: before.sources[0]?.source,
          sha256: [digestOf("faulty")],
          steps: [aQuarantine("faulty")],
          validUntil: at("2026-12-01T00:00:00Z"),
          usesMax: 2,
        },
      ] as never,
    });
    const words = policyWords(before, after);
    const text = textsOf(words);
    expect(text).toContain("Limit CHANGES: 400 files an order at most; until now 20 files an order at most");
    expect(text).toContain("Limit CHANGES: bringing back needs 3 approvals");
    expect(text).toMatch(/GOES: source acme.*no one person may[^]*COMES: source acme.*one person may hold/);
    expect(loudOf(words)).toEqual([expect.stringContaining("WITHOUT ASKING ANYBODY")]);
    expect(textsOf(policyWords(after, before))).toContain('GOES: standing order night, "At night"');
    expect(textsOf(policyWords(before, aPolicy({ version: 2 })))).not.toMatch(/COMES|GOES|CHANGES/);
  });
});

describe("the other statements in words", () => {
  const issuedAt = at("2026-11-22T12:00:00Z");
  const bytes = new Uint8Array(16);
  test("say loudly that a stop ends and that protection does not update", () => {
    const resume = ResumeStatement.parse({
      schema: "ringback.resume/1",
      stopId: newId("stop", issuedAt, bytes),
      issuedAt,
      validUntil: issuedAt + 3_600_000,
      minimumTrustVersion: 3,
    });
    expect(loudOf(resumeWords(resume))).toEqual([expect.stringContaining("ends an emergency stop")]);
    expect(textsOf(resumeWords(resume))).toMatch(new RegExp(`${resume.stopId}[^]*for 1 hour[^]*${digestOf(resume)}`));
    const hold = HoldStatement.parse({
      schema: "ringback.hold/1",
      holdId: newId("hold", issuedAt, bytes),
      source: "acme.content-7",
      issuedAt,
      until: issuedAt + 4 * 3_600_000,
      minimumTrustVersion: 3,
    });
    expect(loudOf(holdWords(hold))).toEqual([expect.stringContaining("keeps protection from updating")]);
    expect(textsOf(holdWords(hold))).toMatch(
      new RegExp(`${hold.holdId}[^]*acme.content-7[^]*for 4 hours[^]*${digestOf(hold)}`),
    );
  });

  test("durations are never rounded", () => {
    expect(durationWords(3 * 86_400_000 + 4 * 3_600_000 + 1)).toBe("3 days 4 hours 1 millisecond");
    expect(durationWords(0)).toBe("no time");
  });

  test("a digest is read out in five groups of four, and another one differently", () => {
    expect(spoken("f".repeat(64))).toBe("zzzz-zzzz-zzzz-zzzz-zzzz");
    expect(spoken(digestOf(1))).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(spoken(digestOf(1))).not.toBe(spoken(digestOf(2)));
  });
});
