import { describe, expect, test } from "vitest";
import { compactJournal } from "../../../agent/core/compact-journal.ts";
import { elapsedMs, extendSpans, type Spans } from "../../../agent/core/elapsed.ts";
import { foldJournal, JournalCorrupt, LEGAL, type StepStatus } from "../../../agent/core/journal.ts";
import { type JournalEntry, JournalRecord, type StepEvent } from "../../../agent/core/journal-records.ts";
import { nextMove, RESTARTS_MAX } from "../../../agent/core/next-move.ts";
import { BootId } from "../../../protocol/boot.ts";
import { PAYLOAD_TYPES, payloadDigest, seal } from "../../../protocol/dsse.ts";
import { newId } from "../../../protocol/ids.ts";
import { Step } from "../../../protocol/playbook.ts";
import { aKey } from "../../support/keys.ts";
import { aQuarantine, aSignedOrder, NOON, planIdOf, SOURCE } from "../../support/signed-order.ts";

const ORDER = aSignedOrder();
const { orderId } = ORDER;
const REBOOT = Step.parse({ kind: "reboot", noticeMs: 0 });
const receipt = seal(PAYLOAD_TYPES.receipt, { outcome: "a test" }, [aKey("device")]);

const accepted = (steps: readonly Step[] = [aQuarantine("faulty"), REBOOT], id = orderId): JournalEntry => ({
  event: "accepted",
  orderId: id,
  digest: payloadDigest(ORDER.order),
  planId: planIdOf("a plan"),
  source: SOURCE,
  generation: 1,
  issuedAt: NOON,
  steps: [...steps],
});
const EXTRA: { readonly [E in StepEvent]: object } = {
  start: { memo: { kind: "nothing" }, again: false },
  waited: {},
  done: { files: [] },
  "not-applicable": { because: "nothing here" },
  fail: { fault: "unexpected", because: "a test" },
  abandon: { because: "withdrawn" },
  "undo-start": {},
  "undo-done": {},
  "undo-fail": { fault: "unexpected", because: "a test" },
};
const step = (event: StepEvent, index = 0): JournalEntry =>
  ({ event, orderId, step: index, ...EXTRA[event] }) as JournalEntry;
const ended = (id = orderId): JournalEntry => ({ event: "ended", orderId: id, outcome: "succeeded", receipt });

/** Numbers and dates entries as the agent does. */
const written = (entries: readonly JournalEntry[], bootId = "boot-1"): JournalRecord[] =>
  entries.map((entry, i) =>
    JournalRecord.parse({ ...entry, n: i + 1, bootId: BootId.parse(bootId), uptimeMs: 1_000 * i, at: NOON }),
  );
const fold = (...entries: JournalEntry[]) => foldJournal(written(entries));

function statusAfter(...entries: JournalEntry[]): StepStatus | "corrupt" | undefined {
  try {
    return fold(...entries).underWay?.steps[0]?.status;
  } catch (error) {
    if (error instanceof JournalCorrupt) return "corrupt";
    throw error;
  }
}

describe("the order of records", () => {
  const WAYS: Record<StepStatus, readonly StepEvent[]> = {
    "not-begun": [],
    started: ["start"],
    done: ["start", "done"],
    "not-applicable": ["not-applicable"],
    failed: ["start", "fail"],
    abandoned: ["start", "abandon"],
    undoing: ["start", "fail", "undo-start"],
    undone: ["start", "fail", "undo-start", "undo-done"],
    "undo-failed": ["start", "fail", "undo-start", "undo-fail"],
  };
  const events = Object.keys(EXTRA) as StepEvent[];
  const table = (Object.keys(WAYS) as StepStatus[]).flatMap((status) => events.map((event) => ({ status, event })));

  test.each(table)("$event after $status is legal or an error, as the table says", ({ status, event }) => {
    const before = WAYS[status].map((each) => step(each));
    expect(fold(accepted(), ...before).underWay?.steps[0]?.status).toBe(status);
    // Undoing what did not fail is legal for the step alone; the order must have failed.
    const isLegal = !(status === "done" && event === "undo-start");
    const expected = (isLegal ? LEGAL[status][event] : undefined) ?? "corrupt";
    expect(statusAfter(accepted(), ...before, step(event))).toBe(expected);
  });

  test.each([
    { name: "a second step before the first is done", entries: [accepted(), step("start", 1)] },
    { name: "a step after a failure", entries: [accepted(), step("start"), step("fail"), step("start", 1)] },
    { name: "a step that the order does not have", entries: [accepted(), step("start", 7)] },
    { name: "an order that was never accepted", entries: [step("start")] },
    { name: "an order accepted twice", entries: [accepted(), accepted()] },
    { name: "a second order while one is under way", entries: [accepted(), accepted(undefined, otherId(1))] },
    { name: "an end in the middle of a step", entries: [accepted(), step("start"), ended()] },
    { name: "a step after the end", entries: [accepted(), ended(), step("start")] },
  ])("$name is an error", ({ entries }) => {
    expect(() => fold(...entries)).toThrow(JournalCorrupt);
  });

  test("a record whose number does not grow is an error", () => {
    const [first] = written([accepted()]);
    if (first === undefined) throw new Error("one entry gives one record");
    expect(() => foldJournal([first, first])).toThrow(JournalCorrupt);
  });

  test("undoing goes backwards", () => {
    const both = [aQuarantine("a"), aQuarantine("b")];
    const failed = [accepted(both), step("start"), step("done"), step("start", 1), step("fail", 1)];
    expect(() => fold(...failed, step("undo-start", 0))).toThrow(JournalCorrupt);
    expect(nextMove(must(fold(...failed).underWay))).toEqual({ kind: "undo", step: 1 });
  });
});

