/** Who is not accepted is in no plan and no count; a person's word changes that at once. */
import { afterEach, describe, expect, test } from "vitest";
import { type DeviceStanding, EnrolmentToken, TokenRequest } from "../../protocol/enrolment.ts";
import { Image } from "../../protocol/names.ts";
import type { DeviceId, RolloutId } from "../../protocol/ids.ts";
import { later } from "../../protocol/time.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aTokenRow, anEnrolment, GROUP } from "../support/enrolment.ts";
import { device } from "../support/fleet-builders.ts";
import { aGate, aPlanRequest, aStrategy } from "../support/plan-builders.ts";
import { present } from "../support/present.ts";

const open: ControllerHarness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});
async function aController(): Promise<ControllerHarness> {
  const harness = await ControllerHarness.open();
  open.push(harness);
  return harness;
}
async function enrol(
  { store, orchestrator, clock }: ControllerHarness,
  n: number,
  over: Parameters<typeof anEnrolment>[1] = {},
): Promise<void> {
  if ((await store.enrolmentToken(aTokenRow().hash)) === undefined) {
    const expiresAt = later(clock.now(), 86_400_000);
    await store.addEnrolmentToken(aTokenRow({ usesMax: 100, expiresAt, pool: over.image !== undefined }));
  }
  expect(await store.enrol(orchestrator.deps.stream, anEnrolment(n, over), clock.now())).toMatchObject({
    kind: "enrolled",
  });
  await orchestrator.catchUp();
}
const devicesOf = async ({ administration }: ControllerHarness, over: Parameters<typeof aPlanRequest>[0] = {}) => {
  const { waves } = await administration.makePlan(aPlanRequest(over), "anna");
  return waves.reduce((sum, { deviceCount }) => sum + deviceCount, 0);
};

describe("a device that enrolled", () => {
  test.each(["pending", "cloned", "revoked"] as const)(
    "is in no plan while it is %s, also when it is named",
    async (standing: DeviceStanding) => {
      const controller = await aController();
      await controller.bring(1);
      await enrol(controller, 2, { standing: "pending", because: "It waits." });
      if (standing !== "pending") {
        const { store, orchestrator, clock } = controller;
        await store.setStanding(orchestrator.deps.stream, device(2), standing, "For a test.", clock.now());
        await orchestrator.catchUp();
      }
      expect(await devicesOf(controller)).toBe(1);
      const named = controller.administration.makePlan(aPlanRequest({ devices: { devices: [device(2)] } }), "anna");
      await expect(named).rejects.toMatchObject({ code: "nothing-selected" });
      const overview = await controller.administration.overview();
      expect(overview).toMatchObject({ devices: 1, standings: { accepted: 1, [standing]: 1 } });
      const view = await controller.administration.device(device(2));
      expect(view).toMatchObject({ standing, counts: false });
      expect(view.standingAdvice).toContain(`ringback devices accept ${device(2)}`);
    },
  );

  test("is planned for from the moment that a person accepts it, and not once he revokes it", async () => {
    const controller = await aController();
    await controller.bring(1);
    await enrol(controller, 2, { standing: "pending", because: "It waits." });
    const view = await controller.administration.setStanding(device(2), "accepted", "Ada", "I know it.");
    expect(view).toMatchObject({ standing: "accepted", counts: true, standingBecause: "Accepted by Ada: I know it." });
    expect(await devicesOf(controller)).toBe(2);
    await controller.administration.setStanding(device(2), "revoked", "Ada", "It was sold.");
    expect(await devicesOf(controller)).toBe(1);
    await expect(controller.administration.setStanding(device(9), "revoked", "Ada", "x")).rejects.toMatchObject({
      code: "not-found",
    });
  });

  test("belongs to the group that it enrolled for, and a restart forgets nothing of it", async () => {
    const controller = await aController();
    await controller.bring(1);
    await enrol(controller, 2);
    await enrol(controller, 3, { standing: "pending", because: "It waits." });
    expect(await devicesOf(controller, { devices: { groups: [GROUP] } })).toBe(1);
    await controller.restart();
    expect(await devicesOf(controller, { devices: { groups: [GROUP] } })).toBe(1);
    expect((await controller.administration.overview()).standings).toMatchObject({ accepted: 2, pending: 1 });
  });

  test("of an image stands for all of it: a plan has one of them", async () => {
    const controller = await aController();
    await controller.bring(1);
    const image = Image.parse("vdi-1");
    for (const n of [2, 3, 4]) await enrol(controller, n, { image });
    expect(await devicesOf(controller)).toBe(2);
    expect(await controller.administration.overview()).toMatchObject({ devices: 2 });
    const list = await controller.administration.devices({ limit: 10, sort: "id", order: "ascending" });
    expect(list).toMatchObject({ fleet: 4, counted: 2, gone: 0 });
  });

  test("of an image is left out when it was not heard for a day: how many are is said, and its page says why", async () => {
    const controller = await aController();
    await controller.bring(1);
    const image = Image.parse("vdi-1");
    for (const n of [2, 3]) await enrol(controller, n, { image });
    await controller.wait(25 * 3_600_000);
    const ask = { limit: 10, sort: "id", order: "ascending" } as const;
    expect(await controller.administration.devices(ask)).toMatchObject({ fleet: 1, total: 1, gone: 2, counted: 1 });
    expect((await controller.administration.devices({ ...ask, gone: "yes" })).items).toHaveLength(2);
    expect(await controller.administration.overview()).toMatchObject({ devices: 1, standings: { accepted: 1 } });
    const view = await controller.administration.device(device(2));
    expect(view).toMatchObject({ counts: false, standingAdvice: expect.stringContaining("thrown away") as string });
    expect(await devicesOf(controller)).toBe(1);
    expect(await controller.store.devicesAfter(null, 10)).toHaveLength(3);
  });
});

