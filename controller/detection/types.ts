/**
 * What detection is told and what it says. Pure data, in small whole numbers.
 *
 * Devices, versions, sites and the like are numbers that the caller gives out, from 0 up and without gaps, so that
 * millions of devices fit in flat columns; names are the caller's business. All times are milliseconds since 1970 of
 * the controller's clock, as plain numbers: the caller has turned device times into controller times.
 */

/** What makes a machine suspicious. `restart`: it restarted unexpectedly, and nothing speaks of a bugcheck. */
export const SIGNALS = ["bugcheck", "restart", "silence"] as const;
export type Signal = (typeof SIGNALS)[number];

/** How a machine lives, learnt from when it is online. Steady machines are all but `mobile`. */
export const DEVICE_CLASSES = ["server", "always-on", "office", "mobile"] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

/** How a machine left. `dropped`: without a word. */
export type Leaving = "dropped" | "shutdown" | "restart" | "sleep" | "service-stop";

/** Where a machine stands and what it is: what strata, clusters and subgroups are made of. */
export interface DeviceFacts {
  readonly site: number;
  /** 0 where regions are not known. */
  readonly region: number;
  /** The network that it speaks from; 0: not known. */
  readonly segment: number;
  readonly os: number;
  /** Of the hardware; 0: not known. */
  readonly model: number;
  /** Where nothing has been learnt yet. */
  readonly class: DeviceClass;
}

/** A version that was on the disk when the machine crashed. Null: nobody knows since when. */
export interface ContentAtCrash {
  readonly version: number;
  readonly writtenAt: number | null;
}

export interface Crash {
  readonly signal: "bugcheck" | "restart";
  /** As far as it is known: what the device measured, or when it was last heard. */
  readonly crashedAt: number;
  readonly content: readonly ContentAtCrash[];
  /** The version whose product the crash dump points at; shown beside the numbers, never multiplied into them. */
  readonly pointsAt: number | null;
}

/** Rules that may be left out, each to show in a test that it is needed. Production leaves out none. */
export const DETECTION_RULES = [
  "at-risk", // no event in 7 days, whatever the exposure; two in 30 days count nowhere
  "back-dating", // exposure counts from the write, not from its report; a report states the content at the crash
  "alike", // compared only with machines whose failing would have counted, too
  "strata",
  "lag-bins",
  "subgroups",
  "cluster",
  "void",
  "silence-window", // back before W is no event, and only steady machines count
  "baseline-window", // the rate is the larger one of what is learnt and what others do now; at most two a site and 5 min
  "coverage",
  "sites", // exposed events on at least three sites
  "explained", // machines that run a convicted version speak for no other
  "goodbyes", // the clean goodbyes of the last ten minutes raise what silence is expected
  "alibi", // a machine that the controller heard live on has not crashed, and has not withheld what it took
  "liars", // acting by itself needs a tenth of the exposed, seen to fall silent
  "budget", // each version gets its share of alpha
] as const;
export type DetectionRule = (typeof DETECTION_RULES)[number];

export interface DetectorSettings {
  /** The chance, over a year, that any harmless version is ever convicted. */
  readonly alpha: number;
  /** How often a living machine is heard. */
  readonly heartbeatMs: number;
  /** How long steady machines may be silent before that is an event: W. */
  readonly silenceMs: number;
  readonly without?: ReadonlySet<DetectionRule>;
  /** Collect what `drainChanges` gives: for whoever stores it. */
  readonly keepsChanges?: boolean;
}

/** A version as it is judged now. Counts are of devices. */
export interface VersionStanding {
  readonly version: number;
  readonly firstSeenAt: number;
  /** `retired`: seen too long ago to be tested. A convicted version stays convicted. */
  readonly status: "watched" | "suspect" | "convicted" | "retired";
  /** The evidence against it: at least 1 / (alpha x share) convicts. */
  readonly e: number;
  readonly eMax: number;
  readonly threshold: number;
  /** Its share of the year's error, fixed at first sight. */
  readonly share: number;
  readonly exposed: number;
  /** Of the exposed, those with an event of any signal since. */
  readonly exposedAffected: number;
  readonly othersAtRisk: number;
  readonly othersAffected: number;
  /** Sites with exposed events. */
  readonly sites: number;
  /** Events since it appeared beyond what is usual, and the share of these that ran it; null: too few to say. */
  readonly coverage: number | null;
  /** By signal: events of exposed and of other machines. */
  readonly signals: Readonly<Record<Signal, { readonly exposed: number; readonly others: number }>>;
  /** Crashes whose dump points at this version's product, and those whose dump points elsewhere. */
  readonly dumps: { readonly for: number; readonly elsewhere: number };
  /** What counts most against it: which test, in words. */
  readonly because: string;
}

