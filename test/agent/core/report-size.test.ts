/** What a boot report may weigh, and what of it an older controller understands. */
import { describe, expect, test } from "vitest";
import { fitBoot } from "../../../agent/core/fit-boot.ts";
import { forMinor } from "../../../agent/core/for-minor.ts";
import { BootReport, type BootEvidence } from "../../../protocol/boot.ts";
import { AGENT_FRAME_BYTES_MAX, AgentFrame, parseFrame } from "../../../protocol/frames.ts";
import { PAYLOAD_TYPES, seal } from "../../../protocol/dsse.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { NOON } from "../../support/fleet-builders.ts";
import { aKey } from "../../support/keys.ts";
import { present } from "../../support/present.ts";
import { recordings } from "../../support/recorded.ts";

const bugcheck = { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] };
const evidence: BootEvidence = {
  earlierBoots: Array.from({ length: 20 }, () => ({
    startedAt: NOON,
    endedAt: NOON,
    kind: "cold",
    ended: { kind: "bugcheck", bugcheck },
  })),
  crashDumps: Array.from({ length: 5 }, () => ({
    file: "x".repeat(260),
    bugcheck,
    crashedAt: NOON,
    uptimeMs: 1,
    build: 19_041,
    suspect: { driver: "x".repeat(260), because: "ü".repeat(500) },
  })),
  startupRepair: { sessions: 1, repairAttempts: 1, rootCauses: Array.from({ length: 10 }, () => "ü".repeat(500)) },
};
const aBoot = (contents: number): BootReport =>
  BootReport.parse({
    bootId: "b",
    bootedAt: NOON,
    uptimeMs: 1,
    kind: "cold",
    mode: "normal",
    tries: 1,
    previousEnd: { kind: "bugcheck", bugcheck },
    content: Array.from({ length: contents }, (_, i) => ({
      source: "acme.content",
      sha256: "a".repeat(64),
      label: "x".repeat(115) + i,
      path: `C:\\${"x".repeat(240)}${i}`,
      sizeBytes: 1,
      modifiedAt: NOON,
    })),
    agentVersion: "0.1.0",
    evidence,
  });
const bytes = (boot: BootReport): number => Buffer.byteLength(JSON.stringify(boot));

describe("evidence in a boot report", () => {
  test("goes whole where it fits", () => {
    expect(fitBoot(aBoot(1))).toEqual(aBoot(1));
  });
  test.each([85, 95, 100])("makes room for %i content versions, the newest crash last of all", (contents) => {
    const boot = aBoot(contents);
    const fitted = fitBoot(boot);
    expect(bytes(fitted)).toBeLessThan(AGENT_FRAME_BYTES_MAX);
    expect(fitted.content).toHaveLength(contents);
    expect(fitted.evidence?.startupRepair ?? null).toBeNull();
    expect(fitted.evidence?.crashDumps.at(-1)).toEqual(evidence.crashDumps.at(-1));
  });
});

describe("towards a controller of minor 0", () => {
  const now = present(
    recordings().find(({ minor, name }) => minor === "minor-1" && name === "report.boot-began"),
    "recording",
  );
  const frame = (body: unknown): string =>
    JSON.stringify({ type: "report", epoch: "epoch_01m81j18g0nz4v67cz7wv4bbjp", sequence: 1, body });

  test("a boot report is what such an agent would have sent", () => {
    const text = forMinor(frame(now.json), 0);
    const { body } = JSON.parse(text) as { body: { boot: Record<string, unknown> } };
    const { evidence: _gone, ...rest } = (now.json as { boot: Record<string, unknown> }).boot;
    expect(body.boot).toEqual(rest);
    expect(parseFrame(text, AgentFrame).kind).toBe("frame");
  });
  test("anything else, and everything towards this one, keeps its bytes", () => {
    const other = frame({ kind: "order-refused", orderId: "x", rule: "r", because: '"evidence":' });
    expect(forMinor(other, 0)).toBe(other);
    expect(forMinor(frame(now.json), 1)).toBe(frame(now.json));
  });
});

