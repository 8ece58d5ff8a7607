/** AT-08: what was superseded stays superseded, whoever offers it again; and people hear of it. */
import { expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { compactJournal } from "../../agent/core/compact-journal.ts";
import { foldJournal } from "../../agent/core/journal.ts";
import type { JournalRecord } from "../../agent/core/journal-records.ts";
import { pastOf } from "../../agent/core/past-orders.ts";
import { BootId } from "../../protocol/boot.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { newId } from "../../protocol/ids.ts";
import { later } from "../../protocol/time.ts";
import { aBelief, aPlan, DAY, factsNow } from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { aQuarantine, DEVICE, NOON, planIdOf, SOURCE } from "../support/signed-order.ts";

const accepted = aPlan();
const SEEN = { generation: 7, planId: accepted.statement.planId, statement: digestOf(accepted.statement) };
const after = factsNow({ generationOf: (source, era) => (source === SOURCE && era === 1 ? SEEN : undefined) });

const LOWER = [6, 5, 4, 3, 2, 1];
test(`AT-08 ${LOWER.length} lower generations are refused, the same and higher ones are not`, () => {
  for (const generation of LOWER) {
    const older = aPlan({ seed: "older", statement: { generation } });
    expect(admit(older.orderFor(DEVICE), after)).toMatchObject({ kind: "refused", rule: "older-generation" });
  }
  expect(admit(accepted.orderFor(DEVICE, 0, { issuedAt: later(NOON, 2_000) }), after)).toMatchObject({
    kind: "accepted",
  });
  for (const generation of [8, 9, Number.MAX_SAFE_INTEGER])
    expect(admit(aPlan({ seed: "newer", statement: { generation } }).orderFor(DEVICE), after)).toMatchObject({
      kind: "accepted",
    });
});

test("AT-08 an equal generation with another plan, or with another text of the same plan, is refused", () => {
  for (const other of [
    aPlan({ seed: "another plan" }),
    aPlan({ steps: [aQuarantine("something else")] }),
    aPlan({ statement: { validUntil: later(NOON, 2 * DAY) } }),
  ])
    expect(admit(other.orderFor(DEVICE), after)).toMatchObject({ kind: "refused", rule: "generation-reused" });
  // Records of before say which plan it was, not which text.
  const unwritten = factsNow({ generationOf: () => ({ ...SEEN, statement: undefined }) });
  expect(admit(aPlan({ seed: "another plan" }).orderFor(DEVICE), unwritten)).toMatchObject({
    rule: "generation-reused",
  });
});

test("AT-08 a plan of another era than the trust document's is refused, later eras too", () => {
  for (const era of [2, 3, Number.MAX_SAFE_INTEGER])
    expect(admit(aPlan({ statement: { era } }).orderFor(DEVICE), factsNow())).toMatchObject({
      rule: "older-generation",
    });
});

test("AT-08 a real agent refuses both, tells which rule, and touches nothing", async () => {
  const machine = aContentMachine();
  const steps = [aQuarantine("faulty", { filesMax: 4 })];
  const first = aPlan({ seed: "first", steps });
  const { controller, heard, send } = await anInMemoryAgent(
    machine,
    [first.orderFor(DEVICE)],
    {},
    { belief: aBelief() },
  );
  await machine.advance(10_000);
  expect(heard.map(({ body }) => body.kind)).toContain("order-ended");
  const before = machine.state;
  const again = [
    {
      plan: aPlan({ seed: "older", steps: [aQuarantine("good")], statement: { generation: 6 } }),
      rule: "older-generation",
    },
    { plan: aPlan({ seed: "equal", steps: [aQuarantine("good")] }), rule: "generation-reused" },
    { plan: aPlan({ seed: "first", steps: [aQuarantine("good")] }), rule: "generation-reused" },
  ];
  for (const { plan, rule } of again) {
    const order = plan.orderFor(DEVICE, 0, { issuedAt: later(machine.now, 0) });
    controller.mailbox = [order];
    send({ type: "nudge" });
    await machine.advance(5_000);
    expect(heard.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ kind: "order-refused", orderId: order.orderId, rule }),
    );
  }
  expect(machine.state).toEqual(before);
});

test("AT-08 the newest generation of a source is remembered, however many orders of others come after it", () => {
  let n = 0;
  const dice = Buffer.alloc(10);
  const records: JournalRecord[] = [];
  const bootId = BootId.parse("boot-1");
  const receipt = accepted.envelope;
  const add = (source: string, generation: number): void => {
    dice.writeUInt32BE(generation + (source === SOURCE ? 1_000_000 : 0));
    const orderId = newId("order", NOON, dice);
    const written = () => ({ n: ++n, bootId, uptimeMs: n, at: NOON, orderId });
    const identity = {
      digest: digestOf(n),
      planId: planIdOf(source),
      source: ContentSourceId.parse(source),
      generation,
    };
    records.push(
      { event: "accepted", ...written(), ...identity, issuedAt: NOON, steps: [aQuarantine("x")] },
      { event: "withdrawn", ...written() },
      { event: "ended", ...written(), outcome: "stopped", receipt },
    );
  };
  add(SOURCE, 7);
  for (let i = 1; i <= 700; i++) add("busy.source", i);
  const compact = compactJournal(records);
  if (compact === undefined) throw new Error("the journal was not long enough");
  const past = pastOf(foldJournal(compact), { bootId, uptimeMs: n, now: NOON });
  expect(past.generationOf(SOURCE, 1)).toMatchObject({ generation: 7 });
});
