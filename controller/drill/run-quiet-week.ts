/** Days on which nothing is faulty: whoever is convicted then is innocent, and every incident is a false alarm. */
import { createDetector } from "../detection/detector.ts";
import type { DetectionRule, Detector, DetectorSettings } from "../detection/types.ts";
import { DAY, HOUR } from "./calendar.ts";
import { type FleetShape, ORDINARY_FLEET } from "./fleet-shape.ts";
import { ORDINARY_WAYS, type Ways } from "./lives.ts";
import { ORDINARY_TROUBLE, type Trouble } from "./mishaps.ts";
import { ALPHA, HEARTBEAT_MS, SILENCE_MS } from "./run-outbreak.ts";
import { World } from "./world.ts";

export interface QuietOptions {
  readonly seed: number;
  readonly days: number;
  readonly shape?: Partial<FleetShape>;
  readonly trouble?: Partial<Trouble>;
  readonly ways?: Partial<Ways>;
  readonly harmlessPerDay?: number;
  readonly heartbeatMs?: number;
  readonly without?: ReadonlySet<DetectionRule>;
  readonly detector?: (settings: DetectorSettings) => Detector;
}

export interface QuietRun {
  readonly seed: number;
  /** Mass silences and convictions, whatever they lead to. */
  readonly incidents: number;
  readonly massSilences: number;
  /** Those of them at which the controller halts by itself. */
  readonly halts: number;
  readonly convicted: readonly string[];
  readonly versions: number;
  /** Versions that ever reached E >= 100, and the largest E of all. */
  readonly suspected: number;
  readonly eMax: number;
  readonly events: number;
}

export function runQuietWeek(options: QuietOptions): QuietRun {
  const { seed, days, without } = options;
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const settings = { alpha: ALPHA, heartbeatMs, silenceMs: SILENCE_MS, ...(without === undefined ? {} : { without }) };
  const detector = (options.detector ?? createDetector)(settings);
  const world = new World({
    seed,
    shape: { ...ORDINARY_FLEET, ...options.shape },
    startMinute: 0,
    ticks: days * DAY,
    heartbeatMs,
    trouble: { ...ORDINARY_TROUBLE, ...options.trouble },
    ways: { ...ORDINARY_WAYS, ...options.ways },
    harmlessPerDay: options.harmlessPerDay ?? 3,
    detector,
    words: null,
  });
  const counts = { convictions: 0, acts: 0, massSilences: 0 };
  const convicted = new Set<string>();
  const eMax = new Map<number, number>();
  world.run((findings, tick) => {
    for (const finding of findings) {
      if (finding.kind === "mass-silence") counts.massSilences++;
      if (finding.kind === "confirmed") counts.acts++;
      if (finding.kind !== "convicted") continue;
      counts.convictions++;
      if (finding.certainty === "act") counts.acts++;
      for (const { version } of finding.standings) convicted.add(world.contents.names[version] ?? `version ${version}`);
    }
    // Versions are retired after some time, and their evidence with them.
    if (tick % (6 * HOUR) === 0 || tick >= world.calendar.end - 600) {
      for (const standing of detector.standings()) eMax.set(standing.version, standing.eMax);
    }
    return false;
  });
  return {
    seed,
    incidents: counts.convictions + counts.massSilences,
    massSilences: counts.massSilences,
    halts: counts.acts + counts.massSilences,
    convicted: [...convicted],
    versions: world.contents.names.length,
    suspected: [...eMax.values()].filter((e) => e >= 100).length,
    eMax: Math.max(0, ...eMax.values()),
    events: world.events,
  };
}
