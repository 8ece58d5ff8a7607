/** The quick check of frames says yes to exactly what the schema takes; this is what lets it stand in for the schema. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseAgentFrame } from "../../controller/gateway/frames.ts";
import { quickCheck } from "../../controller/gateway/quick-check.ts";
import { AgentFrame } from "../../protocol/frames.ts";
import { recordings } from "../support/recorded.ts";

const isAgentFrame = quickCheck(AgentFrame);
const RUNS = process.env["RINGBACK_TEST_FULL"] === "1" ? 100_000 : 3_000;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What has everything that a boot's evidence may have; recordings are older than it. */
const EVIDENCE = {
  earlierBoots: [
    {
      startedAt: 1_795_348_682_000,
      endedAt: null,
      kind: "cold",
      ended: { kind: "bugcheck", bugcheck: { code: "50", parameters: ["ffff840500000074", "0"] } },
    },
  ],
  crashDumps: [
    {
      file: "112226-4210-01.dmp",
      bugcheck: { code: "7e", parameters: [] },
      crashedAt: 1_795_348_682_000,
      uptimeMs: null,
      build: 19_041,
      suspect: { driver: "acme.sys", because: "the exception was in it" },
    },
  ],
  startupRepair: { sessions: 2, repairAttempts: null, rootCauses: ["A recently serviced boot binary is corrupt."] },
};

/** All agents' frames that were ever recorded, and reports with every body that was. */
const FRAMES = recordings().flatMap(({ minor, name, json }): { readonly name: string; readonly frame: Json }[] => {
  const called = `${minor}/${name}`;
  if (name.startsWith("agent-frame.")) return [{ name: called, frame: json as Json }];
  if (!name.startsWith("report.")) return [];
  const report = (body: object) => ({ type: "report", epoch: "epoch_01m81j18g0rw7r7argkz86mtew", sequence: 7, body });
  const frame = report(json as object) as Json;
  if (name !== "report.boot-began") return [{ name: called, frame }];
  const { boot } = json as { readonly boot: object };
  const withEvidence = report({ kind: "boot-began", boot: { ...boot, evidence: EVIDENCE } }) as Json;
  return [
    { name: called, frame },
    { name: `${called} with evidence`, frame: withEvidence },
  ];
});

/** Every place in a value, as the way to it. */
function places(value: Json, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...way, key]))];
}

/** A copy with something else in one place; undefined takes it out. */
function changed(value: Json, [key, ...rest]: readonly string[], to: Json | undefined): Json | undefined {
  if (key === undefined || typeof value !== "object" || value === null) return to;
  const entries = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
    if (name !== key) return [[name, inner]];
    const next = changed(inner, rest, to);
    return next === undefined ? [] : [[name, next]];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

const likelyJson = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 1.5, 2 ** 53, "", "x", "\u0007", "C:\\Windows\\con.sys", [], {}),
  fc.integer(),
  fc.string({ maxLength: 400 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

describe("the quick check", () => {
  test.each(FRAMES)("says yes to what agents send: $name", ({ frame }) => {
    expect(isAgentFrame(frame)).toBe(true);
    expect(parseAgentFrame(Buffer.from(JSON.stringify(frame)))).toEqual({
      kind: "frame",
      frame: AgentFrame.parse(frame),
    });
  });

  test("agrees with the schema on frames in which something is other than it should be", () => {
    const mutation = fc.constantFrom(...FRAMES).chain(({ frame }) =>
      fc.record({
        frame: fc.constant(frame),
        way: fc.constantFrom(...places(frame)),
        to: fc.option(likelyJson, { nil: undefined }),
        extra: fc.option(fc.constantFrom("admin", "__proto__", "constructor"), { nil: undefined }),
      }),
    );
    let good = 0;
    fc.assert(
      fc.property(mutation, ({ frame, way, to, extra }) => {
        const next = changed(frame, way, to);
        const text = JSON.stringify(next ?? null);
        const value: unknown = JSON.parse(extra === undefined ? text : text.replace(/^\{(?=")/, `{"${extra}":{},`));
        const parsed = AgentFrame.safeParse(value);
        expect(isAgentFrame(value)).toBe(parsed.success);
        if (!parsed.success) return;
        good++;
        expect(value).toEqual(parsed.data);
      }),
      { numRuns: RUNS },
    );
    expect(good).toBeGreaterThan(RUNS / 1_000); // else it was compared on faults alone
  });

  test("never says yes where the schema would change what it is given", () => {
    const schema = z.strictObject({ name: z.string().trim(), size: z.int().default(1), at: z.string().toLowerCase() });
    const isGood = quickCheck(schema);
    expect(isGood({ name: " a", size: 1, at: "b" })).toBe(false);
    expect(isGood({ name: "a", size: 1, at: "B" })).toBe(false);
    expect(isGood({ name: "a", at: "b" })).toBe(false);
    expect(isGood({ name: "a", size: 1, at: "b" })).toBe(true);
  });

  test("asks the schema where it does not know a type", () => {
    const schema = z.strictObject({
      when: z.iso.datetime(),
      either: z.union([z.string(), z.int()]),
      list: z.array(z.int()).min(1),
    });
    const isGood = quickCheck(schema);
    const good = { when: "2026-11-22T12:00:00Z", either: 7, list: [1] };
    expect(isGood(good)).toBe(true);
    for (const over of [{ when: "noon" }, { either: null }, { list: [] }, { list: ["1"] }]) {
      expect(isGood({ ...good, ...over })).toBe(false);
    }
  });
});
