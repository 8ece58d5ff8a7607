import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifyRaw } from "../../controller/trust/verify-raw.ts";
import { assembleOrders } from "../../protocol/assemble-evidence.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { payloadDigest, PAYLOAD_TYPES, peek, seal } from "../../protocol/dsse.ts";
import { EvidenceBundle, type EvidenceBody, sealEvidence } from "../../protocol/evidence-bundle.ts";
import { type CheckName, type EvidenceVerdict, verifyEvidence } from "../../protocol/evidence-verify.ts";
import { PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import { Receipt } from "../../protocol/progress.ts";
import { later } from "../../protocol/time.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";
import {
  anEvidenceBundle,
  anOrder,
  assembleEvidence,
  DEVICES,
  deviceKeyOf,
  evidenceFacts,
  ONLINE,
  POLICY,
  receiptsOf,
  SECOND_TRUST,
  sealStatement,
  sealTrust,
  STATEMENT,
  TRUST_ROOT,
} from "../support/an-evidence-bundle.ts";
import { anAuthenticator, PASSKEYS } from "../support/authenticator.ts";
import { aKey } from "../support/keys.ts";
import { present } from "../support/present.ts";
import { deviceIdOf, planIdOf } from "../support/signed-order.ts";
import { aPerson, aTrustRole, keyOf } from "../support/trust-builders.ts";

const [ONE, TWO, THREE] = DEVICES;
const check = (bundle: EvidenceBundle, pin = TRUST_ROOT): EvidenceVerdict => verifyEvidence(bundle, pin, verifyRaw);
const brokenIn = (bundle: EvidenceBundle): CheckName[] =>
  check(bundle)
    .checks.filter(({ holds }) => !holds)
    .map(({ name }) => name);
/** Which checks fail when the controller itself lies, and seals it. */
const brokenBy = (bend: (body: EvidenceBody) => void): CheckName[] => brokenIn(anEvidenceBundle(bend));
const firstOrder = (body: EvidenceBody) => present(present(body.devices[0]).orders[0]);

describe("what a device sent that is no receipt of its own", () => {
  const facts = evidenceFacts();
  const orders = [anOrder(ONE, 0)];
  const honest = assembleOrders({ ...facts, orders });

  test("is left out, so that the rest can still be proved", () => {
    const junk = ["", "null", "{}", "[1]", '{"orderId":1}'].map((payload) => ({
      payloadType: PAYLOAD_TYPES.stepReceipt,
      payload: btoa(payload),
      signatures: [],
    }));
    const foreign = receiptsOf(TWO, ["done"], {}, { orderId: peek(present(orders[0]), WaveOrder).orderId });
    const spoiled = {
      orders,
      stepReceipts: [...junk, ...facts.stepReceipts, ...foreign.steps],
      receipts: [...facts.receipts, ...junk],
    };
    expect(assembleOrders(spoiled)).toEqual(honest);
  });

  test("cannot make a bundle that no verifier reads, however many receipts it signs", () => {
    const many = Array.from(
      { length: 150 },
      (_, step) => receiptsOf(ONE, ["done"], {}, { because: `${step}` }).steps[0],
    ).filter((receipt) => receipt !== undefined);
    expect(assembleOrders({ orders, stepReceipts: many, receipts: [] })[0]?.steps).toHaveLength(100);
  });
});

describe("an honest bundle", () => {
  const verdict = check(anEvidenceBundle());

  test("holds, and every check says what it proves and what it does not", () => {
    expect(verdict.checks.flatMap(({ name, faults }) => faults.map((fault) => [name, fault]))).toEqual([]);
    expect(verdict.holds).toBe(true);
    expect(verdict.checks.every(({ proves, doesNotProve }) => proves !== "" && doesNotProve !== "")).toBe(true);
  });

  test("says what each device signed, also that one never answered", () => {
    expect(verdict.devices.map(({ deviceId, word }) => [deviceId, word])).toEqual([
      [ONE, "succeeded"],
      [TWO, "not-applicable"],
      [THREE, "unfinished"],
    ]);
  });

  test("holds after it was written to a file and read again", () => {
    const again = EvidenceBundle.parse(JSON.parse(JSON.stringify(anEvidenceBundle())));
    expect(check(again).holds).toBe(true);
  });

  test("of a rollout that ordered nothing yet holds, and says so", () => {
    const facts = evidenceFacts();
    const devices = facts.devices.map((device) => ({ ...device, status: "waiting" as const }));
    const body = assembleEvidence({ ...facts, devices, orders: [], receipts: [], stepReceipts: [] });
    const nothing = check(sealEvidence(body, ONLINE));
    expect(nothing.holds).toBe(true);
    expect(new Set(nothing.devices.map(({ word }) => word))).toEqual(new Set(["no-order"]));
  });

  test("holds with devices whose agents sign no receipts of steps, and names them", () => {
    const older = receiptsOf(ONE, ["done", "done"], { lastStepReceipt: undefined });
    const bundle = anEvidenceBundle((body) => Object.assign(firstOrder(body), { steps: [], receipt: older.receipt }));
    expect(brokenIn(bundle)).toEqual([]);
    expect(check(bundle).devices.map(({ isOlder }) => isOlder)).toEqual([true, false, false]);
  });
});

type Path = readonly (string | number)[];
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
function arraysOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    arraysOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) && value.length > 0 ? [path, ...inner] : inner;
}
const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
function put(value: unknown, path: Path, leaf: unknown): void {
  (at(value, path.slice(0, -1)) as Record<string | number, unknown>)[present(path.at(-1))] = leaf;
}
/** The least change: of a text one character, to one that may stand there too. */
function changed(leaf: unknown, place: number): unknown {
  if (typeof leaf === "number") return leaf + 1;
  if (typeof leaf === "boolean") return !leaf;
  if (typeof leaf !== "string") return 1;
  const i = place % leaf.length;
  return leaf.slice(0, i) + (leaf[i] === "0" ? "1" : "0") + leaf.slice(i + 1);
}
const isFound = (bundle: unknown): boolean => {
  const parsed = EvidenceBundle.safeParse(bundle);
  return !parsed.success || !check(parsed.data).holds;
};

