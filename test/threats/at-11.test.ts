/**
 * AT-11: fast-forward. Somebody had the highest number there is signed once; the people who hold the roots find a way
 * out, with a real keeper and a real agent, and the number counts no more.
 */
import { expect, test } from "vitest";
import { ContentSourceId } from "../../protocol/content.ts";
import { payloadDigest } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import { ADA, aBelief, APPROVERS, aPlan, BEN, PAUL, PEOPLES_TRUST, POLICY, RITA, ROLF } from "../support/attack.ts";
import { aContentMachine, FAULTY_FILE } from "../support/content-machine.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { sha256Of } from "../support/fake-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { aKey } from "../support/keys.ts";
import { aPlaybook, aStrategy } from "../support/plan-builders.ts";
import { aFreshWord, aHolder, aPolicy, ONLINE, ROOT, sealPolicy, sealTrust } from "../support/trust.ts";
import { approvedPlan, publish, publishPolicy } from "../support/two-approvers.ts";
import { trustFrames } from "../../controller/gateway/trust-frames.ts";
import { believe, newBelief, versionsOf } from "../../agent/core/belief.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";

const HIGHEST = Number.MAX_SAFE_INTEGER;
const SOURCE = ContentSourceId.parse("acme.channel-7");
const PIA = aKey("pia");

/** A controller with one device, and the agent of that device as far as trust and orders go. */
async function given() {
  const controller = await ControllerHarness.open();
  const id: DeviceId = await controller.bring(1);
  await publish(controller, {
    approvers: APPROVERS,
    policyHolders: { threshold: 1, holders: [aHolder("paul", PAUL)] },
  });
  const machine = aContentMachine();
  const pin = payloadDigest(controller.trust.documents[0] ?? controller.trust.policyEnvelope);
  const kept = { belief: newBelief(pin) };
  const agent = await anInMemoryAgent(machine, [], { deviceId: id }, kept);
  const pass = async (ms: number): Promise<void> => {
    controller.clock.advance(ms);
    await machine.advance(ms);
  };
  agent.controller.word = (nonce) => aFreshWord(id, nonce, controller.clock.now(), controller.trust.versions, ONLINE);
  /** What the gateway does after every change. */
  const tell = async (): Promise<void> => {
    for (const frame of trustFrames(controller.trust, versionsOf(kept.belief))) agent.send(JSON.parse(frame) as object);
    await pass(1_000);
  };
  const offer = async (orders: readonly Order[]): Promise<readonly unknown[]> => {
    const before = agent.heard.length;
    agent.controller.mailbox = orders;
    agent.send({ type: "nudge" });
    await pass(30_000);
    for (const { body } of agent.heard.slice(before)) if (body.kind === "order-refused") await controller.say(id, body);
    return agent.heard.slice(before).map(({ body }) => ("rule" in body ? `${body.kind} ${body.rule}` : body.kind));
  };
  await pass(1_000);
  return { controller, id, machine, kept, tell, offer, pass };
}

/** Made, approved by two and started; answers what lies in the device's mailbox. */
async function started({ controller, id }: Awaited<ReturnType<typeof given>>): Promise<readonly Order[]> {
  const steps = [
    {
      kind: "quarantine-file" as const,
      files: "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys",
      where: { sha256: [sha256Of("faulty")] },
      filesMax: 2,
    },
  ];
  const plan = await approvedPlan(
    controller,
    {
      playbook: aPlaybook({ steps }),
      strategy: aStrategy({
        waves: [{ name: "all", take: { rest: true }, gate: aStrategy().waves[0]?.gate ?? raise() }],
      }),
    },
    [ADA, BEN],
  );
  await controller.administration.startRollout(plan, "anna");
  return controller.store.takeMailbox(id, controller.clock.now());
}
const raise = (): never => {
  throw new Error("the strategy of a test has a gate");
};

