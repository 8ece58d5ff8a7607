import { describe, expect, test } from "vitest";
import { DetectionWorld, HOUR, MINUTE, SECOND } from "../support/detection-world.ts";

describe("a faulty version", () => {
  test("that crashes whatever takes it is convicted after a handful of reports, and may be acted on", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(1_000);
    world.settle(all);
    const faulty = world.version();
    world.push(all, faulty, HOUR, (device) => world.at(world.now + 5 * SECOND, () => world.crash(device)));
    world.run(world.now + 5 * MINUTE);
    expect(world.convicted).toEqual([faulty]);
    const [verdict] = world.of("convicted");
    expect(verdict?.certainty).toBe("act");
    expect(verdict?.standings[0]?.exposedAffected).toBeLessThanOrEqual(30);
  });
});
