import { expect, test } from "vitest";
import { createDetector } from "../../controller/detection/detector.ts";
import type { DetectorMemory, DeviceMemory } from "../../controller/detection/types.ts";
import { DetectionWorld, HOUR, MINUTE, SECOND } from "../support/detection-world.ts";

/** What a database would hold. */
class Stored {
  memory: DetectorMemory = "null";
  readonly devices = new Map<number, DeviceMemory>();
  readonly exposures = new Map<string, { device: number; version: number; writtenAt: number }>();

  keep(world: DetectionWorld): void {
    this.memory = world.detector.save();
    const { devices, exposures, cleared } = world.detector.drainChanges();
    for (const device of devices) this.devices.set(device, world.detector.deviceMemory(device));
    for (const exposure of exposures) this.exposures.set(`${exposure.device}/${exposure.version}`, { ...exposure });
    for (const { device, version } of cleared) this.exposures.delete(`${device}/${version}`);
  }

  /** A new process takes over. */
  restart(world: DetectionWorld): void {
    const detector = createDetector(world.settings, this.memory);
    for (const [device, facts] of world.facts.entries()) detector.addDevice(facts, this.devices.get(device));
    for (const { device, version, writtenAt } of this.exposures.values()) {
      detector.restoreExposure(device, version, writtenAt);
    }
    world.detector = detector;
  }
}

/** Half an hour of a version that hurts one in ten; in the middle the connections break and come again. */
function outbreak(cutAfter: number, restart: (world: DetectionWorld) => void): DetectionWorld {
  const world = new DetectionWorld(3, { keepsChanges: true });
  const all = world.fleet(1_200, (n) => ({ model: 1 + (n % 7), class: n % 3 === 0 ? "server" : "always-on" }));
  world.settle(all);
  world.background(all, 0.2, 3 * HOUR);
  const harmless = world.version();
  for (const device of all) if (device % 3 === 0) world.take(device, harmless);
  world.run(world.now + 20 * MINUTE);
  const faulty = world.version();
  const began = world.now;
  world.push(all, faulty, HOUR, (device) => {
    if (world.random() < 0.04) world.at(world.now + 20 * SECOND, () => world.crash(device));
  });
  world.run(began + cutAfter);
  restart(world);
  // All connections are new, whoever the controller is.
  for (const device of all) world.detector.gone(world.now, device, "service-stop", world.now);
  for (const device of all) world.detector.online(world.now, device, 0);
  world.run(began + HOUR);
  return world;
}

test.each([1, 2.5, 5, 9, 30])("a restart %s minutes into an outbreak changes no number and no verdict", (minutes) => {
  const uninterrupted = outbreak(minutes * MINUTE, () => undefined);
  const stored = new Stored();
  const restarted = outbreak(minutes * MINUTE, (world) => {
    stored.keep(world);
    stored.restart(world);
  });
  expect(restarted.findings).toEqual(uninterrupted.findings);
  expect(restarted.detector.standings()).toEqual(uninterrupted.detector.standings());
  expect(restarted.convicted).toEqual([1]);
});
