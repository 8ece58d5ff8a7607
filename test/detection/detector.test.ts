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

  test("that comes at the start and kills within seconds is convicted", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(2_000);
    world.settle(all);
    const faulty = world.version();
    for (const device of all) {
      world.at(world.now + Math.floor(world.random() * 6 * HOUR), () => {
        world.detector.gone(world.now, device, "restart", world.now);
        world.at(world.now + MINUTE, () => {
          world.back(device);
          world.take(device, faulty, SECOND);
          if (world.random() < 0.2) world.at(world.now + 20 * SECOND, () => world.crash(device));
        });
      });
    }
    world.run(world.now + 2 * HOUR);
    expect(world.convicted).toEqual([faulty]);
  });

  test("is convicted though one machine names a hundred others meanwhile", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(600);
    world.settle(all);
    const faulty = world.version();
    world.push(all, faulty, HOUR, (device) => {
      if (world.random() < 0.5) world.at(world.now + 5 * MINUTE, () => world.crash(device));
    });
    world.run(world.now + 4 * MINUTE);
    for (let n = 0; n < 100; n++) world.take(all[0] ?? 0, world.version(), SECOND);
    world.run(world.now + HOUR);
    expect(world.convicted).toEqual([faulty]);
  });

  test("is convicted though a pilot has had it for more than a month", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(600);
    world.settle(all);
    const faulty = world.version();
    for (const [week, device] of all.slice(0, 5).entries()) {
      world.at(world.now + week * 7 * 24 * HOUR, () => world.take(device, faulty));
    }
    world.run(world.now + 35 * 24 * HOUR);
    world.push(all.slice(5), faulty, HOUR, (device) => world.at(world.now + 5 * SECOND, () => world.crash(device)));
    world.run(world.now + HOUR);
    expect(world.convicted).toEqual([faulty]);
  });

  test.each([1, 2, 3])("is not taken for the one that all of its machines had got before it (seed %i)", (seed) => {
    const world = new DetectionWorld(seed);
    const all = world.fleet(156, (n) => ({ site: n < 6 ? n % 2 : 2 + (n % 24) }));
    world.settle(all, 0.05);
    const subscribed = all.filter((device) => device % 10 < 7);
    world.push(subscribed, world.version(), MINUTE);
    world.run(world.now + 6 * MINUTE);
    const faulty = world.version();
    const dies = (device: number): void => world.at(world.now + 30 * SECOND, () => world.crash(device));
    world.push(subscribed.slice(0, 5), faulty, MINUTE / 2, dies);
    world.push(subscribed.slice(5), faulty, 78 * MINUTE, dies);
    world.run(world.now + 15 * MINUTE);
    expect(world.convicted).toEqual([faulty]);
  });

  test.each([1, 2, 3])("is convicted beside another one on the other half of the machines (seed %i)", (seed) => {
    const world = new DetectionWorld(seed);
    const all = world.fleet(2_000);
    world.settle(all);
    world.push(all, world.version(), 10 * MINUTE);
    world.run(world.now + 30 * MINUTE);
    const faulty = [world.version(), world.version()];
    for (const [half, version] of faulty.entries()) {
      const dies = (device: number): void => {
        if (world.random() < 0.5) world.at(world.now + 30 * SECOND, () => world.crash(device));
      };
      world.push(
        all.filter((device) => device % 2 === half),
        version,
        78 * MINUTE,
        dies,
      );
    }
    world.run(world.now + 78 * MINUTE);
    expect(new Set(world.convicted)).toEqual(new Set(faulty));
  });

  test.each([1, 2, 3])("is none of two that share a fleet that something else hits (seed %i)", (seed) => {
    const world = new DetectionWorld(seed);
    const all = world.fleet(2_000);
    world.settle(all);
    for (const half of [0, 1]) {
      const version = world.version();
      world.push(
        all.filter((device) => device % 2 === half),
        version,
        78 * MINUTE,
      );
    }
    world.run(world.now + 30 * MINUTE);
    for (const [n, device] of world.shuffled(all).slice(0, 300).entries()) {
      world.at(world.now + n * 4 * SECOND, () => world.crash(device));
    }
    world.run(world.now + HOUR);
    expect(world.convicted).toEqual([]);
  });

  test.each([1, 2, 3])("does not take its fix down with it, which comes in its place (seed %i)", (seed) => {
    const world = new DetectionWorld(seed);
    const all = world.fleet(8_000, (n) => ({ site: Math.floor(n / 20) }));
    world.settle(all);
    const faulty = world.version();
    const pushed = world.shuffled(all).slice(0, 7_200);
    world.push(pushed, faulty, 2 * HOUR, (device) => {
      if (world.random() < 0.05) world.at(world.now + 2 * MINUTE, () => world.crash(device));
    });
    world.run(world.now + 6 * HOUR);
    expect(world.convicted).toEqual([faulty]);
    const fix = world.version();
    // Half of them, one by one in two days; all crash now and then for reasons of their own.
    world.push(pushed.slice(0, 3_600), fix, 48 * HOUR, (device) => world.lose(device, faulty));
    world.background(all, 0.005, 72 * HOUR);
    world.run(world.now + 72 * HOUR);
    expect(world.standing(fix).signals.bugcheck.exposed).toBeGreaterThan(20);
    expect(world.standing(fix).eMax).toBeLessThan(100);
  });
});

