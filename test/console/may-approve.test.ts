/** What stands in the way of a passkey's approval, and what of a plan's text cannot be read. */
import { describe, expect, test } from "vitest";
import { mayApprove } from "../../controller/console/passkeys/may-approve.ts";
import { readSigned } from "../../controller/console/passkeys/reading.ts";
import { expiryOf } from "../../controller/console/words/expiry.ts";
import type { ApprovalView } from "../../protocol/api.ts";
import { fromBase64, PAYLOAD_TYPES, toBase64 } from "../../protocol/dsse.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { z } from "zod";
import { anAuthenticator, PASSKEYS } from "../support/authenticator.ts";
import { aSignedOrder, planIdOf } from "../support/signed-order.ts";
import { aTrustDocument, aPerson, aTrustRole } from "../support/trust-builders.ts";

const DAY = 86_400_000;
const ORIGIN = PASSKEYS.origins[0] ?? "";
const ben = anAuthenticator();
const withPasskey = aTrustDocument({
  passkeys: PASSKEYS,
  approvers: aTrustRole(2, "ada", aPerson("ben", { keys: [{ ...ben.key, credentialId: "AQID" }] })),
});
const approvedBy = (person: string, counts = true): z.infer<typeof ApprovalView> => ({
  person,
  name: person,
  keyId: ben.key.keyId,
  kind: "p256",
  starter: false,
  counts,
  at: 0 as Instant,
  by: "Ada Admin",
});
const open = { approvals: [], rollout: null };
const now = withPasskey.issuedAt;

describe("a passkey may approve", () => {
  test("asks for those who have not approved yet", () => {
    const may = mayApprove({ ...open, approvals: [approvedBy("ada")] }, withPasskey, ORIGIN, now);
    expect(may).toMatchObject({ kind: "yes", passkeys: PASSKEYS, asked: [{ holder: { person: "ben" } }] });
  });

  test("asks again for somebody whose approval does not count any more", () => {
    const may = mayApprove({ ...open, approvals: [approvedBy("ben", false)] }, withPasskey, ORIGIN, now);
    expect(may.kind).toBe("yes");
  });

  test.each([
    ["started", { ...open, rollout: "rollout_00000000000000000000000000" as never }, withPasskey, ORIGIN, now],
    ["none-enrolled", open, { ...withPasskey, passkeys: null }, ORIGIN, now],
    ["none-enrolled", open, aTrustDocument({ passkeys: PASSKEYS }), ORIGIN, now],
    ["elsewhere", open, withPasskey, `${ORIGIN}:8443`, now],
    ["expired", open, withPasskey, ORIGIN, withPasskey.expiresAt],
    ["all-have-approved", { ...open, approvals: [approvedBy("ben")] }, withPasskey, ORIGIN, now],
  ] as const)("not where it is %s", (kind, plan, document, origin, at) => {
    expect(mayApprove({ ...plan, approvals: [...plan.approvals] }, document, origin, at).kind).toBe(kind);
  });
});

describe("the signed text", () => {
  const PLAN = planIdOf("a plan");
  const { payloadType, payload } = aSignedOrder().statement;

  test("is read from the bytes", () => {
    expect(readSigned({ signed: { payloadType, payload } }, PLAN)).toMatchObject({
      kind: "read",
      statement: { title: "Take 7-2 back", planId: PLAN },
    });
  });

  const spaced = toBase64(new TextEncoder().encode(` ${new TextDecoder().decode(fromBase64(payload))}`));
  test.each([
    ["of a form of before", null, "before approvers had keys"],
    [
      "of another plan",
      { payloadType, payload: aSignedOrder({ plan: planIdOf("another") }).statement.payload },
      "another plan",
    ],
    ["sealed as one that brings back", { payloadType: PAYLOAD_TYPES.restore, payload }, "another kind"],
    ["of a policy", { payloadType: PAYLOAD_TYPES.policy, payload }, "payload is"],
    ["not in the one form that devices read", { payloadType, payload: spaced }, "canonical"],
    ["of rubbish", { payloadType, payload: "AAAA" }, "Devices would refuse it too"],
  ])("that is %s is not shown as if it could be signed", (_, signed, because) => {
    const reading = readSigned({ signed }, PLAN);
    expect(reading.kind === "unreadable" ? reading.because : "read").toContain(because);
  });
});

test.each([
  [11, "far"],
  [9, "soon"],
  [0, "over"],
  [-1, "over"],
] as const)("a trust document with %d days left: %s", (days, kind) => {
  expect(expiryOf({ expiresAt: later(now, days * DAY) }, now).kind).toBe(kind);
});
