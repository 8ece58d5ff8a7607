/** Stopping everything and letting it go on, holds and refusals, over a real store and a real orchestrator. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreFailed } from "../../controller/store/failures.ts";
import type { Method } from "../../controller/storage/store-methods.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { fromBase64, pae, toBase64 } from "../../protocol/dsse.ts";
import type { EmergencyView, HoldView } from "../../protocol/api-emergency.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { EmergencyStop } from "../../protocol/emergency.ts";
import { type DeviceId, newId } from "../../protocol/ids.ts";
import { TRUST_LIFETIME_MS_MAX } from "../../protocol/trust-document.ts";
import { later } from "../../protocol/time.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aKey, type TestKey } from "../support/keys.ts";
import { aHolder, APPROVER, sealTrust } from "../support/trust.ts";
import { watched } from "../support/watched-store.ts";

const BOB = aKey("bob");
const SOURCE = ContentSourceId.parse("acme.content-7");
let isDown = false;
let harness: ControllerHarness;
let id: DeviceId;
beforeEach(async () => {
  isDown = false;
  const store = watched(openSqliteStoreInThread(":memory:"), async (_method: Method) => {
    if (isDown) throw new StoreFailed("unreachable", "a test has cut the line");
  });
  harness = await ControllerHarness.open({ log: SILENT }, store);
  id = await harness.bring(1);
});
afterEach(() => {
  isDown = false;
  return harness.stop();
});
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Two people have to approve from now on. */
async function needTwo(): Promise<void> {
  const { document } = harness.trust;
  const approvers = { threshold: 2, holders: [aHolder("ada", APPROVER), aHolder("bob", BOB)] };
  const at = harness.clock.now();
  const next = { ...document, version: document.version + 1, issuedAt: at, approvers };
  await harness.trust.publishTrust(sealTrust({ ...next, expiresAt: later(at, TRUST_LIFETIME_MS_MAX) }));
}
const signature = (
  { signed, statementDigest }: Pick<HoldView, "signed" | "statementDigest">,
  key: TestKey,
): { statementDigest: HoldView["statementDigest"]; keyId: TestKey["keyId"]; sig: string } => ({
  statementDigest,
  keyId: key.keyId,
  sig: toBase64(key.sign(pae(signed.payloadType, fromBase64(signed.payload)))),
});
function wordOf({ inForce }: EmergencyView) {
  const word = inForce[0]?.word;
  if (word === undefined || word === null) throw new Error("there is no word to sign");
  return word;
}
const told = () =>
  harness.told.map((text) => JSON.parse(text) as { type: string; resume?: unknown; released?: unknown });
const phases = async () => (await harness.administration.rollouts()).items.map(({ phase }) => phase);

test("a trust document that comes before the policy of its new holders is told as what it is: devices allow nothing", async () => {
  expect((await harness.administration.trust()).sentence).not.toContain("Devices allow nothing");
  const { document } = harness.trust;
  const at = harness.clock.now();
  const policyHolders = { threshold: 1, holders: [aHolder("bob", BOB)] };
  const next = { ...document, version: document.version + 1, issuedAt: at, policyHolders };
  await harness.trust.publishTrust(sealTrust({ ...next, expiresAt: later(at, TRUST_LIFETIME_MS_MAX) }));
  expect((await harness.administration.trust()).sentence).toContain("Devices allow nothing");
});

