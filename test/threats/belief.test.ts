/** Whom a device believes: the document that it was installed with and what followed it, whatever else it is sent. */
import { expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { believe, beliefOf, newBelief } from "../../agent/core/belief.ts";
import { payloadDigest } from "../../protocol/dsse.ts";
import { pinnedTrust } from "../../protocol/follow-trust.ts";
import {
  aBelief,
  MALLORY,
  PAUL,
  PEOPLES_ENVELOPE,
  PEOPLES_TRUST,
  POLICY_ENVELOPE,
  RITA,
  ROLF,
  STARTER_ENVELOPE,
  STARTER_TRUST,
} from "../support/attack.ts";
import { aHolder, sealTrust } from "../support/trust.ts";

const PIN = payloadDigest(STARTER_ENVELOPE);
const HIS = sealTrust({ ...STARTER_TRUST, roots: { threshold: 1, holders: [aHolder("mallory", MALLORY)] } }, MALLORY);

test("only the pinned document is the first one", () => {
  expect(pinnedTrust(STARTER_ENVELOPE, PIN, verifyRaw)).toMatchObject({ kind: "followed" });
  expect(pinnedTrust(HIS, PIN, verifyRaw)).toMatchObject({ kind: "refused", rule: "not-pinned" });
});

test("what is not the pinned document is skipped until it comes, and counts for nothing", () => {
  const { record, refused } = believe(newBelief(PIN), [HIS, PEOPLES_ENVELOPE], POLICY_ENVELOPE, verifyRaw);
  expect([beliefOf(record), refused.length]).toEqual([undefined, 1]);
  expect(refused[0]?.refusal.rule).toBe("not-pinned");
  const { record: taken } = believe(
    newBelief(PIN),
    [HIS, STARTER_ENVELOPE, PEOPLES_ENVELOPE],
    POLICY_ENVELOPE,
    verifyRaw,
  );
  expect(beliefOf(taken)?.trust.version).toBe(2);
});

test("no policy outlives the people who signed it", () => {
  const next = { ...PEOPLES_TRUST, version: 3, policyHolders: { threshold: 1, holders: [aHolder("pia", MALLORY)] } };
  const { record } = believe(aBelief(), [sealTrust(next, RITA, ROLF)], undefined, verifyRaw);
  expect(beliefOf(record)).toMatchObject({ trust: { version: 3 }, policy: undefined });
  const renamed = { ...next, policyHolders: { threshold: 1, holders: [aHolder("paula", PAUL)] } };
  expect(believe(aBelief(), [sealTrust(renamed, RITA, ROLF)], undefined, verifyRaw).record.policy).not.toBeNull();
});

test("what is believed already changes nothing, however often it comes: it costs no write", () => {
  const { record } = believe(newBelief(PIN), [STARTER_ENVELOPE, PEOPLES_ENVELOPE], POLICY_ENVELOPE, verifyRaw);
  expect(believe(record, [PEOPLES_ENVELOPE], POLICY_ENVELOPE, verifyRaw).record).toBe(record);
});
