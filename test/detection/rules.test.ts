/**
 * Each rule has a world in which leaving it out gives a wrong answer: an innocent version convicted, a guilty one
 * missed, an incident that is none. The same world with all rules gives the right one.
 */
import { expect, test } from "vitest";
import { DETECTION_RULES, type DetectionRule, type DetectorSettings } from "../../controller/detection/types.ts";
import { DetectionWorld, HOUR, MINUTE, SECOND } from "../support/detection-world.ts";

type Story = (settings: Partial<DetectorSettings>) => unknown;
interface RuleCase {
  readonly what: string;
  readonly right: unknown;
  readonly wrong: unknown;
  readonly story: Story;
}

/** A thousand machines on a hundred sites, up for two nights. */
function aFleet(settings: Partial<DetectorSettings>, seed: number): { world: DetectionWorld; all: number[] } {
  const world = new DetectionWorld(seed, settings);
  const all = world.fleet(1_000);
  world.settle(all, 40);
  return { world, all };
}
/** Every tenth machine of each site, or the like. */
const takenBy = (world: DetectionWorld, version: number, devices: readonly number[]): void => {
  for (const device of devices) world.take(device, version);
  world.run(world.now + 5 * MINUTE);
};
const ofSites = (all: readonly number[], sites: number): number[] => all.slice(0, sites * 10);

