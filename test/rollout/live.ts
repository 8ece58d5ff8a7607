/** Lives through a random day: applies what happens to the model and to the engine, and decides after each. */
import type { RolloutDefinition } from "../../controller/rollout/types.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import { later } from "../../protocol/time.ts";
import { RolloutDriver } from "../support/rollout-driver.ts";
import type { Happening } from "./arbitraries.ts";
import { FleetModel } from "./fleet-model.ts";

/** From which statuses a device can come to say this. */
const CAN_BECOME: Partial<Record<DeviceStatus, readonly DeviceStatus[]>> = {
  running: ["offered", "queued", "running", "silent"],
  queued: ["offered"],
  refused: ["offered", "queued", "running"],
  succeeded: ["running", "silent", "timed-out"],
  failed: ["running", "silent", "timed-out"],
  "not-applicable": ["running", "silent", "timed-out"],
  stopped: ["running", "silent", "timed-out"],
};

export function live(
  definition: RolloutDefinition,
  day: readonly Happening[],
  after: (model: FleetModel) => void = () => undefined,
): FleetModel {
  const driver = new RolloutDriver(definition);
  const model = new FleetModel(driver);
  driver.run();
  for (const happening of day) {
    driver.now = later(driver.now, 1); // no two things happen at the same time
    happen(model, happening);
    model.note();
    driver.run();
    after(model);
  }
  return model;
}

function happen(model: FleetModel, happening: Happening): void {
  const { driver, devices } = model;
  switch (happening.kind) {
    case "wait":
      driver.now = later(driver.now, happening.ms);
      return;
    case "act":
      if (happening.act === "resumed") return model.resume();
      return driver.event({
        kind: happening.act,
        at: driver.now,
        by: { kind: "person", name: "Ada" },
        because: "seen",
      });
    case "outsider":
      if (happening.up) model.down.delete(happening.device.id);
      else model.down.set(happening.device.id, happening.device);
      return driver.tell({ kind: "availability", device: happening.device, up: happening.up });
    case "answer": {
      const able = devices.filter((device) => CAN_BECOME[happening.status]?.includes(model.status(device)) === true);
      const device = able[happening.pick % able.length];
      if (device !== undefined) model.become(device, happening.status);
      return;
    }
    case "connect":
    case "disconnect":
    case "hear":
    case "up":
    case "down": {
      const connects = happening.kind === "connect" || happening.kind === "disconnect";
      const able = connects ? devices.filter(({ connected }) => connected !== (happening.kind === "connect")) : devices;
      const device = able[happening.pick % able.length];
      if (device === undefined) return;
      if (connects) return model.connect(device, happening.kind === "connect");
      if (happening.kind === "hear") return model.hear(device);
      if (happening.kind === "up") model.down.delete(device.id);
      else model.down.set(device.id, device);
      return driver.tell({ kind: "availability", device, up: happening.kind === "up" });
    }
  }
}
