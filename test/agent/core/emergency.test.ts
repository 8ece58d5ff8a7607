/** What ends an emergency stop on a device, and what does not. */
import { describe, expect, test } from "vitest";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import { hasEnded, resume, type ResumeFacts, stopsInForce, withStop } from "../../../agent/core/emergency.ts";
import { NO_PRECAUTIONS, type Precautions } from "../../../agent/core/precautions.ts";
import { PAYLOAD_TYPES, peek, seal } from "../../../protocol/dsse.ts";
import { ResumeStatement } from "../../../protocol/emergency.ts";
import { later } from "../../../protocol/time.ts";
import { aKey } from "../../support/keys.ts";
import { aResume, stopIdOf } from "../../support/precautions.ts";
import { NOON } from "../../support/signed-order.ts";
import { aHolder, APPROVER, aTrust } from "../../support/trust.ts";

const BOB = aKey("bob");
const TWO = aTrust({
  version: 3,
  approvers: { threshold: 2, holders: [aHolder("ada", APPROVER, aKey("ada's other")), aHolder("bob", BOB)] },
});
const STOP = stopIdOf("a stop");
const stopped = withStop(NO_PRECAUTIONS, STOP);
const facts = (over: Partial<ResumeFacts> = {}): ResumeFacts => ({
  trust: TWO,
  verify: verifyRaw,
  latest: later(NOON, 60_000),
  ...over,
});
const both = aResume("a stop", [APPROVER, BOB]);

test("k approvers let a device go on, and the stop that they ended never counts again", () => {
  const ended = resume(stopped, STOP, both, facts());
  if (ended?.kind !== "resumed") throw new Error("it was not resumed");
  expect(stopsInForce(ended.precautions)).toEqual([]);
  expect(hasEnded(ended.precautions, STOP)).toBe(true);
  expect(withStop(ended.precautions, STOP)).toBe(ended.precautions);
});

describe("a device stays stopped by a word", () => {
  test.each([
    ["that one of two signed", aResume("a stop", [APPROVER]), {}, "under-signed"],
    ["that one person signed twice", aResume("a stop", [APPROVER, aKey("ada's other")]), {}, "under-signed"],
    ["that strangers signed", aResume("a stop", [aKey("eve"), aKey("mallory")]), {}, "signature"],
    ["for another stop", aResume("another stop", [APPROVER, BOB]), {}, "unknown-stop"],
    ["that has expired", both, { latest: later(NOON, 15 * 86_400_000) }, "expired"],
    ["under a trust document that has expired", both, { latest: TWO.expiresAt }, "expired"],
    [
      "that needs a newer document",
      aResume("a stop", [APPROVER, BOB], { minimumTrustVersion: 4 }),
      {},
      "trust-version",
    ],
    ["while it believes nobody", both, { trust: undefined }, "signature"],
    [
      "that is sealed as something else",
      seal(PAYLOAD_TYPES.hold, peek(both, ResumeStatement), [APPROVER, BOB]),
      {},
      "schema",
    ],
  ])("%s", (_how, word, over, rule) => {
    expect(resume(stopped, STOP, word, facts(over))).toMatchObject({ kind: "refused", rule });
  });
});

test("two stops are ended each by its own word", () => {
  const twice = withStop(stopped, stopIdOf("another stop"));
  const once = resume(twice, STOP, both, facts());
  if (once?.kind !== "resumed") throw new Error("it was not resumed");
  expect(stopsInForce(once.precautions).map(({ stopId }) => stopId)).toEqual([stopIdOf("another stop")]);
});

test("stops without end are remembered within bounds, and the device stays stopped", () => {
  let precautions: Precautions = NO_PRECAUTIONS;
  for (let n = 0; n < 1_000; n++) precautions = withStop(precautions, stopIdOf(`stop ${n}`));
  expect(stopsInForce(precautions).length).toBe(20);
});
