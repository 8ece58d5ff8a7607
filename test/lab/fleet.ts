/**
 * The fleet of a drill, chosen from a seed: where each machine stands, what it is for, and how it will fare.
 *
 * The oracle is made here, before anything starts: a machine that will load the faulty content and die before its
 * network comes up in each boot can be reached by nobody from afar.
 */
import { Dice } from "./random.ts";

/** Everything about a machine that is decided beforehand. Durations are lab milliseconds, measured from the boot. */
export interface MachineSpec {
  /** The computer's name. */
  readonly name: string;
  readonly site: string;
  readonly role: "workstation" | "clinical" | "domain-controller";
  readonly seed: string;
  /** Whether the vendor's product is on it. Without it the machine is never exposed. */
  readonly subscribed: boolean;
  /** The driver takes new content at once, or (an older release of it) at the next boot only. */
  readonly loads: "at-once" | "at-boot";
  readonly networkAfterMs: number;
  readonly servicesAfterMs: number;
  /** When a boot ends that loaded faulty content, and how long a running machine lives once it has loaded it. */
  readonly dieAfterMs: number;
  readonly dieAfterLoadMs: number;
  /** From the end of a boot to the beginning of the next: writing the dump, firmware. */
  readonly restartAfterMs: number;
}

export interface Fleet {
  readonly machines: readonly MachineSpec[];
  /** The names of the machines that nobody can reach once they have crashed, sorted. */
  readonly unreachable: readonly string[];
}

/** Fewer would leave no wave for someone. */
export const MACHINES_MIN = 6;
export const MACHINES_MAX = 200;

const SITES = [
  { name: "Northgate Hospital", prefix: "NGH" },
  { name: "St Brannoc's Hospital", prefix: "SBH" },
  { name: "Eastmoor Hospital", prefix: "EMH" },
  { name: "Lindum Infirmary", prefix: "LIN" },
] as const;
const MACHINES_PER_SITE_MIN = 3;

/** By position at a site, so that each has two domain controllers as soon as it is large enough to need them. */
const ROLES = [
  "domain-controller",
  "workstation",
  "clinical",
  "workstation",
  "domain-controller",
  "workstation",
] as const;
const ROLE_CODES = { workstation: "WS", clinical: "CL", "domain-controller": "DC" } as const;

const SECOND = 1_000;
/** Long enough for an agent to log in and do its work: 4 seconds of the wall and more. */
const NETWORK_WINDOW_MS = { low: 80 * SECOND, high: 90 * SECOND };
/** From boot to network. */
const NETWORK_AFTER_MS = { low: 20 * SECOND, high: 30 * SECOND };
/** A machine that has lived longer than this in one boot did not load faulty content in it. */
export const DEADLY_WITHIN_MS = NETWORK_AFTER_MS.high + NETWORK_WINDOW_MS.high;

type Fate = "not-subscribed" | "no-network" | "at-boot" | "loops-with-network";

/** @param machines at least MACHINES_MIN */
export function planFleet(machines: number, seed: number): Fleet {
  const dice = new Dice(seed, "fleet");
  const places = placesOf(machines);
  let fates = dice.shuffle(fatesOf(machines));
  while (!isRecoverable(places, fates)) fates = dice.shuffle(fates);
  const specs = places.map((place, i) => machineOf(place, fates[i] ?? "not-subscribed", seed));
  return {
    machines: specs,
    unreachable: specs
      .filter(({ subscribed, loads, dieAfterMs, networkAfterMs }) => {
        return subscribed && loads === "at-once" && dieAfterMs < networkAfterMs;
      })
      .map(({ name }) => name)
      .toSorted(),
  };
}

/** A share of each kind, and at least one of each. */
function fatesOf(machines: number): Fate[] {
  const some = (share: number): number => Math.max(1, Math.round(machines * share));
  const fates: Fate[] = [
    ...Array.from({ length: some(1 / 6) }, () => "not-subscribed" as const),
    ...Array.from({ length: some(1 / 8) }, () => "no-network" as const),
    ...Array.from({ length: some(1 / 12) }, () => "at-boot" as const),
  ];
  return [...fates, ...Array.from({ length: machines - fates.length }, () => "loops-with-network" as const)];
}

/**
 * A budget rightly keeps a machine that still works from being restarted beside others that stay down. So the machines
 * that work on are workstations, and at their sites at most a quarter stays down for good.
 */
function isRecoverable(places: readonly Place[], fates: readonly Fate[]): boolean {
  return places.every(({ site, role }, i) => {
    if (fates[i] !== "at-boot") return true;
    const here = fates.filter((_, j) => places[j]?.site === site);
    return role === "workstation" && here.filter((fate) => fate === "no-network").length <= here.length / 4;
  });
}

type Place = Pick<MachineSpec, "name" | "site" | "role">;

function placesOf(machines: number): Place[] {
  const sites = SITES.slice(0, Math.max(1, Math.min(SITES.length, Math.floor(machines / MACHINES_PER_SITE_MIN))));
  const counts = new Map<string, number>();
  return Array.from({ length: machines }, (_, i) => {
    const site = sites[i % sites.length] ?? SITES[0];
    const role = ROLES[Math.floor(i / sites.length) % ROLES.length] ?? "workstation";
    const kind = `${site.prefix}-${ROLE_CODES[role]}`;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return { name: `${kind}-${String(count).padStart(2, "0")}`, site: site.name, role };
  });
}

function machineOf(place: Place, fate: Fate, seed: number): MachineSpec {
  const dice = new Dice(seed, `machine/${place.name}`);
  const networkAfterMs = dice.between(NETWORK_AFTER_MS.low, NETWORK_AFTER_MS.high);
  const window = dice.between(NETWORK_WINDOW_MS.low, NETWORK_WINDOW_MS.high);
  return {
    ...place,
    seed: `${seed}/${place.name}`,
    subscribed: fate !== "not-subscribed",
    loads: fate === "at-boot" ? "at-boot" : "at-once",
    networkAfterMs,
    servicesAfterMs: dice.between(25 * SECOND, 40 * SECOND),
    dieAfterMs:
      fate === "no-network" ? networkAfterMs - dice.between(6 * SECOND, 10 * SECOND) : networkAfterMs + window,
    dieAfterLoadMs: dice.between(15 * SECOND, 40 * SECOND),
    restartAfterMs: dice.between(20 * SECOND, 40 * SECOND),
  };
}
