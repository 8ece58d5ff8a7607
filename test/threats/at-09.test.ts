/** AT-09: time. Nothing runs early whatever a clock says, and nothing that is over runs because a clock was set back. */
import { expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { later } from "../../protocol/time.ts";
import { aBelief, aPlan, DAY, factsNow, NONCE } from "../support/attack.ts";
import { aContentMachine } from "../support/content-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { DEVICE, NOON } from "../support/signed-order.ts";
import { aFreshWord } from "../support/trust.ts";

const YEARS = 10 * 365 * DAY;
const good = aPlan();
const wordAt = (ms: number) => ({
  envelope: aFreshWord(DEVICE, NONCE, later(NOON, ms), { trustVersion: 2, policyVersion: 2 }),
  nonce: NONCE,
  askedAgoMs: 0,
});
const orderOf = (plan: typeof good, issuedAt = later(NOON, 1_000)) => plan.orderFor(DEVICE, 0, { issuedAt });

test("AT-09 a plan that expired by one second, by any clock that is later, is refused", () => {
  const over = later(NOON, DAY + 1_000);
  for (const facts of [{ now: over }, { timeFloor: over }, { controllerNow: over }, { fresh: wordAt(DAY + 1_000) }])
    expect(admit(orderOf(good), factsNow(facts))).toMatchObject({ kind: "refused", rule: "expired" });
  expect(admit(orderOf(good, over), factsNow())).toMatchObject({ kind: "refused", rule: "expired" });
  expect(admit(orderOf(good), factsNow({ now: later(NOON, DAY - 1) }))).toMatchObject({ kind: "accepted" });
});

test("AT-09 an expired trust document lets nothing be changed", () => {
  const facts = factsNow();
  const { belief } = facts;
  if (belief === undefined) throw new Error("the facts of a test believe somebody");
  const trust = { ...belief.trust, expiresAt: later(NOON, 60_000) };
  expect(admit(orderOf(good), { ...facts, belief: { ...belief, trust } })).toMatchObject({ rule: "trust-expired" });
});

const tomorrow = later(NOON, DAY);
const EARLY = [
  {
    name: "its wave's time",
    rule: "not-before",
    plan: aPlan({
      statement: {
        waves: good.statement.waves.map((wave) => ({ ...wave, notBefore: tomorrow })),
        validUntil: later(NOON, 3 * DAY),
      },
    }),
  },
  {
    name: "its validity",
    rule: "not-yet-valid",
    plan: aPlan({ statement: { validFrom: tomorrow, validUntil: later(NOON, 3 * DAY) } }),
  },
];
const AHEAD = [0, DAY, -DAY, YEARS, -YEARS];
test.each(EARLY)(`AT-09 nothing runs before $name, by ${AHEAD.length} clocks`, ({ plan, rule }) => {
  for (const ahead of AHEAD) {
    const facts = factsNow({ now: later(NOON, Math.min(ahead, 2 * DAY)) });
    expect(admit(orderOf(plan), facts)).toMatchObject({ kind: "refused", rule });
    // One of the two signed times is not enough.
    expect(admit(orderOf(plan, later(tomorrow, 1)), facts)).toMatchObject({ kind: "refused", rule });
  }
});

test.each(AHEAD)(
  "AT-09 an agent whose clock is ahead by %d ms changes nothing before the time and nothing after it",
  async (ahead) => {
    const machine = aContentMachine();
    machine.clockAheadMs = ahead;
    const before = machine.state;
    const over = aPlan({
      seed: "over",
      statement: { validFrom: later(NOON, -2 * DAY), validUntil: later(NOON, -1_000) },
    });
    const orders = [...EARLY.map(({ plan }) => orderOf(plan)), orderOf(over, later(NOON, -DAY))];
    const { controller, heard, send, errors } = await anInMemoryAgent(machine, [], {}, { belief: aBelief() });
    for (const order of orders) {
      controller.mailbox = [order];
      send({ type: "nudge" });
      await machine.advance(5_000);
    }
    expect(machine.state).toEqual(before);
    expect(heard.filter(({ body }) => body.kind === "order-refused")).toHaveLength(orders.length);
    expect(errors).toEqual([]);
  },
);

test.each([-DAY, -YEARS])(
  "AT-09 an agent whose clock is behind by %d ms still takes what is of this moment",
  async (ahead) => {
    const machine = aContentMachine();
    machine.clockAheadMs = ahead;
    const { heard } = await anInMemoryAgent(machine, [orderOf(good)], {}, { belief: aBelief() });
    await machine.advance(10_000);
    expect(heard.map(({ body }) => body.kind)).toContain("order-accepted");
  },
);

test.each([YEARS, -YEARS, -100 * YEARS])(
  "AT-09 an agent whose clock is wrong by %d ms boots, reports each boot once, finds it good, and runs nothing early",
  async (ahead) => {
    const machine = aContentMachine();
    machine.clockAheadMs = ahead;
    const before = machine.state;
    const early = EARLY.map(({ plan }) => orderOf(plan));
    for (let boot = 1; boot <= 3; boot++) {
      // The clock is set while the machine runs, and comes back wrong with the next boot.
      const { heard, said, controller, send, errors } = await anInMemoryAgent(
        machine,
        early,
        {},
        { belief: aBelief() },
      );
      await machine.advance(5_000);
      machine.clockAheadMs = 0;
      await machine.advance(5_000);
      machine.clockAheadMs = ahead;
      controller.mailbox = early;
      send({ type: "nudge" });
      await machine.advance(5_000);
      const began = heard.flatMap(({ body }) => (body.kind === "boot-began" ? [body.boot] : []));
      const mine = began.filter(({ bootId }) => bootId === `boot-${machine.boots}`);
      expect(mine).toHaveLength(1);
      expect(mine[0]).toMatchObject({ uptimeMs: 0, tries: 1 });
      const good = heard.flatMap(({ body }) => (body.kind === "boot-healthy" ? [body.healthy.bootId] : []));
      expect(good.filter((bootId) => bootId === mine[0]?.bootId)).toHaveLength(1);
      expect(said).not.toContain("order-accepted");
      expect(errors).toEqual([]);
      machine.boot({ kind: "clean" });
    }
    expect(machine.state).toEqual(before);
  },
);

test("AT-09 whoever signs the time cannot hurry the gap between two disruptions", () => {
  const steps = [{ kind: "reboot", noticeMs: 0 }];
  const plan = aPlan({ steps });
  const facts = factsNow();
  const { belief } = facts;
  if (belief?.policy === undefined) throw new Error("the facts of a test have a policy");
  const policy = { ...belief.policy, limits: { ...belief.policy.limits, disruptionGapMs: 3_600_000 } };
  const hurried = { ...facts, belief: { ...belief, policy }, fresh: wordAt(5 * 3_600_000), disruptedAt: NOON };
  expect(admit(orderOf(plan), { ...hurried, disruptedAgoMs: 60_000 })).toMatchObject({
    kind: "wait",
    againInMs: 3_540_000,
  });
  expect(admit(orderOf(plan), { ...hurried, disruptedAgoMs: 3_600_000 })).toMatchObject({ kind: "accepted" });
  expect(admit(orderOf(plan), { ...hurried, fresh: wordAt(60_000), disruptedAgoMs: DAY })).toMatchObject({
    kind: "wait",
  });
});
