/** What a machine says that it is counts where its role says nothing, and is known after a restart, too. */
import { afterEach, expect, test } from "vitest";
import { classOf } from "../../controller/watch/machines.ts";
import type { MachineFacts } from "../../protocol/boot.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { BAD, DetectedFleet, MINUTE } from "../support/detected-fleet.ts";

const DAY = 24 * 60 * MINUTE;
const controllers: ControllerHarness[] = [];
afterEach(async () => {
  for (const controller of controllers.splice(0)) await controller.stop();
});
async function aFleet(size: number, role: string, chassis: MachineFacts["chassis"]): Promise<DetectedFleet> {
  const controller = await ControllerHarness.open();
  controllers.push(controller);
  const fleet = new DetectedFleet(controller);
  await fleet.open(size, 4, role, chassis);
  return fleet;
}
const classesOf = async ({ controller }: DetectedFleet) =>
  Object.fromEntries(
    (await controller.administration.detection()).classes.map(({ class: name, devices }) => [name, devices]),
  );

test.each<[string, MachineFacts["chassis"], string]>([
  ["workstation", "portable", "mobile"],
  ["workstation", "server", "server"],
  ["workstation", "desktop", "office"],
  ["workstation", "virtual", "office"],
  ["workstation", null, "office"],
  ["kiosk", "portable", "always-on"],
  ["laptop", "desktop", "mobile"],
  ["file-server", "portable", "server"],
])("a %s whose chassis is %s lives as a machine of the class %s", (role, chassis, expected) => {
  expect(classOf(role as never, chassis)).toBe(expected);
});

test("laptops of which only the first boot report says that they are, are laptops after a restart, too", async () => {
  const fleet = await aFleet(12, "workstation", "portable");
  await fleet.controller.restart();
  await fleet.connect(fleet.ids);
  await fleet.pass(DAY, 60 * MINUTE);
  expect(await classesOf(fleet)).toMatchObject({ mobile: 12, office: 0 });
});

test("a fleet that has reported before detection begins is known to it for what it is", async () => {
  const controller = await ControllerHarness.open({ detection: undefined as never });
  const fleet = new DetectedFleet(controller);
  await fleet.open(12, 4, "workstation", "portable");
  await controller.orchestrator.stop();
  const later = await ControllerHarness.open({}, controller.store);
  controllers.push(later);
  later.clock.advance(controller.clock.now() - later.clock.now());
  await later.wait(1_000);
  for (let hour = 0; hour < 25; hour++) await later.wait(60 * MINUTE);
  const { classes } = await later.administration.detection();
  expect(classes).toContainEqual({ class: "mobile", devices: 12 });
});

test("a device that came with a new version right before a kill does not make that version an old one", async () => {
  const fleet = await aFleet(12, "kiosk", null);
  await fleet.controller.orchestrator.detection.save(fleet.controller.clock.now());
  const id = await fleet.register("Site 1");
  await fleet.comeBack([id], BAD);
  await fleet.pass(5_000, 5_000);
  fleet.controller.orchestrator.detection.close(); // killed: nothing more is saved
  await fleet.controller.restart();
  await fleet.pass(MINUTE);
  const { versions, devices } = await fleet.controller.administration.detection();
  expect(devices).toBe(13);
  expect(versions.find(({ sha256 }) => sha256 === BAD.sha256)).toMatchObject({ status: "watched" });
});

test("what was stored in another layout is not read: detection begins anew and goes on", async () => {
  const fleet = await aFleet(12, "kiosk", null);
  await fleet.take(fleet.ids.slice(0, 3), BAD);
  await fleet.pass(MINUTE);
  const { store, orchestrator } = fleet.controller;
  const spoil = async (over: { names?: string; memory?: string }) => {
    await fleet.controller.orchestrator.detection.save(fleet.controller.clock.now());
    fleet.controller.orchestrator.detection.close();
    const row = await store.detection();
    if (row === undefined) throw new Error("nothing was saved");
    const { epoch } = await store.lead(fleet.controller.orchestrator.deps.stream, fleet.controller.clock.now(), 5_000);
    const nothing = { devices: [], exposures: [], cleared: [], retired: [], anew: false, hasParts: false };
    await store.saveDetection({ ...row, ...nothing, ...over, leaderEpoch: epoch });
    await fleet.controller.restart();
    await fleet.take(fleet.ids.slice(3, 6), BAD);
    await fleet.pass(MINUTE);
    return fleet.controller.administration.detection();
  };
  expect(orchestrator.leads).toBe(true);
  const old = JSON.stringify({ layout: 1, pace: 1, versions: [], items: [], lists: {} });
  expect((await spoil({ names: old })).devices).toBe(12);
  expect((await spoil({ memory: '{"layout":0}' })).devices).toBe(12);
});