describe("a harmless version", () => {
  test("that all have is at most proposed, and never acted on, when something else hits all", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(2_000);
    world.settle(all);
    const version = world.version();
    world.push(all, version, 10 * MINUTE);
    world.run(world.now + 3 * HOUR);
    for (const [n, device] of world.shuffled(all).slice(0, 1_000).entries()) {
      world.at(world.now + n * SECOND, () => world.crash(device));
    }
    world.run(world.now + HOUR);
    expect(world.of("convicted").map(({ certainty }) => certainty)).toEqual(["propose"]);
    expect(world.of("confirmed")).toEqual([]);
  });

  test("is not convicted because all take it at the start of the day, after which machines crash more often", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(8_000);
    world.settle(all);
    const version = world.version();
    for (const device of all) {
      world.at(world.now + Math.floor(world.random() * 2 * HOUR), () => {
        world.detector.gone(world.now, device, "restart", world.now);
        world.at(world.now + MINUTE, () => {
          world.back(device);
          world.take(device, version, SECOND);
        });
        if (world.random() > 0.002) return;
        world.at(world.now + 2 * MINUTE + Math.floor(world.random() * 8 * MINUTE), () => world.crash(device));
      });
    }
    world.run(world.now + 3 * HOUR);
    expect(world.standing(version).signals.bugcheck.exposed).toBeGreaterThan(10);
    expect(world.convicted).toEqual([]);
    expect(world.standing(version).eMax).toBeLessThan(20);
  });

  test("is not convicted because crashes are told when nobody knows any more who had been there", () => {
    const world = new DetectionWorld(1);
    const all = world.fleet(400, (n) => ({ site: n % 20, class: "mobile" }));
    world.settle(all);
    const version = world.version();
    // Who comes and goes has it, and who stays has it not.
    const visitors = all.filter((device) => device % 40 < 20);
    for (const device of visitors) world.take(device, version);
    world.run(world.now + 5 * HOUR);
    const crashed = world.shuffled(all).slice(0, 24);
    for (const [n, device] of crashed.entries()) {
      world.at(world.now + n * MINUTE, () => world.crash(device, { downMs: 12 * HOUR }));
    }
    for (const device of visitors.filter((visitor) => !crashed.includes(visitor))) {
      for (let visit = 1; visit < 12; visit++) {
        const goes = world.now + Math.floor((visit + world.random() / 2) * HOUR);
        world.at(goes, () => world.detector.gone(world.now, device, "sleep", world.now));
        world.at(goes + 20 * MINUTE, () => world.back(device));
      }
    }
    world.run(world.now + 14 * HOUR);
    expect(world.standing(version).signals.bugcheck.exposed).toBeGreaterThan(6);
    expect(world.convicted).toEqual([]);
    expect(world.standing(version).eMax).toBeLessThan(20);
  });
});

describe("machines that fall silent together", () => {
  /** Twelve sites lose one machine each within a minute; before that these had so many hours without a word, each alone. */
  function silent(gaps: number): string[] {
    const world = new DetectionWorld(4);
    const all = world.fleet(600);
    world.settle(all, 4 * 24);
    const flaky = all.filter((device) => device % 50 === 0);
    for (let gap = 0; gap < gaps; gap++) {
      for (const device of flaky) {
        world.drop(device);
        world.run(world.now + 30 * MINUTE);
        world.back(device);
        world.run(world.now + HOUR);
      }
    }
    world.run(world.now + 8 * 24 * HOUR); // the deaths that these seemed to be are forgotten
    for (const device of flaky) world.drop(device);
    world.run(world.now + 5 * MINUTE);
    return world.of("mass-silence").map(({ kind }) => kind);
  }

  test("are a mass silence, unless they are of those that come and go", () => {
    expect(silent(0)).toEqual(["mass-silence"]);
    expect(silent(2)).toEqual([]);
  });
});

/** One in twenty acts together against a version that hurts nobody. @returns whether anything may be done by itself */
function isActedUpon(frame: (world: DetectionWorld, liar: number, version: number) => void): boolean {
  const world = new DetectionWorld(1, { heartbeatMs: 20 * SECOND });
  const order = world.shuffled(world.fleet(4_000, (n) => ({ site: Math.floor(n / 40) })));
  world.settle(order, 80);
  const version = world.version();
  world.push(order.slice(200), version, 78 * MINUTE);
  for (const liar of order.slice(0, 200)) {
    const at = world.now + Math.floor(world.random() * 78 * MINUTE);
    world.at(at, () => {
      world.take(liar, version, SECOND);
      world.at(at + 2 * MINUTE, () => frame(world, liar, version));
    });
  }
  world.run(world.now + 3 * HOUR);
  expect(world.convicted).toEqual([version]); // it looks like a fault of one in twenty, and people have to judge
  return world.of("confirmed").length > 0 || world.of("convicted").some(({ certainty }) => certainty === "act");
}

describe("a frame of one in twenty is proposed and never acted upon", () => {
  test("where they claim crash dumps that point at it", () => {
    expect(isActedUpon((world, liar, version) => world.crash(liar, { pointsAt: version }))).toBe(false);
  });

  test("where they only fall silent", () => {
    const hides = (world: DetectionWorld, liar: number): void => {
      world.drop(liar);
      world.at(world.now + 13 * MINUTE, () => world.back(liar));
    };
    expect(isActedUpon(hides)).toBe(false);
  });
});
