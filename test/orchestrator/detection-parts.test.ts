/** What detection remembers of many devices is stored in parts: nothing waits for it, and a kill at any point loses nothing. */
import { afterEach, expect, test } from "vitest";
import { createDetector } from "../../controller/detection/detector.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { Method } from "../../controller/storage/store-methods.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { BAD, DetectedFleet, MINUTE } from "../support/detected-fleet.ts";
import { present } from "../support/present.ts";
import { watched } from "../support/watched-store.ts";

const SECOND = 1_000;
const controllers: ControllerHarness[] = [];
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.stop();
});

/** 120 machines, stored five rows at a time. `before` may hold a call of the store, or fail it. */
async function aFleet() {
  const gate = { before: async (_method: Method): Promise<void> => undefined };
  const store = watched(openSqliteStoreInThread(":memory:"), (method) => gate.before(method));
  const detection = { makeDetector: createDetector, pace: 1, partRows: 5 };
  const controller = await ControllerHarness.open({ detection }, store);
  controllers.push(controller);
  const fleet = new DetectedFleet(controller);
  await fleet.open(120, 10);
  return { fleet, controller, gate };
}
const evidenceAgainst = async ({ administration }: ControllerHarness) => {
  const { versions } = await administration.detection();
  return present(versions.find(({ sha256 }) => sha256 === BAD.sha256)).counts.e;
};

test.each<[Method, number]>([
  ["stageDetection", 1],
  ["stageDetection", 4],
  ["saveDetection", 1],
  ["takeDetectionParts", 1],
  ["takeDetectionParts", 3],
])("killed at call of %s number %s, it goes on with the same numbers", async (method, at) => {
  const { fleet, controller, gate } = await aFleet();
  await fleet.push(1, BAD);
  await fleet.take(fleet.ids.slice(50, 80), BAD);
  await fleet.pass(2 * MINUTE);
  await controller.orchestrator.detection.save(controller.clock.now()); // whole; what follows is the next one
  await fleet.push(1, BAD, 1);
  const parted = Promise.withResolvers<void>();
  let calls = 0;
  gate.before = async (called) => {
    if (called !== method || ++calls < at) return;
    parted.resolve();
    await new Promise(() => undefined); // it never comes back from there
  };
  await fleet.drop(fleet.ids.slice(90));
  await fleet.connect(fleet.ids.slice(90));
  await fleet.take(fleet.ids.slice(90, 100), BAD);
  await fleet.pass(40 * SECOND, 5 * SECOND);
  await parted.promise;
  const before = await evidenceAgainst(controller);
  expect(before).toBeGreaterThan(1);
  gate.before = async () => undefined;
  controller.orchestrator.detection.close();
  await controller.restart();
  await fleet.pass(MINUTE);
  expect(await evidenceAgainst(controller)).toBeCloseTo(before, 6);
  await fleet.connect(fleet.ids);
  await fleet.push(3, BAD, 2);
  expect((await controller.administration.incidents()).items).toMatchObject([{ cause: "conviction" }]);
});

test("while it is stored people are answered, rollouts go on, and a verdict falls", async () => {
  const { fleet, controller, gate } = await aFleet();
  const { administration } = controller;
  const held = Promise.withResolvers<void>();
  const parted = Promise.withResolvers<void>();
  gate.before = async (method) => {
    if (method !== "stageDetection") return;
    parted.resolve();
    await held.promise;
  };
  await fleet.push(1, BAD);
  await parted.promise;
  const ours = await controller.start();
  expect(await administration.act(ours.id, "halt", "anna", "it may be ours")).toMatchObject({ phase: "halted" });
  await fleet.push(4, BAD, 1);
  expect((await administration.incidents()).items).toMatchObject([{ cause: "conviction" }]);
  held.resolve();
  await controller.orchestrator.detection.save(controller.clock.now());
});

test("what was told while a save failed is stored with what that save should have stored", async () => {
  const { fleet, controller, gate } = await aFleet();
  await controller.orchestrator.detection.save(controller.clock.now());
  const held = Promise.withResolvers<void>();
  gate.before = async (method) => {
    if (method === "stageDetection") await held.promise;
  };
  await fleet.take(fleet.ids.slice(50, 80), BAD);
  await fleet.pass(MINUTE); // it is being stored
  await fleet.push(2, BAD);
  const before = await evidenceAgainst(controller);
  expect(before).toBeGreaterThan(1);
  held.reject(new Error("the disk is full"));
  await fleet.pass(SECOND, SECOND);
  gate.before = async () => undefined;
  await controller.orchestrator.detection.save(controller.clock.now());
  controller.orchestrator.detection.close();
  await controller.restart();
  await fleet.pass(MINUTE);
  expect(await evidenceAgainst(controller)).toBeCloseTo(before, 6);
});
