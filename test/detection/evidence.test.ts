/**
 * The evidence as the method defines it, worked out the slow way and in one piece, against what the detector keeps bit
 * by bit and event by event; and what must hold of it whatever happens.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDetector } from "../../controller/detection/detector.ts";
import type { Detector } from "../../controller/detection/types.ts";
import { DetectionWorld, HOUR, MINUTE, SECOND } from "../support/detection-world.ts";

const RATES = [2, 5, 10, 50, 200, 1_000, 10_000];
const LAG_WEIGHTS = [0.4, 0.4, 0.08, 0.07, 0.05];
const LAG_ENDS = [0, 30, 90, 240, 1_440].map((minutes) => minutes * MINUTE);
const START = Date.UTC(2026, 5, 10, 12);
const SITES = 12;
const MODELS = 3;
/** Nothing is ever convicted: a verdict begins all evidence anew. */
const SETTINGS = { alpha: 1e-200, heartbeatMs: MINUTE, silenceMs: 10 * MINUTE };

interface Kept {
  readonly number: number;
  readonly logs: readonly (readonly number[])[];
  readonly subgroups: readonly (readonly [number, number, readonly number[]])[];
  readonly baselineLog: number;
}
const kept = (detector: Detector): readonly Kept[] =>
  (JSON.parse(detector.save()) as { versions: readonly Kept[] }).versions;

interface Had {
  /** Null: nobody knows. */
  readonly writtenAt: number | null;
  clearedAt?: number;
}
interface Died {
  readonly at: number;
  readonly device: number;
}

/** A fleet of one block that is told to the detector, and written down beside it. */
class Ledger {
  readonly detector = createDetector(SETTINGS);
  readonly had: Map<number, Had>[] = [];
  readonly deaths: Died[] = [];
  /** What each death says of each version by lag and rate; model 0: among all machines. */
  readonly factors: { version: number; model: number; death: number; values: number[] }[] = [];
  readonly size: number;
  now = START;

  constructor(size: number) {
    this.size = size;
    for (let device = 0; device < size; device++) {
      const facts = { site: device % SITES, region: 0, segment: 0, os: 0, model: this.modelOf(device) };
      this.detector.addDevice({ ...facts, class: "always-on" });
    }
    for (let device = 0; device < size; device++) this.detector.online(this.now, device, 0);
    this.pass(2 * HOUR);
  }

  modelOf(device: number): number {
    return 1 + (device % MODELS);
  }
  pass(ms: number): void {
    this.now += ms;
    this.detector.advance(this.now);
  }
  addVersion(): number {
    this.had.push(new Map());
    return this.detector.addVersion(this.now);
  }

  take(device: number, version: number, writtenAt: number | null): void {
    const known = this.had[version]?.get(device);
    if (known !== undefined && known.clearedAt === undefined) return;
    this.had[version]?.set(device, { writtenAt });
    this.detector.exposed(this.now, device, version, writtenAt);
  }
  lose(device: number, version: number): void {
    const known = this.had[version]?.get(device);
    if (known === undefined || known.clearedAt !== undefined) return;
    known.clearedAt = this.now;
    this.detector.cleared(this.now, device, version);
  }

  die(device: number): void {
    const crashedAt = this.now;
    this.pass(MINUTE);
    this.reportCrash(device, crashedAt);
    this.pass(2 * MINUTE);
    if (this.deaths.some((death) => death.device === device)) return; // within seven days a second one says nothing
    this.deaths.push({ at: crashedAt, device });
    for (const version of this.had.keys()) {
      for (const model of [0, this.modelOf(device)]) {
        const values = this.#factors(version, model, device, crashedAt);
        this.factors.push({ version, model, death: this.deaths.length - 1, values });
      }
    }
  }

  /** It has not been heard since, and is back. */
  reportCrash(device: number, crashedAt: number): void {
    this.detector.gone(this.now, device, "dropped", crashedAt);
    this.detector.online(this.now, device, 0);
    this.detector.crashed(this.now, device, { signal: "bugcheck", crashedAt, content: [], pointsAt: null });
  }

