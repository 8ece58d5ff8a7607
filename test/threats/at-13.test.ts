/** AT-13: a device that approvers did not put into the wave, and a wave before its turn. */
import { describe, expect, test } from "vitest";
import { admit } from "../../agent/core/admission.ts";
import { peek } from "../../protocol/dsse.ts";
import type { MerkleProof } from "../../protocol/merkle.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import { aPlan, ANOTHER_DEVICE, factsNow, THIRD_DEVICE } from "../support/attack.ts";
import { anotherSha256, DEVICE, deviceIdOf } from "../support/signed-order.ts";

const neighbours = Array.from({ length: 13 }, (_, n) => deviceIdOf(`neighbour ${n}`));
/** This device is in neither wave. */
const FOREIGN = aPlan({ waves: [[ANOTHER_DEVICE, ...neighbours], [THIRD_DEVICE]] });
/** This device is in the second wave. */
const SECOND = aPlan({ waves: [neighbours, [DEVICE, THIRD_DEVICE]] });
const proofOf = (plan: typeof FOREIGN, device = ANOTHER_DEVICE, wave = 0): MerkleProof =>
  peek(plan.orderFor(device, wave).order, WaveOrder).proof;

function proofs(): MerkleProof[] {
  const known = [ANOTHER_DEVICE, ...neighbours].map((device) => proofOf(FOREIGN, device));
  const made = known.flatMap(({ index, path }): MerkleProof[] => [
    { index, path: path.slice(1) },
    { index, path: path.slice(0, -1) },
    { index, path: [...path, ...path] },
    { index: index + 14, path },
    { index: 13, path },
    { index: Number.MAX_SAFE_INTEGER, path },
    { index, path: path.toReversed() },
    { index, path: path.map((_, i) => anotherSha256(`${i}`)) },
  ]);
  return [
    ...known,
    ...made,
    { index: 0, path: [] },
    { index: 0, path: [FOREIGN.statement.waves[0]?.root ?? anotherSha256("r")] },
  ];
}

describe("AT-13 a device that is not in the signed set", () => {
  const tried = proofs();
  test(`AT-13 is in no wave by any of ${tried.length} proofs, signed by the online key`, () => {
    for (const proof of tried)
      for (const wave of [0, 1]) {
        const gate = wave === 0 ? null : { wave: 0, passedAt: FOREIGN.statement.validFrom };
        // A member's order, with what was found for it replaced.
        const order = FOREIGN.orderFor(wave === 0 ? ANOTHER_DEVICE : THIRD_DEVICE, wave, {
          deviceId: DEVICE,
          proof,
          gate,
        });
        expect(admit(order, factsNow())).toMatchObject({ kind: "refused", rule: "not-in-wave" });
      }
  });

  test("AT-13 is in no wave that the plan does not have", () => {
    for (const wave of [2, 3, 49, Number.MAX_SAFE_INTEGER]) {
      const order = FOREIGN.orderFor(ANOTHER_DEVICE, 0, {
        deviceId: DEVICE,
        wave,
        gate: { wave: wave - 1, passedAt: FOREIGN.statement.validFrom },
      });
      expect(admit(order, factsNow())).toMatchObject({ kind: "refused", rule: "not-in-wave" });
    }
  });

  test("AT-13 does not take a neighbour's order", () => {
    expect(admit(FOREIGN.orderFor(ANOTHER_DEVICE), factsNow())).toMatchObject({ rule: "wrong-device" });
  });
});

describe("AT-13 the second wave", () => {
  const passedAt = SECOND.statement.validFrom;
  test("AT-13 begins with the word that the gate of the first has passed", () => {
    expect(admit(SECOND.orderFor(DEVICE, 1), factsNow())).toMatchObject({ kind: "accepted" });
  });
  test.each([{ gate: null }, { gate: { wave: 1, passedAt } }, { gate: { wave: 2, passedAt } }])(
    "AT-13 does not begin with $gate",
    ({ gate }) => {
      expect(admit(SECOND.orderFor(DEVICE, 1, { gate }), factsNow())).toMatchObject({ rule: "gate-not-passed" });
    },
  );
  test("AT-13 is not the first one because an order says so", () => {
    const order = SECOND.orderFor(DEVICE, 1, { wave: 0, gate: null });
    expect(admit(order, factsNow())).toMatchObject({ kind: "refused", rule: "not-in-wave" });
  });
  test("AT-13 the first wave has no gate before it", () => {
    const plan = aPlan();
    expect(admit(plan.orderFor(DEVICE, 0, { gate: { wave: 0, passedAt } }), factsNow())).toMatchObject({
      rule: "gate-not-passed",
    });
  });
});