describe("a bundle that was changed", () => {
  const honest = anEvidenceBundle();
  const leaves = leavesOf(honest);
  const place = fc.nat(100_000);

  test("by somebody without keys does not hold: every single field", () => {
    expect(leaves.length).toBeGreaterThan(100);
    const missed = leaves.filter((path, i) => {
      const bundle = structuredClone(honest);
      put(bundle, path, changed(at(bundle, path), i * 7));
      return !isFound(bundle);
    });
    expect(missed).toEqual([]);
  });

  test("by somebody without keys does not hold: every list with a part left out, doubled or moved", () => {
    const missed = arraysOf(honest).flatMap((path) => {
      const list = at(honest, path) as unknown[];
      const others = [
        list.slice(1),
        list.slice(0, -1),
        [...list, ...list.slice(-1)],
        ...(list.length > 1 ? [list.toReversed()] : []),
      ];
      return others
        .filter((other) => JSON.stringify(other) !== JSON.stringify(list)) // a list of two that are alike
        .filter((other) => {
          const bundle = structuredClone(honest);
          put(bundle, path, other);
          return !isFound(bundle);
        })
        .map(() => path.join("."));
    });
    expect(missed).toEqual([]);
  });

  /** What nobody but the controller says. */
  const ITS_WORD =
    /^(?:exportedAt|exportedBy|events|devices\.\d+\.(?:name|enrolledAt|enrolledBy|status)|devices\.2\.publicKey)(?:\.|$)/;
  const signed = leavesOf(honest.body).filter((path) => !ITS_WORD.test(path.join(".")));
  test("by the controller itself, which seals it anew, does not hold in whatever others signed", () => {
    const runs = process.env["RINGBACK_TEST_FULL"] === "1" ? 10_000 : 200;
    fc.assert(
      fc.property(fc.constantFrom(...signed), place, (path, character) => {
        const bundle = anEvidenceBundle((body) => put(body, path, changed(at(body, path), character)));
        expect(isFound(bundle)).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});

describe("whoever was installed with a later trust document", () => {
  test("verifies from there on: what stands before it proves nothing to him and is not asked", () => {
    expect(check(anEvidenceBundle(), SECOND_TRUST).holds).toBe(true);
    const bent = anEvidenceBundle((body) => void (present(body.trust[0]).payload = btoa("anything")));
    expect(check(bent, SECOND_TRUST).holds).toBe(true);
    expect(check(bent, TRUST_ROOT).holds).toBe(false);
  });

  test("believes no policy of holders whom he never knew, and no order of the time before", () => {
    const byStranger = seal(PAYLOAD_TYPES.policy, POLICY, [aKey("a stranger")]);
    const before = anEvidenceBundle((body) => void body.policies.unshift(byStranger));
    expect(check(before, SECOND_TRUST).holds).toBe(true);
    expect(check(before, TRUST_ROOT).holds).toBe(false);
    expect(
      check(
        anEvidenceBundle((body) => void (body.policies = [byStranger])),
        SECOND_TRUST,
      ).holds,
    ).toBe(false);
    expect(
      check(
        anEvidenceBundle((body) => void body.policies.push(byStranger)),
        SECOND_TRUST,
      ).holds,
    ).toBe(false);
    const early = anEvidenceBundle((body) => {
      firstOrder(body).order = anOrder(ONE, 0, { issuedAt: later(STATEMENT.validFrom, -2 * 86_400_000) });
    });
    expect(check(early, SECOND_TRUST).checks.find(({ name }) => name === "orders")?.faults).toEqual([
      `${ONE}: no trust document was in force then`,
    ]);
  });
});

describe("a controller that lies is found", () => {
  test("when it was pinned to another trust root", () => {
    expect(check(anEvidenceBundle(), digestOf("another")).holds).toBe(false);
  });

  test("when it leaves the first trust document out, or puts one of its own at the end", () => {
    expect(brokenBy((body) => void body.trust.shift())).toContain("trust");
    const latest = (body: EvidenceBody) => peek(present(body.trust.at(-1)), TrustDocument);
    const third = (body: EvidenceBody) => ({ ...latest(body), version: 3 });
    expect(brokenBy((body) => void body.trust.push(sealTrust(third(body), "rolf", "ruth")))).toEqual([]);
    // rita is of the roots before the last, and one voice is not two
    expect(brokenBy((body) => void body.trust.push(sealTrust(third(body), "rita", "rolf")))).toContain("trust");
    expect(brokenBy((body) => void body.trust.push(sealTrust(third(body), "rolf")))).toContain("trust");
    const mine = (body: EvidenceBody) => ({ ...third(body), roots: { ...latest(body).roots, threshold: 1 } });
    expect(brokenBy((body) => void body.trust.push(sealTrust(mine(body), "rolf")))).toContain("trust");
    const skips = (body: EvidenceBody) => ({ ...latest(body), version: 4 });
    expect(brokenBy((body) => void body.trust.push(sealTrust(skips(body), "rolf", "ruth")))).toContain("trust");
  });

  test.each([
    ["one approver", ["ada"]],
    ["one approver twice", ["ada", "ada"]],
    ["people who approve nothing", ["rolf", "paul"]],
    ["strangers", ["eve", "mallory"]],
  ])("when the plan was approved by %s", (_, people) => {
    expect(brokenBy((body) => Object.assign(body, { statement: sealStatement(STATEMENT, ...people) }))).toEqual([
      "approvals",
    ]);
  });

  test("when the approvals are those of another plan", () => {
    const other: PlanStatement = { ...STATEMENT, planId: planIdOf("another plan") };
    expect(brokenBy((body) => Object.assign(body, { statement: sealStatement(other) }))).toContain("statement");
    const borrowed = sealStatement(other).signatures;
    expect(brokenBy((body) => Object.assign(body.statement, { signatures: borrowed }))).toEqual(["approvals"]);
  });

  test("when approvals for rolling back are shown as such for restoring", () => {
    expect(brokenBy((body) => Object.assign(body.statement, { payloadType: PAYLOAD_TYPES.restore }))).toContain(
      "statement",
    );
  });

  test.each([
    ["the steps", { sources: [{ ...present(POLICY.sources[0]), steps: ["reboot"] }] }],
    ["the folder", { sources: [{ ...present(POLICY.sources[0]), roots: ["C:\\Elsewhere"] }] }],
    ["the source", { sources: [] }],
    ["so many files", { limits: { ...POLICY.limits, filesPerOrderMax: 1 } }],
    ["so long a validity", { limits: { ...POLICY.limits, validityMsMax: 60_000 } }],
  ])("when policy did not allow %s", (_, over) => {
    const policies = [seal(PAYLOAD_TYPES.policy, { ...POLICY, ...over }, [aKey("paul")])];
    expect(brokenBy((body) => Object.assign(body, { policies }))).toEqual(["policy"]);
  });

  const sealedPolicy = (policy: object, by = "paul") => [seal(PAYLOAD_TYPES.policy, policy, [aKey(by)])];
  test("when policy was signed by others, or was issued later", () => {
    expect(brokenBy((body) => Object.assign(body, { policies: sealedPolicy(POLICY, "ada") }))).toContain("policy");
    const later = { ...POLICY, issuedAt: STATEMENT.validUntil + 1 };
    expect(brokenBy((body) => Object.assign(body, { policies: sealedPolicy(later) }))).toContain("policy");
  });

  test("when policy asked for a key file, and approvers used passkeys alone", () => {
    const policies = sealedPolicy({ ...POLICY, limits: { ...POLICY.limits, keyFileAboveDevices: 2 } });
    expect(brokenBy((body) => Object.assign(body, { policies }))).toEqual([]); // by two key files
    const [ada, cleo] = [anAuthenticator(), anAuthenticator()];
    const approvers = aTrustRole(
      2,
      aPerson("ada", { keys: [ada.key] }),
      aPerson("cleo", { keys: [cleo.key, keyOf(aKey("cleo"))] }),
    );
    const byPasskeys = (body: EvidenceBody, ...signatures: EvidenceBody["statement"]["signatures"]): void => {
      const last = { ...peek(present(body.trust.pop()), TrustDocument), approvers, passkeys: PASSKEYS };
      body.trust.push(sealTrust(last, "rolf", "rosa"));
      Object.assign(body.statement, { signatures });
    };
    const file = present(sealStatement(STATEMENT, "cleo").signatures[0]);
    const by = ({ key, assert }: typeof ada, { statement }: EvidenceBody) => ({
      keyid: key.keyId,
      sig: assert(statement),
    });
    expect(brokenBy((body) => byPasskeys(body, by(ada, body), by(cleo, body)))).toEqual([]);
    const asked = (body: EvidenceBody): void => void Object.assign(body, { policies });
    expect(brokenBy((body) => (asked(body), byPasskeys(body, by(ada, body), by(cleo, body))))).toEqual(["approvals"]);
    expect(brokenBy((body) => (asked(body), byPasskeys(body, by(ada, body), by(cleo, body), file)))).toEqual([]);
  });

  test.each([
    ["for a device that is not in the signed set", { deviceId: deviceIdOf("a stranger") }],
    ["in another wave than the signed one", { wave: 1, gate: { wave: 0, passedAt: STATEMENT.validFrom } }],
    ["before its time", { issuedAt: STATEMENT.validFrom - 1 }],
    ["after its time", { issuedAt: STATEMENT.validUntil + 1 }],
    ["of another plan", { planId: planIdOf("another plan") }],
    ["of another statement", { statementDigest: digestOf("another") }],
    ["of another rollout", { rolloutId: "rollout_00000000000000000000000000" }],
  ])("when it ordered %s", (_, over) => {
    const bent = (body: EvidenceBody) => Object.assign(firstOrder(body), { order: anOrder(ONE, 0, over as object) });
    expect(brokenBy(bent)).toContain("orders");
  });

  test("when a later wave was ordered without the word that the gate before it had passed", () => {
    const bent = (gate: unknown) => (body: EvidenceBody) =>
      Object.assign(present(present(body.devices[2]).orders[0]), { order: anOrder(THREE, 1, { gate: gate as null }) });
    expect(brokenBy(bent(null))).toContain("orders");
    expect(brokenBy(bent({ wave: 0, passedAt: STATEMENT.validUntil }))).toContain("orders");
  });

  test("when the order shown for a device is another one's", () => {
    expect(brokenBy((body) => Object.assign(firstOrder(body), { order: anOrder(TWO, 0) }))).toContain("orders");
  });

  test("when an order stands there twice", () => {
    expect(brokenBy((body) => void present(body.devices[0]).orders.push(firstOrder(body)))).toContain("orders");
  });

  test.each<[string, (body: EvidenceBody) => unknown]>([
    ["the first is left out", (body) => firstOrder(body).steps.shift()],
    ["the last of a step is left out", (body) => firstOrder(body).steps.pop()],
    ["all of steps are left out", (body) => firstOrder(body).steps.splice(0)],
    ["they are in another order", (body) => firstOrder(body).steps.reverse()],
    ["one is there twice", (body) => firstOrder(body).steps.push(present(firstOrder(body).steps[1]))],
    ["they are another device's", (body) => Object.assign(firstOrder(body), receiptsOf(TWO, ["done", "done"]))],
    [
      "the last one is another device's",
      (body) => Object.assign(firstOrder(body), { receipt: receiptsOf(TWO, ["done"]).receipt }),
    ],
    [
      "those of steps are of another plan",
      (body) =>
        Object.assign(firstOrder(body), receiptsOf(ONE, ["done", "done"], {}, { planId: planIdOf("another plan") })),
    ],
    [
      "the last one names other receipts of steps",
      (body) =>
        Object.assign(firstOrder(body), receiptsOf(ONE, ["done", "done"], { lastStepReceipt: digestOf("other") })),
    ],
    [
      "another key signed them",
      (body) => Object.assign(present(body.devices[0]), { publicKey: aKey("eve").publicKey }),
    ],
    [
      "the last one says more than those of the steps",
      (body) => {
        const { steps } = receiptsOf(ONE, ["done"]);
        const lied = {
          ...peek(present(firstOrder(body).receipt ?? undefined), Receipt),
          lastStepReceipt: payloadDigest(present(steps[0])),
        };
        Object.assign(firstOrder(body), { steps, receipt: seal(PAYLOAD_TYPES.receipt, lied, [deviceKeyOf(ONE)]) });
      },
    ],
    [
      "they are of another plan",
      (body) => {
        const other = {
          ...peek(present(firstOrder(body).receipt ?? undefined), Receipt),
          planId: planIdOf("another plan"),
        };
        Object.assign(firstOrder(body), { receipt: seal(PAYLOAD_TYPES.receipt, other, [deviceKeyOf(ONE)]) });
      },
    ],
  ])("in receipts: %s", (_, bend) => {
    expect(brokenBy((body) => void bend(body))).toContain("receipts");
  });

  test.each<[string, (body: EvidenceBody) => unknown]>([
    ["leaves one out", (body) => body.devices.pop()],
    [
      "names one that was not planned",
      (body) => Object.assign(present(body.devices[2]), { deviceId: deviceIdOf("x") }),
    ],
    ["names one twice", (body) => body.devices.push(present(body.devices[2]))],
    [
      "counts as recovered one that never answered",
      (body) => Object.assign(present(body.devices[2]), { status: "succeeded" }),
    ],
    ["counts as failed one that succeeded", (body) => Object.assign(present(body.devices[0]), { status: "failed" })],
    ["hides the last receipt of one that it counts", (body) => Object.assign(firstOrder(body), { receipt: null })],
    ["hides the order of one that it counts", (body) => present(body.devices[0]).orders.splice(0)],
    [
      "gives two devices one key",
      (body) => Object.assign(present(body.devices[2]), { publicKey: deviceKeyOf(ONE).publicKey }),
    ],
  ])("in devices: it %s", (_, bend) => {
    expect(brokenBy((body) => void bend(body))).toContain("devices");
  });

  test.each<[string, (body: EvidenceBody) => unknown]>([
    ["it ordered before a wave had been opened", (body) => body.events.splice(2, 1)],
    ["they do not begin with the start", (body) => body.events.shift()],
    ["they are out of order", (body) => body.events.reverse()],
  ])("in events: %s", (_, bend) => {
    expect(brokenBy((body) => void bend(body))).toContain("events");
  });
});