test("towards a controller of minor 4 a boot leaves out the time zone, and keeps what else the machine is", () => {
  const { json } = present(recordings().find(({ minor, name }) => minor === "minor-5" && name === "report.boot-began"));
  const frame = JSON.stringify({
    type: "report",
    epoch: "epoch_01m81j18g0nz4v67cz7wv4bbjp",
    sequence: 1,
    body: json,
  });
  const { body } = JSON.parse(forMinor(frame, 4)) as { body: { boot: BootReport } };
  const { machine, ...rest } = (json as { boot: BootReport }).boot;
  expect(machine?.utcOffsetMinutes).toBe(60);
  expect(body.boot).toEqual({ ...rest, machine: { ...machine, utcOffsetMinutes: undefined } });
  expect(body.boot.machine).not.toHaveProperty("utcOffsetMinutes");
  expect(parseFrame(forMinor(frame, 4), AgentFrame).kind).toBe("frame");
});

describe("towards a controller of before minor 4", () => {
  const recorded = (name: string): object =>
    present(
      recordings().find((each) => each.minor === "minor-4" && each.name === name),
      name,
    ).json as object;
  const frame = (body: object): string =>
    JSON.stringify({ type: "report", epoch: "epoch_01m81j18g0nz4v67cz7wv4bbjp", sequence: 1, body });

  test.each([0, 1, 2, 3])(
    "a version in the registry keeps its name and digest, at a place of a file (minor %i)",
    (minor) => {
      const boot = recorded("report.boot-began") as { boot: BootReport };
      const { body } = JSON.parse(forMinor(frame(boot), minor)) as { body: { boot: BootReport } };
      expect(body.boot.machine).toBeUndefined();
      expect(body.boot.evidence === undefined).toBe(minor < 1);
      expect(body.boot.content.map(({ label, sha256 }) => [label, sha256])).toEqual(
        boot.boot.content.map(({ label, sha256 }) => [label, sha256]),
      );
      expect(body.boot.content.map(({ path }) => WindowsPath.safeParse(path).success)).toEqual([true, true]);
      const version = boot.boot.content[1];
      const change = { kind: "content-changed", entry: { change: "appeared", noticedAt: NOON, version } };
      const told = JSON.parse(forMinor(frame(change), minor)) as { body: { entry: { version: { path: string } } } };
      expect(told.body.entry.version.path).toBe(body.boot.content[1]?.path);
    },
  );

  test("what an older agent of this device has left in the outbox keeps its bytes", () => {
    const older = present(
      recordings().find(({ minor, name }) => minor === "minor-3" && name === "report.boot-began"),
      "recording",
    );
    expect(forMinor(frame(older.json as object), 3)).toBe(frame(older.json as object));
  });
});

describe("towards a controller of before minor 2", () => {
  const orderId = "order_01m81j18g0nz4v67cz7wv4bbjp";
  const frame = (body: object): string =>
    JSON.stringify({ type: "report", epoch: "epoch_01m81j18g0nz4v67cz7wv4bbjp", sequence: 1, body });
  const bodyAt = (body: object, minor: number): unknown =>
    (JSON.parse(forMinor(frame(body), minor)) as { body: unknown }).body;
  const receipt = seal(PAYLOAD_TYPES.stepReceipt, { a: "test" }, [aKey("device")]);

  test.each([0, 1])("a step comes without its receipt (minor %i)", (minor) => {
    const progress = { orderId, step: 0, event: "done" };
    const body = { kind: "step-progress", progress: { ...progress, receipt } };
    expect(bodyAt(body, minor)).toEqual({ kind: "step-progress", progress });
    expect(bodyAt(body, 2)).toEqual(body);
  });

  test.each([
    ["emergency-stop", "schema"],
    ["under-signed", "schema"],
    ["journal-unreadable", "journal-unreadable"],
    ["statement-signature", "statement-signature"],
  ])("a refusal by %s is %s", (rule, known) => {
    const body = { kind: "order-refused", orderId, rule, because: "it says why" };
    for (const minor of [0, 1]) expect(bodyAt(body, minor)).toEqual({ ...body, rule: known });
    expect(bodyAt(body, 2)).toEqual(body);
  });
});
