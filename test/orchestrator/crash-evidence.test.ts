/** The evidence of crashes that is kept with an incident: what devices sent before it was declared, and after. */
import { afterEach, expect, test } from "vitest";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { BootReport, CrashDump } from "../../protocol/boot.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aBoot, aVersion, NOON } from "../support/fleet-builders.ts";

const bugcheck = { code: "50", parameters: ["1", "0", "2", "3"] };
const FAULTY = aVersion(2);

const opened: ControllerHarness[] = [];
afterEach(async () => {
  for (const controller of opened.splice(0)) await controller.stop();
});
async function aController(): Promise<ControllerHarness> {
  const controller = await ControllerHarness.open();
  opened.push(controller);
  return controller;
}

const dumpOf = (driver: string | null): CrashDump => ({
  file: "1.dmp",
  bugcheck,
  crashedAt: NOON,
  uptimeMs: 9_000,
  build: 19_041,
  suspect: driver === null ? null : { driver, because: "parameter 3 lies in it" },
});
const crashed = (n: number, driver?: string | null, over: Partial<BootReport> = {}): BootReport =>
  aBoot({
    bootId: `boot-${n}` as BootReport["bootId"],
    tries: n,
    previousEnd: { kind: "bugcheck", bugcheck },
    content: [FAULTY],
    ...(driver === undefined
      ? {}
      : { evidence: { earlierBoots: [], crashDumps: [dumpOf(driver)], startupRepair: null } }),
    ...over,
  });
const say = (controller: ControllerHarness, id: DeviceId, boot: BootReport): Promise<void> =>
  controller.say(id, { kind: "boot-began", boot });
const declare = (controller: ControllerHarness): Promise<IncidentView> =>
  controller.administration.declareIncident(
    { title: "bad", content: { source: FAULTY.source, sha256: FAULTY.sha256 }, evidence: "it crashes" },
    "anna",
  );
const crashesOf = async (controller: ControllerHarness, { id }: IncidentView) =>
  (await controller.administration.incidentCrashes(id, { limit: 10 })).items.map(({ name, boot }) => ({ name, boot }));

test("what devices sent before the declaration is kept with it, whole; what is not about it is not", async () => {
  const controller = await aController();
  const [first, second, clean] = [await controller.bring(1), await controller.bring(2), await controller.bring(3)];
  await say(controller, first, crashed(2, "acme.sys"));
  await say(controller, second, crashed(2, undefined, { content: [aVersion(1)] })); // another version
  await say(controller, clean, aBoot({ bootId: "b" as BootReport["bootId"], content: [FAULTY] }));
  const incident = await declare(controller);
  expect(await crashesOf(controller, incident)).toEqual([{ name: "pc-1", boot: crashed(2, "acme.sys") }]);
  expect(incident.crashes.sentence).toBe(
    "Crash evidence of 1 machine: bugcheck 0x50 on 1; dumps point at acme.sys on 1.",
  );
});

test("what comes after it is kept too, and a crash with a suspect takes the place of one without", async () => {
  const controller = await aController();
  const [first, second] = [await controller.bring(1), await controller.bring(2)];
  const incident = await declare(controller);
  expect(incident.crashes.sentence).toBe("No crash evidence has come in from devices that run this version.");
  await say(controller, first, crashed(2));
  await say(controller, second, crashed(2, null));
  await say(controller, first, crashed(3, "acme.sys"));
  await say(controller, first, crashed(4)); // worse evidence
  expect(await crashesOf(controller, incident)).toEqual([
    { name: "pc-1", boot: crashed(3, "acme.sys") },
    { name: "pc-2", boot: crashed(2, null) },
  ]);
  expect((await controller.administration.incident(incident.id)).crashes).toEqual({
    sentence:
      "Crash evidence of 2 machines: bugcheck 0x50 on 2; dumps point at acme.sys on 1; 1 machine sent no dump that points at a driver.",
    devices: 2,
    bugchecks: [{ code: "50", devices: 2 }],
    suspects: [{ driver: "acme.sys", devices: 1 }],
  });
});

test("it outlives the controller, the device's recovery, and a report that came while nobody led", async () => {
  const controller = await aController();
  const [first, second] = [await controller.bring(1), await controller.bring(2)];
  const incident = await declare(controller);
  await say(controller, first, crashed(2, "acme.sys"));
  await say(controller, first, aBoot({ bootId: "well" as BootReport["bootId"] }));
  await controller.orchestrator.stop();
  await controller.store.ingest(
    controller.orchestrator.deps.stream,
    [
      {
        deviceId: second,
        epoch: second.replace("dev_", "epoch_") as never,
        sequence: 99,
        digest: FAULTY.sha256,
        receivedAt: controller.clock.now(),
        body: { kind: "boot-began", boot: crashed(2, "acme.sys") },
      },
    ],
    [],
  );
  await controller.restart();
  expect((await controller.administration.incident(incident.id)).crashes.devices).toBe(2);
  expect((await crashesOf(controller, incident)).map(({ name }) => name)).toEqual(["pc-1", "pc-2"]);
});

test("a page of it goes on where the one before ended", async () => {
  const controller = await aController();
  const incident = await declare(controller);
  for (const n of [1, 2, 3]) await say(controller, await controller.bring(n), crashed(2));
  const { administration } = controller;
  const one = await administration.incidentCrashes(incident.id, { limit: 2 });
  const two = await administration.incidentCrashes(incident.id, { limit: 2, cursor: one.next ?? "" });
  expect([...one.items, ...two.items].map(({ name }) => name)).toEqual(["pc-1", "pc-2", "pc-3"]);
  expect(two.next).toBeNull();
});
