/** Who may hold what on a device, for how long, and how often. */
import { describe, expect, test } from "vitest";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import {
  heldNow,
  type HoldFacts,
  measured,
  nextLookMs,
  overdue,
  takeHold,
  withReleased,
} from "../../../agent/core/holds.ts";
import { NO_PRECAUTIONS, type Precautions } from "../../../agent/core/precautions.ts";
import { BootId } from "../../../protocol/boot.ts";
import { later } from "../../../protocol/time.ts";
import { aKey } from "../../support/keys.ts";
import { aHold, type HoldParts, holdIdOf } from "../../support/precautions.ts";
import { NOON } from "../../support/signed-order.ts";
import { aHolder, APPROVER, aPolicy, aTrust } from "../../support/trust.ts";

const HOUR_MS = 3_600_000;
const BOB = aKey("bob");
const CYD = aKey("cyd");
const trust = aTrust({
  approvers: { threshold: 3, holders: [aHolder("ada", APPROVER), aHolder("bob", BOB), aHolder("cyd", CYD)] },
});
const rule = { roots: [], steps: [], holdable: true };
const policy = aPolicy({
  sources: [
    { source: "acme.content-7", ...rule },
    { source: "acme.content-8", ...rule, holdable: false },
  ] as never,
});
const uptime = (hours: number, boot = "boot-1") => ({ bootId: BootId.parse(boot), uptimeMs: hours * HOUR_MS });
const facts = (over: Partial<HoldFacts> = {}): HoldFacts => ({
  belief: { trust, policy },
  verify: verifyRaw,
  latest: later(NOON, 1_000),
  uptime: uptime(0),
  knows: () => true,
  ...over,
});
const all = [APPROVER, BOB, CYD];
const take = (parts: HoldParts, over: Partial<HoldFacts> = {}, before: Precautions = NO_PRECAUTIONS) =>
  takeHold(before, aHold(parts), facts(over));
function taken(parts: HoldParts, over: Partial<HoldFacts> = {}, before?: Precautions): Precautions {
  const answer = take(parts, over, before);
  if (answer?.kind !== "taken") throw new Error(`not taken: ${JSON.stringify(answer)}`);
  return answer.precautions;
}

describe("one approver may hold", () => {
  test("what the policy lists, for 4 hours", () => {
    expect(heldNow(taken({ hours: 4 }))).toMatchObject([{ alone: true, lastsMs: 4 * HOUR_MS, told: false }]);
  });
  test.each([
    ["what the policy does not list", { source: "acme.content-8" }, {}, "source-not-allowed"],
    ["what the policy does not know", { source: "other.content" }, {}, "source-not-allowed"],
    ["without any policy", {}, { belief: { trust, policy: undefined } }, "source-not-allowed"],
    ["for longer", { hours: 4.01 }, {}, "too-long"],
    ["what this device has not got", {}, { knows: () => false }, "not-possible-here"],
    ["what is over already", {}, { latest: later(NOON, 4 * HOUR_MS) }, "expired"],
    ["with a key that nobody trusts", { signers: [aKey("eve")] }, {}, "signature"],
    ["where a newer document is needed", { over: { minimumTrustVersion: 9 } }, {}, "trust-version"],
    ["backwards in time", { hours: -1 }, {}, "schema"],
    ["on a device that believes nobody", {}, { belief: undefined }, "signature"],
    ["under a trust document that has expired", {}, { latest: trust.expiresAt }, "expired"],
  ])("not %s", (_what, parts, over, refusal) => {
    expect(take(parts, over)).toMatchObject({ kind: "refused", rule: refusal });
  });

  test("not twice in 24 hours of running, whatever time is signed or named", () => {
    const before = withReleased(taken({ seed: "first" }), holdIdOf("first"), uptime(4));
    const tomorrow = { seed: "second", from: later(NOON, 48 * HOUR_MS) };
    const named = { latest: later(NOON, 48 * HOUR_MS + 1_000) };
    for (const at of [uptime(23.9), uptime(10, "boot-2")]) {
      const now = measured(before, at);
      expect(take(tomorrow, { ...named, uptime: at }, now)).toMatchObject({ kind: "refused", rule: "held-too-often" });
    }
    expect(heldNow(taken(tomorrow, { ...named, uptime: uptime(24) }, measured(before, uptime(23))))).toHaveLength(1);
  });
  test("another source meanwhile", () => {
    const listed = aPolicy();
    const belief = { trust, policy: listed };
    const before = taken({ seed: "first" }, { belief });
    expect(heldNow(taken({ seed: "second", source: "acme.content-8" }, { belief }, before))).toHaveLength(2);
  });
});

describe("as many approvers as a plan needs may hold", () => {
  test("longer, what the policy does not list, and again at once", () => {
    const before = withReleased(taken({ seed: "first", signers: all, hours: 100 }), holdIdOf("first"), uptime(1));
    const again = taken({ seed: "second", signers: all, hours: 100, source: "acme.content-8" }, {}, before);
    expect(heldNow(again)).toMatchObject([{ alone: false }]);
    expect(take({ seed: "third", signers: all }, {}, again)?.kind).toBe("taken");
  });
  test("not for longer than the policy lets anything be valid", () => {
    expect(take({ signers: all, hours: 31 * 24 })).toMatchObject({ kind: "refused", rule: "too-long" });
  });
  test("not if one is missing", () => {
    expect(take({ signers: [APPROVER, BOB], hours: 5 })).toMatchObject({ kind: "refused", rule: "under-signed" });
  });
});

describe("a hold ends", () => {
  const held = taken({ hours: 4 });
  test.each([
    ["after its time of running, though every clock stands still", uptime(4), NOON],
    ["when any clock says that its time is over", uptime(0.1), later(NOON, 4 * HOUR_MS)],
  ])("%s", (_when, at, latest) => {
    expect(overdue(held, at, latest)).toHaveLength(1);
  });
  test("not before", () => {
    expect(overdue(held, uptime(3.9), later(NOON, 3.9 * HOUR_MS))).toEqual([]);
    expect(nextLookMs(held, uptime(3), NOON)).toBe(HOUR_MS);
  });
  test("counting what passed in the boots before", () => {
    const inSecond = measured(measured(held, uptime(2)), uptime(1.5, "boot-2"));
    expect(nextLookMs(inSecond, uptime(1.5, "boot-2"), NOON)).toBe(0.5 * HOUR_MS);
    expect(overdue(inSecond, uptime(2, "boot-2"), NOON)).toHaveLength(1);
  });
});

test("the same hold again is no other one, and none once it was released", () => {
  const before = taken({});
  expect(take({}, {}, before)).toBeUndefined();
  expect(take({}, {}, withReleased(before, holdIdOf("a hold"), uptime(1)))).toBeUndefined();
});