describe("an emergency stop", () => {
  test("halts every rollout, is told at once, and lets nothing be started or resumed", async () => {
    const rollout = await harness.start();
    const view = await harness.administration.stopEverything("it spreads", "Ada");
    expect(view.inForce).toMatchObject([{ stored: true, stop: { by: "Ada", because: "it spreads" } }]);
    expect(await phases()).toEqual(["halted"]);
    expect(told()).toMatchObject([{ type: "emergency", resume: null }]);
    await expect(harness.administration.act(rollout.id, "resume", "Ada", "go on")).rejects.toThrow(
      "stopped everything",
    );
    await expect(harness.start()).rejects.toThrow("stopped everything");
    const again = await harness.administration.stopEverything("again", "Bob");
    expect(again.inForce).toHaveLength(1);
  });

  test("is ended by two who sign in the same moment", async () => {
    await needTwo();
    const word = wordOf(await harness.administration.stopEverything("it spreads", "Ada"));
    await Promise.all([
      harness.administration.addResumeApproval(signature(word, APPROVER), "Ada"),
      harness.administration.addResumeApproval(signature(word, BOB), "Bob"),
    ]);
    expect((await harness.administration.emergency()).inForce).toEqual([]);
  });

  test("that devices name and nobody here knows can be taken over by its name, and is ended like any other", async () => {
    const stopId = newId("stop", harness.clock.now(), new Uint8Array(10).fill(7));
    await harness.administration.stopEverything("of a database that was lost", "Ada", stopId);
    const view = await harness.administration.stopEverything("once more", "Ada", stopId);
    expect(view.inForce.map(({ stop }) => stop.stopId)).toEqual([stopId]);
    const { inForce, ended } = await harness.administration.addResumeApproval(signature(wordOf(view), APPROVER), "Ada");
    expect([inForce.length, ended.length]).toEqual([0, 1]);
    expect((await harness.administration.stopEverything("again", "Ada", stopId)).inForce).toEqual([]);
  });

  test("is ended by as many approvers as a plan needs", async () => {
    await needTwo();
    const word = wordOf(await harness.administration.stopEverything("it spreads", "Ada"));
    expect(word.approvalsNeeded).toBe(2);
    const one = await harness.administration.addResumeApproval(signature(word, APPROVER), "Ada");
    expect(one.inForce).toHaveLength(1);
    expect(told().some(({ resume }) => resume !== null)).toBe(false);
    const both = await harness.administration.addResumeApproval(signature(word, BOB), "Bob");
    expect(both.inForce).toEqual([]);
    expect(both.ended).toMatchObject([{ resumedBy: "Dr ada, Dr bob" }]);
    expect(told().at(-1)).toMatchObject({ type: "emergency", resume: { signatures: [{}, {}] } });
  });

  test("is not ended by strangers, by another text, or by one person twice", async () => {
    await needTwo();
    const word = wordOf(await harness.administration.stopEverything("it spreads", "Ada"));
    await expect(harness.administration.addResumeApproval(signature(word, aKey("eve")), "Eve")).rejects.toThrow(
      "no good signature",
    );
    await harness.administration.addResumeApproval(signature(word, APPROVER), "Ada");
    await harness.administration.addResumeApproval(signature(word, APPROVER), "Ada");
    harness.clock.advance(1);
    const renewed = wordOf(await harness.administration.renewResume("Ada"));
    expect(renewed.approvals).toEqual([]);
    await expect(harness.administration.addResumeApproval(signature(word, BOB), "Bob")).rejects.toThrow(
      "something else by now",
    );
    expect((await harness.administration.emergency()).inForce).toHaveLength(1);
  });

  test("is ended by the starter key while that counts; rollouts stay halted until a person resumes them", async () => {
    const rollout = await harness.start();
    const word = wordOf(await harness.administration.stopEverything("it spreads", "Ada"));
    expect((await harness.administration.approveResume(word.statementDigest, "Ada")).inForce).toEqual([]);
    await harness.wait(60_000);
    expect(await phases()).toEqual(["halted"]);
    await harness.administration.act(rollout.id, "resume", "Ada", "it is safe");
    expect(await phases()).toEqual(["running"]);
  });

  test("pressed while the database is down is kept in a file and told first, and stored when it is back", async () => {
    await harness.start();
    isDown = true;
    const view = await harness.administration.stopEverything("it spreads", "Ada");
    expect(view.inForce).toMatchObject([{ stored: false, word: null }]);
    expect(harness.file.stops).toMatchObject([{ because: "it spreads" }]);
    expect(told()).toMatchObject([{ type: "emergency", resume: null }]);
    isDown = false;
    await harness.precautions.refresh();
    expect((await harness.administration.emergency()).inForce).toMatchObject([{ stored: true }]);
    expect(harness.file.stops).toEqual([]);
    await expect(harness.start()).rejects.toThrow("stopped everything");
  });

  test("that only the file has outlives the process", async () => {
    await harness.start();
    isDown = true;
    await harness.administration.stopEverything("it spreads", "Ada");
    isDown = false;
    await harness.restart();
    expect((await harness.administration.emergency()).inForce).toMatchObject([{ stored: true }]);
    expect(EmergencyStop.safeParse((await harness.store.stops(1))[0]?.stop).success).toBe(true);
    expect(harness.precautions.frames).toHaveLength(1);
  });
});

describe("a hold", () => {
  const make = (hours: number) =>
    harness.administration.makeHold({ source: SOURCE, hours, because: "the update crashes" }, "Ada");

  test("takes one approver for some hours and more for longer, and is told until its time is over", async () => {
    await needTwo();
    const long = await make(8);
    expect(long).toMatchObject({ standing: "waiting", approvalsNeeded: 2 });
    const short = await make(4);
    expect(short.approvalsNeeded).toBe(1);
    const signed = await harness.administration.addHoldApproval(short.id, signature(short, BOB), "Bob");
    expect(signed.standing).toBe("in-force");
    expect(told()).toMatchObject([{ type: "hold", released: false }]);
    expect((await harness.administration.addHoldApproval(long.id, signature(long, BOB), "Bob")).standing).toBe(
      "waiting",
    );
    await harness.administration.releaseHold(short.id, "Ada");
    expect(told().at(-1)).toMatchObject({ type: "hold", released: true });
    await harness.wait(9 * 3_600_000);
    await harness.precautions.refresh();
    expect(harness.precautions.frames).toEqual([]);
    await expect(harness.administration.addHoldApproval(long.id, signature(long, APPROVER), "Ada")).rejects.toThrow(
      "Make another one",
    );
  });

  test("that devices would refuse is not even stored", async () => {
    await expect(make(700)).rejects.toThrow("Devices would refuse");
    expect((await harness.administration.holds()).items).toEqual([]);
  });
});

describe("refusals", () => {
  test("are listed with rule, device and what to do, newest first, a page at a time", async () => {
    await harness.start();
    await harness.wait(0);
    const pulled = await harness.pull(id);
    if (pulled === undefined) throw new Error("no order");
    const { orderId } = pulled;
    await harness.say(id, { kind: "order-refused", orderId, rule: "under-signed", because: "1 of 2 have signed" });
    harness.clock.advance(1_000);
    await harness.say(id, { kind: "trust-refused", what: "hold", rule: "held-too-often", because: "once a day" });
    const first = await harness.administration.refusals({ limit: 1 });
    expect(first.items).toMatchObject([
      { device: id, name: "pc-1", what: "hold", rule: "held-too-often", order: null },
    ]);
    const second = await harness.administration.refusals({ limit: 1, cursor: first.next ?? "" });
    expect(second).toMatchObject({ items: [{ what: "order", order: orderId, rule: "under-signed" }], next: null });
    expect(second.items[0]?.advice).toContain("Have more approvers sign");
    await expect(harness.administration.refusals({ limit: 1, cursor: "1.2.3" })).rejects.toThrow("cursor");
  });
});