const CASES: Record<DetectionRule, RuleCase> = {
  "at-risk": {
    what: "three broken machines crash again and again, and happen to run it",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 1);
      const version = world.version();
      takenBy(
        world,
        version,
        all.filter((device) => device % 10 === 0),
      );
      for (const [n, device] of [100, 200, 300].entries()) {
        for (let time = 1; time <= 8; time++) {
          world.at(world.now + (time * 100 + n * 7) * MINUTE, () => world.crash(device));
        }
      }
      world.run(world.now + 15 * HOUR);
      return world.convicted;
    },
  },
  "back-dating": {
    what: "the file lands and the kernel dies before anything is told",
    right: [0],
    wrong: [],
    story: (settings) => {
      const { world, all } = aFleet(settings, 2);
      const version = world.version();
      for (const [n, device] of world.shuffled(all).slice(0, 60).entries()) {
        world.at(world.now + n * 5 * SECOND, () => {
          world.remember(device, version, world.now);
          world.crash(device);
        });
      }
      world.run(world.now + 20 * MINUTE);
      return world.convicted;
    },
  },
  alike: {
    what: "machines fall silent whether they have it or not, and newcomers, whose silence says nothing yet, have it not",
    right: [],
    wrong: [0],
    story: (settings) => {
      const world = new DetectionWorld(17, settings);
      const all = world.fleet(1_000);
      world.settle(
        all.filter((device) => device % 10 < 2),
        56,
      );
      world.settle(all.filter((device) => device % 10 >= 2));
      const version = world.version();
      takenBy(
        world,
        version,
        all.filter((device) => device % 10 === 0),
      );
      for (let n = 0; n < 24; n++) {
        const device = n * 40 + (n % 3 === 0 ? 1 : 0);
        world.at(world.now + n * 10 * MINUTE, () => world.drop(device));
      }
      world.run(world.now + 6 * HOUR);
      return world.convicted;
    },
  },
  strata: {
    what: "it is on servers, and servers have a bad day",
    right: [],
    wrong: [0],
    story: (settings) => {
      const world = new DetectionWorld(3, settings);
      const all = world.fleet(1_000, (n) => ({ class: n % 10 < 3 ? "server" : "always-on" }));
      world.settle(all, 40);
      const version = world.version();
      const servers = all.filter((device) => device % 10 < 3);
      takenBy(
        world,
        version,
        servers.filter((_, n) => n % 10 !== 0),
      );
      for (const [n, device] of world.shuffled(servers).slice(0, 80).entries()) {
        world.at(world.now + n * 90 * SECOND, () => world.crash(device, { signal: "restart" }));
      }
      world.run(world.now + 3 * HOUR);
      return world.convicted;
    },
  },
  "lag-bins": {
    what: "machines crash two hours after taking it, when all have it",
    right: [0],
    wrong: [],
    story: (settings) => {
      const { world, all } = aFleet(settings, 4);
      const version = world.version();
      world.push(all, version, 78 * MINUTE, (device) => {
        world.at(world.now + 2 * HOUR, () => {
          if (world.convicted.length === 0) world.crash(device, { signal: "restart" });
        });
      });
      world.run(world.now + 150 * MINUTE);
      return world.convicted;
    },
  },
  subgroups: {
    what: "one hardware model of ten crashes on a version that half of the others have",
    right: [0],
    wrong: [],
    story: (settings) => {
      const world = new DetectionWorld(5, settings);
      const all = world.fleet(1_000, (n) => ({ model: 1 + (n % 10) }));
      world.settle(all);
      const version = world.version();
      const hit = [0, 110, 220, 330, 440, 550];
      const others = all.filter((device) => device % 10 !== 0 && device % 2 === 1);
      takenBy(world, version, [...others, ...hit]);
      // Long after taking it and without more machines of the kind: the rates alone would not tell.
      world.run(world.now + 25 * HOUR);
      for (const [n, device] of hit.entries()) world.at(world.now + n * MINUTE, () => world.crash(device));
      world.run(world.now + 30 * MINUTE);
      return world.convicted;
    },
  },
  cluster: {
    what: "the power dips at three of the sites that have it, and a few machines of each restart",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 6);
      const version = world.version();
      takenBy(world, version, ofSites(all, 10));
      for (const site of [0, 1, 2]) {
        for (const n of [0, 1, 2]) {
          const at = world.now + site * 20 * MINUTE + n * 20 * SECOND;
          world.at(at, () => world.crash(site * 10 + n, { signal: "restart" }));
        }
      }
      world.run(world.now + 2 * HOUR);
      return world.convicted;
    },
  },
  void: {
    what: "the power fails at six of the ten sites that have it",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 7);
      const version = world.version();
      takenBy(world, version, ofSites(all, 10));
      for (const device of ofSites(all, 6)) {
        const at = world.now + Math.floor(device / 10) * 10 * MINUTE;
        world.at(at, () => world.crash(device, { signal: "restart", downMs: 20 * MINUTE }));
      }
      world.run(world.now + 2 * HOUR);
      return world.convicted;
    },
  },
  "silence-window": {
    what: "its installer breaks the connection for half a minute",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 8);
      const version = world.version();
      world.push(all.slice(0, 300), version, HOUR, (device) => {
        world.at(world.now + 50 * SECOND, () => world.detector.gone(world.now, device, "dropped", world.now));
        world.at(world.now + 75 * SECOND, () => world.back(device));
      });
      world.run(world.now + 2 * HOUR);
      return world.convicted;
    },
  },
  "baseline-window": {
    what: "everything crashes often since the morning, and most machines take it in the afternoon",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 9);
      world.background(all, 1, 11 * HOUR);
      world.run(world.now + 7 * HOUR);
      const version = world.version();
      takenBy(
        world,
        version,
        all.filter((device) => device % 100 >= 12),
      );
      world.run(world.now + 3 * HOUR);
      return world.convicted;
    },
  },
  coverage: {
    what: "sites where it is common fail for another reason, and their other machines fail as well",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 10);
      const version = world.version();
      const bad = ofSites(all, 20);
      takenBy(world, version, [
        ...bad.filter((device) => device % 5 < 3),
        ...all.slice(200).filter((n) => n % 20 === 0),
      ]);
      world.run(world.now + 25 * HOUR);
      for (const [n, device] of bad.filter((one) => one % 10 < 5).entries()) {
        world.at(world.now + ((n * 7) % 100) * 40 * SECOND, () => world.crash(device, { signal: "restart" }));
      }
      world.run(world.now + 2 * HOUR);
      return world.convicted;
    },
  },
  sites: {
    what: "one site got it first and has a bad day of its own",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 11);
      const version = world.version();
      takenBy(world, version, ofSites(all, 1));
      for (const [n, device] of ofSites(all, 1).entries()) {
        world.at(world.now + n * 10 * MINUTE, () => world.crash(device));
      }
      world.run(world.now + 3 * HOUR);
      return world.convicted;
    },
  },
  explained: {
    what: "the machines that a convicted version kills also run an innocent one",
    right: [1],
    wrong: [1, 0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 12);
      const innocent = world.version();
      const pilots = all.filter((device) => device % 10 < 3);
      takenBy(world, innocent, pilots);
      world.run(world.now + 25 * HOUR);
      const guilty = world.version();
      world.push(pilots, guilty, 50 * MINUTE, (device) => {
        world.at(world.now + 5 * SECOND, () => world.crash(device));
      });
      world.run(world.now + HOUR);
      return world.convicted;
    },
  },
  goodbyes: {
    what: "a thousand people go home, and one in twenty pulls the plug",
    right: [],
    wrong: ["mass-silence"],
    story: (settings) => {
      const world = new DetectionWorld(13, settings);
      const all = world.fleet(1_000, () => ({ class: "office" }));
      world.settle(all, 3.5);
      for (const device of world.shuffled(all)) {
        world.at(world.now + Math.floor(world.random() * 10 * MINUTE), () => {
          if (world.random() < 0.05) world.drop(device);
          else world.detector.gone(world.now, device, "shutdown", world.now);
        });
      }
      world.run(world.now + HOUR);
      return world.findings.map(({ kind }) => kind).filter((kind) => kind === "mass-silence");
    },
  },
  alibi: {
    what: "one machine in twenty claims from an unbroken connection that it crashed after taking it",
    right: [],
    wrong: ["propose"],
    story: (settings) => framed(settings, true),
  },
  liars: {
    what: "one machine in twenty goes away for a moment and claims that it crashed after taking it",
    right: ["propose"],
    wrong: ["act"],
    story: (settings) => framed(settings, false),
  },
  budget: {
    what: "three machines that have it crash by chance",
    right: [],
    wrong: [0],
    story: (settings) => {
      const { world, all } = aFleet(settings, 15);
      const version = world.version();
      takenBy(
        world,
        version,
        all.filter((device) => device % 10 === 0),
      );
      world.run(world.now + 25 * HOUR);
      for (const [n, device] of [100, 200, 300].entries()) {
        world.at(world.now + n * 10 * MINUTE, () => world.crash(device, { signal: "restart" }));
      }
      world.run(world.now + HOUR);
      return world.convicted;
    },
  },
};

function framed(settings: Partial<DetectorSettings>, isLie: boolean): readonly string[] {
  const { world, all } = aFleet(settings, 14);
  const version = world.version();
  const order = world.shuffled(all);
  takenBy(world, version, order.slice(0, 600));
  for (const [n, device] of order.slice(0, 50).entries()) {
    world.at(world.now + n * 20 * SECOND, () => world.crash(device, { isLie }));
  }
  world.run(world.now + HOUR);
  return world.of("convicted").map(({ certainty }) => certainty);
}

test.each(DETECTION_RULES.map((rule) => ({ rule, ...CASES[rule] })))(
  "$rule: $what",
  ({ rule, story, right, wrong }) => {
    expect(story({})).toEqual(right);
    expect(story({ without: new Set([rule]) })).toEqual(wrong);
  },
);