  /** Lags in which a machine is exposed; null: nobody knows. */
  #lags(version: number, device: number, at: number): readonly number[] | null {
    const had = this.had[version]?.get(device);
    if (had === undefined) return [];
    if (had.writtenAt === null) return null;
    if (had.writtenAt > at || (had.clearedAt ?? Infinity) <= at) return [];
    const lag = LAG_ENDS.findIndex((end) => at - (had.writtenAt ?? 0) < end);
    return lag === -1 ? [0] : [0, lag];
  }

  #factors(version: number, model: number, failed: number, at: number): number[] {
    const own = this.#lags(version, failed, at);
    const dead = new Set(this.deaths.slice(0, -1).map(({ device }) => device));
    const atRisk = Array.from({ length: this.size }, (_, device) => device)
      .filter((device) => !dead.has(device) && (model === 0 || this.modelOf(device) === model))
      .map((device) => this.#lags(version, device, at))
      .filter((lags) => lags !== null);
    return LAG_WEIGHTS.flatMap((_, lag) => {
      const q = atRisk.filter((lags) => lags.includes(lag)).length / atRisk.length;
      return RATES.map((rate) => (own === null ? 1 : (own.includes(lag) ? rate : 1) / (rate * q + 1 - q)));
    });
  }

  /** Of each site and five minutes the mean over its events, multiplied. */
  logs(version: number, model: number): number[] {
    const clusters: { site: number; at: number; deaths: number[] }[] = [];
    for (const [death, { at, device }] of this.deaths.entries()) {
      const site = device % SITES;
      const there = clusters.findLast((cluster) => cluster.site === site && at - cluster.at < 5 * MINUTE);
      if (there === undefined) clusters.push({ site, at, deaths: [death] });
      else there.deaths.push(death);
    }
    const product = LAG_WEIGHTS.flatMap(() => RATES.map(() => 0));
    for (const { deaths } of clusters) {
      const of = this.factors.filter((f) => f.version === version && f.model === model && deaths.includes(f.death));
      if (of.length === 0) continue;
      for (const i of product.keys()) {
        const mean = of.reduce((sum, { values }) => sum + (values[i] ?? 1), 0) / of.length;
        product[i] = (product[i] ?? 0) + Math.log(mean);
      }
    }
    return product;
  }
}

const mixture = (logs: readonly number[]): number =>
  logs.reduce((sum, log, i) => {
    const weight = LAG_WEIGHTS[Math.floor(i / RATES.length)] ?? 0;
    return sum + (weight * Math.exp(log)) / RATES.length;
  }, 0);

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  const apart = wanted.map((log, i) => Math.abs(log - (found[i] ?? Number.NaN)) / (1 + Math.abs(log)));
  expect(Math.max(...apart)).toBeLessThan(1e-9);
}

const VERSIONS = 4;
const doing = fc.record({
  what: fc.constantFrom("take", "take", "take-all", "lose", "unknown", "die", "die", "die"),
  version: fc.nat(VERSIONS - 1),
  from: fc.nat(),
  devices: fc.integer({ min: 1, max: 60 }),
  ageMinutes: fc.constantFrom(0, 1, 29, 31, 100, 300, 1_439, 1_441, 3_000),
  gapMinutes: fc.constantFrom(0, 1, 7, 40, 800),
});

test("the evidence is what the method says, in any world", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 150 }),
      fc.array(doing, { minLength: 10, maxLength: 40 }),
      (size, doings) => {
        const ledger = new Ledger(size);
        for (let version = 0; version < VERSIONS; version++) ledger.addVersion();
        for (const { what, version, from, devices, ageMinutes, gapMinutes } of doings) {
          ledger.pass(gapMinutes * MINUTE);
          const count = what === "take-all" ? size : devices;
          for (let n = 0; n < count; n++) {
            const device = (from + n * 7) % size;
            if (what === "lose") ledger.lose(device, version);
            else if (what !== "die") {
              ledger.take(device, version, what === "unknown" ? null : ledger.now - ageMinutes * MINUTE);
            }
          }
          if (what === "die") ledger.die(from % size);
        }
        for (const { number, logs, subgroups, baselineLog } of kept(ledger.detector)) {
          expectClose(logs[0] ?? [], ledger.logs(number, 0));
          const groups = new Map(subgroups.map(([model, share, of]) => [model, { share, of }]));
          let e = 0.5 * mixture(ledger.logs(number, 0)) + 0.12 + 0.2 + 0.06 * Math.exp(baselineLog);
          for (let model = 1; model <= MODELS; model++) {
            const wanted = ledger.logs(number, model);
            const members = Array.from({ length: size }, (_, device) => device);
            const share = members.filter((device) => ledger.modelOf(device) === model).length / size;
            expectClose(groups.get(model)?.of ?? wanted.map(() => 0), wanted);
            e += 0.12 * share * mixture(wanted);
          }
          expectClose([ledger.detector.standing(number)?.e ?? Number.NaN], [e]);
        }
      },
    ),
    { numRuns: 40, seed: 20_260_610 },
  );
});