describe("a device that is shut out while a rollout runs", () => {
  const rowOf = async ({ administration }: ControllerHarness, rollout: RolloutId, wanted: DeviceId) =>
    present((await administration.rolloutDevices(rollout, { limit: 100 })).items.find((row) => row.device === wanted));
  const WORDS = { revoked: /^revoked: .*accept it and make a plan/, cloned: /^cloned: .*identity of its own/ } as const;
  const shutOut = async (controller: ControllerHarness, id: DeviceId, standing: keyof typeof WORDS) => {
    const { store, orchestrator, clock } = controller;
    if (standing === "revoked") await controller.administration.setStanding(id, standing, "Ada", "It was sold.");
    else await store.setStanding(orchestrator.deps.stream, id, standing, "Two live with it.", clock.now());
    await orchestrator.catchUp();
  };
  const withOneAtATime = (over: Parameters<typeof aGate>[0] = {}) => ({
    strategy: aStrategy({
      waves: [{ name: "all", take: { rest: true }, gate: aGate({ sampleMin: { share: 1 }, ...over }) }],
      budgets: { inFlightMax: 1 },
    }),
  });

  test.each(["revoked", "cloned"] as const)(
    "waits for nothing if it had not begun: %s is said, its order is taken away, and the wave goes on without it",
    async (standing) => {
      const controller = await aController();
      const [first, second, third] = [await controller.bring(1), await controller.bring(2), await controller.bring(3)];
      const { id } = await controller.start(withOneAtATime());
      expect(await rowOf(controller, id, first)).toMatchObject({ status: "offered" });
      await shutOut(controller, first, standing);
      const row = { status: "not-applicable", detail: expect.stringMatching(WORDS[standing]) as string };
      expect(await rowOf(controller, id, first)).toMatchObject(row);
      expect(await controller.pull(first)).toBeUndefined();
      await shutOut(controller, third, standing);
      expect(await rowOf(controller, id, third)).toMatchObject(row);

      await controller.carryOut(second);
      const view = await controller.administration.rollout(id);
      expect(view.waves[0]).toMatchObject({ counts: { succeeded: 1, notApplicable: 2, failed: 0, waiting: 0 } });
      expect(view.waves[0]?.decision).toMatchObject({ sample: 1, observed: 1 });
      await controller.restart();
      expect(await rowOf(controller, id, first)).toMatchObject(row);
    },
  );

  test.each(["revoked", "cloned"] as const)(
    "counts against its wave if it had begun: what becomes of it is not known, whatever %s says later",
    async (standing) => {
      const controller = await aController();
      const first = await controller.bring(1);
      await controller.bring(2);
      const { id } = await controller.start(withOneAtATime({ failureShareMax: 0.9, successShareMin: 0.1 }));
      const { orderId, order } = present(await controller.pull(first));
      await controller.say(first, { kind: "order-accepted", orderId });
      await shutOut(controller, first, standing);
      const row = { status: "failed", detail: expect.stringMatching(WORDS[standing]) as string };
      expect(await rowOf(controller, id, first)).toMatchObject(row);
      expect(controller.stopped).toContain(orderId);
      await controller.say(first, controller.ended(first, order, "succeeded"));
      expect(await rowOf(controller, id, first)).toMatchObject(row);
      const { counts, waves } = await controller.administration.rollout(id);
      expect(counts).toMatchObject({ succeeded: 0, failed: 1 });
      expect(waves[0]?.decision).toMatchObject({ sample: 1, observed: 0 });
    },
  );

  test("between its plan and the start is in no order either, and has nothing to wait for", async () => {
    const controller = await aController();
    const { administration } = controller;
    const [first] = [await controller.bring(1), await controller.bring(2)];
    const plan = await administration.makePlan(aPlanRequest(), "anna");
    await administration.approvePlan(plan.id, plan.digest, "anna");
    await shutOut(controller, first, "revoked");
    const { id } = await administration.startRollout(plan.id, "anna");
    expect(await rowOf(controller, id, first)).toMatchObject({
      status: "not-applicable",
      detail: expect.stringMatching(WORDS.revoked) as string,
    });
  });
});

test("a token is shown once: what is stored and listed is not it", async () => {
  const { administration, store } = await aController();
  const request = TokenRequest.parse({ group: "ward-pcs", site: "Ward 7", role: "clinical" });
  const { token, view } = await administration.makeEnrolmentToken(request, "Ada");
  expect(EnrolmentToken.safeParse(token).success).toBe(true);
  const listed = await administration.enrolmentTokens();
  expect(listed.items).toEqual([view]);
  expect(JSON.stringify([listed, await store.enrolmentTokens(10)])).not.toContain(token.slice(4));
  await administration.revokeEnrolmentToken(view.id, "Bob");
  expect((await administration.enrolmentTokens()).items).toMatchObject([{ state: "revoked", revokedBy: "Bob" }]);
  await expect(administration.revokeEnrolmentToken(view.id, "Bob")).rejects.toMatchObject({ code: "not-found" });
});