describe("what comes next", () => {
  const moveAfter = (...entries: JournalEntry[]) => nextMove(must(fold(...entries).underWay));
  const withdrawn: JournalEntry = { event: "withdrawn", orderId };

  test("a machine on which nothing was changed is not restarted", () => {
    expect(moveAfter(accepted(), step("not-applicable"))).toMatchObject({ kind: "skip", step: 1 });
  });
  test("an order with nothing to do here is not applicable", () => {
    const entries = [accepted(), step("not-applicable"), step("not-applicable", 1)];
    expect(moveAfter(...entries)).toEqual({ kind: "end", outcome: "not-applicable" });
  });
  test("an order that only restarts does restart", () => {
    expect(moveAfter(accepted([REBOOT]))).toEqual({ kind: "carry-out", step: 0 });
  });
  test("a withdrawn order takes no new step", () => {
    expect(moveAfter(accepted(), withdrawn)).toEqual({ kind: "end", outcome: "stopped" });
    expect(moveAfter(accepted(), step("start"), step("done"), withdrawn)).toEqual({ kind: "end", outcome: "stopped" });
  });
  test("a withdrawn order brings a step that may have acted to its end first", () => {
    expect(moveAfter(accepted(), step("start"), withdrawn)).toEqual({ kind: "carry-out", step: 0 });
  });
  test("a withdrawn order does not go on waiting", () => {
    const waiting = [accepted(), step("start"), step("done"), step("start", 1), withdrawn];
    expect(moveAfter(...waiting)).toMatchObject({ kind: "abandon", step: 1 });
  });
  test("restarts are counted and bounded, and progress starts the count again", () => {
    const resumed: JournalEntry = { event: "resumed", orderId };
    const many = Array.from({ length: RESTARTS_MAX }, () => resumed);
    expect(moveAfter(accepted(), ...many)).toEqual({ kind: "carry-out", step: 0 });
    expect(moveAfter(accepted(), ...many, resumed)).toMatchObject({ kind: "give-up", fault: "restarts-exhausted" });
    const afterProgress = [accepted(), ...many, step("start"), step("done"), resumed];
    expect(moveAfter(...afterProgress)).toEqual({ kind: "carry-out", step: 1 });
  });
});

test("a renewed promise does not forget what the first one remembered", () => {
  const promise = (was: "automatic" | "disabled"): JournalEntry => ({
    event: "start",
    orderId,
    step: 0,
    memo: { kind: "service-start", was },
    again: false,
  });
  const order = fold(accepted(), promise("automatic"), promise("disabled")).underWay;
  expect(order?.steps[0]?.memo).toEqual({ kind: "service-start", was: "automatic" });
});

test("durations are sums of up-time over boots, and a clock does not matter", () => {
  const [a, b] = [BootId.parse("a"), BootId.parse("b")];
  let spans: Spans = extendSpans(new Map(), a, 10_000);
  spans = extendSpans(spans, a, 15_000);
  spans = extendSpans(spans, b, 2_000); // a boot that came meanwhile counts from its beginning
  expect(elapsedMs(spans)).toBe(7_000);
});

test("a compacted journal still knows what must not run again", () => {
  const entries = Array.from({ length: 700 }, (_, i) => [accepted(undefined, otherId(i)), ended(otherId(i))]).flat();
  const records = [...written(entries), ...written([])];
  const many = [...records, ...refusals(records.length, 700)];
  const compact = compactJournal(many);
  expect(compact?.length).toBeLessThan(many.length);
  const journal = foldJournal(compact ?? []);
  expect(journal.orders.has(otherId(699))).toBe(true);
  expect(journal.orders.get(otherId(400))?.end?.outcome).toBe("succeeded");
  expect(journal.n).toBe(foldJournal(many).n);
});

function refusals(after: number, count: number): JournalRecord[] {
  return Array.from({ length: count }, (_, i) =>
    JournalRecord.parse({
      event: "refused",
      orderId: otherId(10_000 + i),
      digest: payloadDigest(ORDER.order),
      rule: "expired",
      because: "a test",
      n: after + i + 1,
      bootId: "boot-1",
      uptimeMs: 0,
      at: NOON,
    }),
  );
}

function otherId(i: number) {
  const bytes = new Uint8Array(10);
  new DataView(bytes.buffer).setUint32(0, i);
  return newId("order", NOON, bytes);
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("an order should be under way");
  return value;
}