test("AT-11 after the highest policy version roots name other policy holders, and versions begin again", async () => {
  const at = await given();
  const { controller } = at;
  await publishPolicy(controller, { version: 2 }, PAUL);
  await publishPolicy(controller, { version: HIGHEST, sources: [] }, PAUL);
  await at.tell();
  expect(await at.offer(await started(at))).toContain("order-refused source-not-allowed");
  await expect(publishPolicy(controller, { ...aPolicy(), version: 3 }, PAUL)).rejects.toThrow(/older-version/);
  await publish(controller, { policyHolders: { threshold: 1, holders: [aHolder("pia", PIA)] } });
  await publishPolicy(controller, { ...aPolicy(), version: 1 }, PIA);
  await at.tell();
  expect(await at.offer(await started(at))).toContain("order-ended");
  expect(at.machine.files.has(FAULTY_FILE.toLowerCase())).toBe(false);
  await controller.stop();
});

test("AT-11 but no change of holders lets an older policy return while the newer one counts", () => {
  const narrow = sealPolicy({ ...POLICY, version: 5, sources: [] }, PAUL);
  const wide = sealPolicy({ ...POLICY, version: 4 }, PAUL);
  const more = { threshold: 1, holders: [aHolder("paul", PAUL), aHolder("pia", PIA)] };
  const { record } = believe(
    aBelief(undefined, narrow),
    [sealTrust({ ...PEOPLES_TRUST, version: 3, policyHolders: more }, RITA, ROLF)],
    wide,
    verifyRaw,
  );
  expect(record.policy).toEqual(narrow);
});

test("AT-11 after the highest generation roots begin a new era, on the controller and on the device", async () => {
  const at = await given();
  const { controller } = at;
  await publishPolicy(controller, { ...aPolicy(), version: 2 }, PAUL);
  await at.tell();
  const spent = aPlan({
    seed: "spent",
    waves: [[at.id]],
    statement: { generation: HIGHEST, source: SOURCE },
    signers: [ADA, BEN],
  }).orderFor(at.id);
  expect(await at.offer([spent])).toContain("order-accepted");
  expect(await at.offer(await started(at))).toContain("order-refused older-generation");
  await publish(controller, { eras: [{ source: SOURCE, era: 2 }] });
  await at.tell();
  const orders = await started(at);
  expect(await at.offer(orders)).toContain("order-accepted");
  // What was of the first era is over, the highest generation with it.
  const again = aPlan({ seed: "again", waves: [[at.id]], statement: { generation: HIGHEST, source: SOURCE } });
  expect(await at.offer([again.orderFor(at.id)])).toContain("order-refused older-generation");
  await controller.stop();
});

test("AT-11 a controller whose own count of generations is at its end says what to do, and an era ends it", async () => {
  const { openSqliteStoreInThread } = await import("../../controller/storage/sqlite.ts");
  const store = openSqliteStoreInThread(":memory:");
  const spent = {
    ...store,
    nextGeneration: (_source: ContentSourceId, era: number) => Promise.resolve(era === 1 ? 2 ** 53 : 1),
  };
  const controller = await ControllerHarness.open({}, Object.setPrototypeOf(spent, store) as typeof store);
  await controller.bring(1);
  await expect(approvedPlan(controller, {}, [])).rejects.toThrow(/used up[^]*new era/);
  await controller.trust.publishTrust(
    sealTrust({ ...controller.trust.document, version: 2, eras: [{ source: SOURCE, era: 2 }] }, ROOT),
  );
  await expect(approvedPlan(controller, {}, [])).resolves.toMatch(/^plan_/);
  await controller.stop();
});

test("AT-11 no trust document skips to the highest version", () => {
  const before = aBelief();
  for (const version of [HIGHEST, 4, 2, 1]) {
    const taken = believe(
      before,
      [sealTrust({ ...PEOPLES_TRUST, version, issuedAt: (PEOPLES_TRUST.issuedAt + 1) as never }, RITA, ROLF)],
      undefined,
      verifyRaw,
    );
    expect(taken.refused[0]?.refusal.rule).toBe("not-the-next-version");
    expect(taken.record).toBe(before);
  }
});