test("whoever is drawn to have a harmless version, the evidence against it is 1 in the mean", () => {
  const found: number[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    const { random } = new DetectionWorld(seed);
    const ledger = new Ledger(120);
    for (let n = 0; n < 60; n++) {
      const version = ledger.addVersion();
      const share = 0.2 + 0.6 * random();
      for (let device = 0; device < 120; device++) {
        if (random() < share) ledger.take(device, version, ledger.now - Math.floor(random() * 100) * MINUTE);
      }
    }
    // Sites fail together, one after the other, whatever they have.
    for (const device of [0, 12, 24, 5, 17, 9, 7, 19, 31, 43]) ledger.die(device);
    for (const { logs } of kept(ledger.detector)) found.push(mixture(logs[0] ?? []));
  }
  expect(found.length).toBe(480);
  expect(Math.max(...found)).toBeGreaterThan(3);
  expect(found.reduce((sum, e) => sum + e, 0) / found.length).toBeLessThan(1.3);
});

test("models that come later share what is left of their weight: E begins at 1 and gains nothing by the fleet's growth", () => {
  const world = new DetectionWorld(4, SETTINGS);
  const first = world.fleet(100, () => ({ model: 1 }));
  world.settle(first);
  const version = world.version();
  for (const device of first.slice(0, 50)) world.take(device, version);
  world.run(world.now + 25 * HOUR);
  world.crash(first[60] ?? 0);
  world.run(world.now + HOUR);
  const before = world.standing(version).e;
  const later = world.fleet(900, () => ({ model: 2 }));
  world.settle(later);
  for (const device of later.slice(0, 450)) world.take(device, version);
  world.run(world.now + 25 * HOUR);
  world.crash(later[460] ?? 0);
  world.run(world.now + HOUR);
  expect(world.standing(version).e).toBeLessThan(before);
});

test("in which order devices speak within one tick changes no number", () => {
  const tell = (seed: number): unknown => {
    const world = new DetectionWorld(seed);
    const ledger = new Ledger(240);
    const version = ledger.addVersion();
    const devices = Array.from({ length: 240 }, (_, device) => device);
    for (const device of world.shuffled(devices.slice(0, 100))) ledger.take(device, version, ledger.now - MINUTE);
    const crashedAt = ledger.now;
    ledger.pass(MINUTE);
    for (const device of world.shuffled([3, 15, 27, 40, 90, 91, 150])) ledger.reportCrash(device, crashedAt);
    for (const device of world.shuffled(devices.slice(160, 170))) {
      ledger.detector.gone(ledger.now, device, "dropped", ledger.now - 40 * SECOND);
    }
    ledger.pass(20 * MINUTE);
    return ledger.detector.standings();
  };
  expect(tell(2)).toEqual(tell(1));
  expect(tell(3)).toEqual(tell(1));
});

test("two versions that travel together are named together", () => {
  const world = new DetectionWorld(5);
  const all = world.fleet(600);
  world.settle(all);
  const versions = [world.version(), world.version()];
  world.push(all, versions[0] ?? 0, HOUR, (device) => {
    world.take(device, versions[1] ?? 0);
    if (world.random() < 0.3) world.at(world.now + MINUTE, () => world.crash(device));
  });
  world.run(world.now + HOUR);
  const [verdict] = world.of("convicted");
  expect(new Set(verdict?.standings.map(({ version }) => version))).toEqual(new Set(versions));
});