export type Finding =
  /** E >= 100, or the first content at the crash of a mass silence. For people only. */
  | { readonly kind: "suspect"; readonly at: number; readonly standing: VersionStanding; readonly because: string }
  /** The leader first, then versions that travel with it and cannot be told apart. */
  | {
      readonly kind: "convicted";
      readonly at: number;
      readonly standings: readonly VersionStanding[];
      /** `propose`: liars acting together could have made this evidence, so nothing is done by itself. */
      readonly certainty: "act" | "propose";
      readonly because: string;
    }
  /** A convicted version has become more certain: `propose` before, `act` now. */
  | { readonly kind: "confirmed"; readonly at: number; readonly standing: VersionStanding; readonly because: string }
  | {
      readonly kind: "mass-silence";
      readonly at: number;
      /** Steady machines that were not heard for too long, and how many would be usual. */
      readonly silent: number;
      readonly expected: number;
      readonly sites: readonly number[];
      readonly because: string;
    }
  /** The machines are back, or nothing has been added for an hour. */
  | { readonly kind: "mass-silence-over"; readonly at: number };

/** What is learnt from the fleet's own history, with the default where there is too little of it. */
export interface Learnt {
  /** Bugchecks and unexpected restarts of one machine and day online. */
  readonly bugchecksPerDeviceDay: LearntValue;
  readonly restartsPerDeviceDay: LearntValue;
  /** Silences of one steady machine and day. */
  readonly silencesPerDeviceDay: LearntValue;
  /** Of machines that leave at closing time, the share that says no goodbye. */
  readonly uncleanShare: LearntValue;
  readonly classes: Readonly<Record<DeviceClass, number>>;
  /** Hours of the week (UTC, Monday 0:00 first) in which most office machines are online; by site, where it is learnt. */
  readonly coreHours: readonly { readonly site: number | null; readonly hours: readonly number[] }[];
  /** Machine-days that were looked at. */
  readonly deviceDays: number;
}
export interface LearntValue {
  readonly value: number;
  /** Of too little history: the stated default counts. */
  readonly isDefault: boolean;
}

/** Everything but devices, as JSON: with the devices' memories and exposures it rebuilds the same numbers. */
export type DetectorMemory = string;
/** What is remembered of a device, as whole numbers whose order is the detector's own. */
export type DeviceMemory = readonly number[];
export interface DetectorChanges {
  /** Exposures to versions that are watched, with the time of the write. */
  readonly exposures: readonly { readonly device: number; readonly version: number; readonly writtenAt: number }[];
  /** Taken back after that: exposures that need not be restored. */
  readonly cleared: readonly { readonly device: number; readonly version: number }[];
  /** `deviceMemory` gives what is remembered of each. */
  readonly devices: readonly number[];
  readonly retired: readonly number[];
}

/**
 * Told in the order in which the controller heard; `at` never goes back. What happened earlier comes with a time of its
 * own. Telling costs an event, never the fleet.
 */
export interface Detector {
  /** The next number is its slot. A device that was known before brings its memory and exposures. */
  addDevice(facts: DeviceFacts, memory?: DeviceMemory): number;
  changeDevice(device: number, facts: DeviceFacts): void;
  /** Something will be told of it soon: with millions of devices most of the time goes by waiting for memory. */
  expect(device: number): void;
  /** It counts nowhere any more: revoked, cloned, thrown away. Told again with true it may count. */
  setCounts(device: number, counts: boolean): void;
  /** A version that nobody had before is watched from now on; `isOld`: it was there when detection began, and is not. */
  addVersion(at: number, isOld?: boolean): number;
  /** Brings an exposure back after a restart, before anything is told. */
  restoreExposure(device: number, version: number, writtenAt: number): void;

  online(at: number, device: number, gateway: number): void;
  /** @param lastHeardAt before `at` where it was dropped after unanswered pings */
  gone(at: number, device: number, how: Leaving, lastHeardAt: number): void;
  /** @param writtenAt null: nobody knows when, so it is neither exposed nor unexposed */
  exposed(at: number, device: number, version: number, writtenAt: number | null): void;
  /** The version is not on its disk any more: from now on it is unexposed, and what was counted stays counted. */
  cleared(at: number, device: number, version: number): void;
  crashed(at: number, device: number, crash: Crash): void;
  /** The controller or a gateway (null: all) did not listen: nothing that seems to have happened meanwhile counts. */
  deaf(at: number, from: number, gateway: number | null): void;

  /** Evaluates everything that is due by `now`. Called at least every few seconds, and after what was told. */
  advance(now: number): readonly Finding[];
  /** When to call `advance` even if nothing is told; null: no need. */
  readonly wakeAt: number | null;

  standing(version: number): VersionStanding | undefined;
  /** Versions under test or convicted, the most suspicious first. */
  standings(): readonly VersionStanding[];
  learnt(): Learnt;
  /** How many machines count, so that people are told where conviction cannot be promised (under about 100). */
  readonly size: number;
  readonly massSilence: boolean;

  save(): DetectorMemory;
  drainChanges(): DetectorChanges;
  deviceMemory(device: number): DeviceMemory;
  /** The same of all devices as they are now, whatever is told afterwards: 64 bytes a device are copied. */
  memories(): (device: number) => DeviceMemory;
}
