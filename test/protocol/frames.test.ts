import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { AgentFrame, ControllerFrame, loginBytes, parseFrame, type Report } from "../../protocol/frames.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import { recordings } from "../support/recorded.ts";

const NOON = at("2026-11-22T12:00:00Z");
const epoch = newId("epoch", NOON, new Uint8Array(10));
const orderId = newId("order", NOON, new Uint8Array(10));
const deviceId = newId("dev", NOON, new Uint8Array(10));
const accepted = { type: "report", epoch, sequence: 1, body: { kind: "order-accepted", orderId } };

const read = (message: string) => parseFrame(message, AgentFrame);
const because = (message: string): string => {
  const parsed = read(message);
  return parsed.kind === "bad" ? parsed.because : expect.unreachable(`taken: ${message}`);
};

/** Every place in a value, by its path. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

function change(value: unknown, [key, ...rest]: readonly string[], to: (old: unknown) => unknown): unknown {
  if (key === undefined) return to(value);
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = change(copy[key], rest, to);
  return copy;
}

test("a frame is read as it was written", () => {
  expect(read(JSON.stringify(accepted))).toEqual({ kind: "frame", frame: accepted as unknown as Report });
  expect(read('\n { "type" : "pull" } ')).toEqual({ kind: "frame", frame: { type: "pull" } });
});

describe("a bad frame is refused, and what is wrong is said with its place", () => {
  test.each<[string, string, string]>([
    ["nothing", "", "not JSON"],
    ["no JSON", "hello", "not JSON"],
    ["half a frame", '{"type":"pu', "not JSON"],
    ["two frames", '{"type":"pull"}{"type":"pull"}', "not JSON"],
    ["a comment", '{"type":"pull"} // now', "not JSON"],
    ["null", "null", "frame: "],
    ["a number", "1e999", "frame: "],
    ["a list", '[{"type":"pull"}]', "frame: "],
    ["no type", "{}", "type: "],
    ["an unknown type", '{"type":"shutdown"}', "type: "],
    ["the other side's type", '{"type":"ack","through":1}', "type: "],
    ["a type that is an object", '{"type":{"$ne":1}}', "type: "],
    ["an unknown field", '{"type":"pull","urgent":true}', 'frame: Unrecognized key: "urgent"'],
    ["a prototype", '{"type":"pull","__proto__":{"admin":true}}', 'frame: Unrecognized key: "__proto__"'],
    ["a constructor", '{"type":"pull","constructor":{"prototype":{}}}', 'frame: Unrecognized key: "constructor"'],
    ["a type by inheritance", '{"__proto__":{"type":"pull"}}', "type: "],
    ["a signature that is no base64", '{"type":"login","signature":"*"}', "signature: "],
    ["sequence zero", JSON.stringify({ ...accepted, sequence: 0 }), "sequence: "],
    ["a sequence beyond what numbers hold", JSON.stringify({ ...accepted, sequence: 2 ** 53 }), "sequence: "],
    ["a fraction of a sequence", JSON.stringify({ ...accepted, sequence: 1.5 }), "sequence: "],
    ["an epoch that is a device", JSON.stringify({ ...accepted, epoch: deviceId }), "epoch: expected epoch_"],
    ["no body", JSON.stringify({ ...accepted, body: undefined }), "body: "],
    ["an unknown report", JSON.stringify({ ...accepted, body: { kind: "command" } }), "body.kind: "],
    ["an unknown field in the body", JSON.stringify(change(accepted, ["body", "x"], () => 1)), "body: Unrecognized"],
    [
      "a prototype in the body",
      JSON.stringify(accepted).replace('"kind":', '"__proto__":{},"kind":'),
      "body: Unrecognized",
    ],
  ])("%s", (_, message, start) => {
    const said = because(message);
    expect(said.slice(0, start.length)).toBe(start);
  });

  test("deep nesting, however deep, is an answer and no crash", () => {
    for (const depth of [100, 30_000, 300_000]) {
      expect(because("[".repeat(depth) + "]".repeat(depth))).toMatch(/^frame: /);
      const nest = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
      expect(because(`{"type":"pull","x":${nest}}`)).toBe('frame: Unrecognized key: "x"');
      expect(because(JSON.stringify({ ...accepted, body: 0 }).replace('"body":0', `"body":${nest}`))).toMatch(/^body/);
    }
  });

  test("no frame changes what other objects inherit", () => {
    read('{"type":"pull","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("the reason fits a close frame, whatever was sent: at most 100 printable ASCII characters", () => {
    const reasonable = /^[\x20-\x7e]{1,100}$/;
    expect(because(`{"type":"pull","${"\u5b57".repeat(500)}":1}`)).toMatch(reasonable);
    expect(because(`{"type":"pull","${"\\n\\u001b[2J\\ud83d".repeat(50)}":1}`)).toMatch(reasonable);
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { minKeys: 1 }), (fields) => {
        expect(because(JSON.stringify({ ...fields, type: "pull", more: 1 }))).toMatch(reasonable);
        expect(because(JSON.stringify({ ...accepted, body: fields }))).toMatch(reasonable);
      }),
    );
  });
});

/** What evidence may not know is null. */
const UNKNOWN_IN_EVIDENCE = new Set(
  "startedAt endedAt crashedAt uptimeMs suspect startupRepair repairAttempts".split(" "),
);

describe("every recorded frame and report", () => {
  const frames = recordings().flatMap(({ name, json }): { name: string; json: unknown; schema: z.ZodType }[] => {
    if (name.startsWith("agent-frame.")) return [{ name, json, schema: AgentFrame }];
    if (name.startsWith("controller-frame.")) return [{ name, json, schema: ControllerFrame }];
    if (name.startsWith("report.")) return [{ name, json: { ...accepted, body: json }, schema: AgentFrame }];
    return [];
  });

  test.each(frames)("$name is refused with a field more, at any depth", ({ json, schema }) => {
    const objects = places(json).filter((path) => path.reduce<unknown>(step, json)?.constructor === Object);
    for (const path of objects) {
      for (const field of ["extra", "toString"]) {
        const changed = JSON.stringify(change(json, path, (old) => ({ ...(old as object), [field]: 1 })));
        expect(parseFrame(changed, schema), `${path.join(".")}.${field}`).toMatchObject({ kind: "bad" });
      }
    }
  });

  test.each(frames)("$name is refused with any of its values replaced by one of another type", ({ json, schema }) => {
    for (const path of places(json)) {
      const isStopInForce = path.join(".") === "resume"; // null says that nobody has ended it
      const mayBeUnknown =
        isStopInForce ||
        path.at(-2) === "machine" ||
        (path.includes("evidence") && UNKNOWN_IN_EVIDENCE.has(path.at(-1) ?? ""));
      for (const wrong of [...(mayBeUnknown ? [] : [null]), { a: 1 }, [[]], "\u0000", -0.5]) {
        const parsed = parseFrame(JSON.stringify(change(json, path, () => wrong)), schema);
        expect(parsed.kind, `${path.join(".")} = ${JSON.stringify(wrong)}`).toBe("bad");
      }
    }
  });
});

const step = (value: unknown, key: string): unknown => (value as Record<string, unknown>)[key];

describe("loginBytes", () => {
  test("name the purpose, the nonce and the device, each on a line", () => {
    const nonce = Buffer.alloc(32, 7).toString("base64");
    expect(new TextDecoder().decode(loginBytes(nonce, deviceId))).toBe(`ringback.v1 login\n${nonce}\n${deviceId}\n`);
  });
});
