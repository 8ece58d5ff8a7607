/**
 * What the two halves of a simulated drill agree on: how a faulty version went through a fleet until it was halted, and
 * what the recovery after it starts from. Flat columns, one entry a device, so that millions fit.
 *
 * Nothing here can reach a real device: a drill knows no gateway, no store and no key.
 */

/** Roles with rules of their own first; devices hold the index. */
export const DRILL_ROLES = ["workstation", "laptop", "server", "domain-controller", "clinical", "till"] as const;

export interface FleetColumns {
  readonly size: number;
  readonly siteCount: number;
  readonly site: Uint32Array;
  readonly region: Uint8Array;
  readonly segment: Uint32Array;
  /** Index into `DEVICE_CLASSES`: how it really lives; detection learns it. */
  readonly class: Uint8Array;
  /** Index into `DRILL_ROLES`. */
  readonly role: Uint8Array;
  readonly os: Uint8Array;
  readonly model: Uint16Array;
}

/** What the faulty version does to a machine that it hurts. */
export type Effect =
  | "boot-loop"
  | "crash-once"
  | "crash-again"
  | "no-network"
  | "service-lost"
  | "data-lost"
  | "slow"
  | "recovery-prompt"
  | "install-fails"
  | "none";

/** How a machine that is down can be brought back; the shares of a scenario's machines sum up to 1. */
export interface Reach {
  /** Online and working enough that the agent carries out an order. */
  readonly online: number;
  /** In its loop it has moments of network, in which it takes an order. */
  readonly moments: number;
  /** By itself: a standing order, carried out by the guardian in safe mode or recovery. */
  readonly guardian: number;
  /** Somebody has to go there. */
  readonly visit: number;
}

/** A scenario as data. Times are in minutes where named so. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** The row of the table of incidents or the case that it replays. */
  readonly replays: string;
  /** Must convict nobody and open no incident. */
  readonly isNegative: boolean;
  /** What is not known of what it replays, and was chosen: shown with its figures. */
  readonly assumptions: readonly string[];
  readonly push: {
    /** How long the vendor's push takes to reach all that are online. */
    readonly minutes: number;
    /** Share of the fleet that gets this product's content at all. */
    readonly share: number;
    /** UTC hour of the day at which it begins. */
    readonly hour: number;
    /** When the vendor withdraws it by itself, after the beginning; null: never. */
    readonly withdrawnAfterMinutes: number | null;
  };
  readonly harm: {
    readonly effect: Effect;
    /** Share of the exposed that are hurt. */
    readonly share: number;
    readonly delayMinutes: number;
    /** The kernel dies before anything about the content is reported. */
    readonly instant: boolean;
    /** Only one hardware model, with so much of the fleet; null: any. */
    readonly modelShare: number | null;
    /** Detection can see it: a bugcheck, a restart or a silence. Otherwise people have to notice, so many minutes after. */
    readonly noticedByPeopleAfterMinutes: number | null;
    /** Only machines of this role; absent: any. */
    readonly role?: (typeof DRILL_ROLES)[number];
    /** Its crashes leave no bugcheck: absent: they do. */
    readonly signal?: "restart";
    /** Of a boot loop: boots with network for a moment, and machines whose recovery environment reports. */
    readonly loops?: { readonly networkShare: number; readonly recoveryShare: number };
    /** Of the crash dumps, those that point at the product; absent: none. */
    readonly dumpShare?: number;
  };
  /** Another version, of another product and harmless, that travels with it. */
  readonly hasTwin?: true;
  /** Agents that lie: at random times about anything, or all of them about this version. */
  readonly liars?: { readonly share: number; readonly kind: "random" | "frame" };
  /** What else happens meanwhile. */
  readonly meanwhile?: "outages" | "gateways" | "closing" | "patch-night" | "laptops";
  readonly reach: Reach;
  readonly restarts: boolean;
  /** Of the library; null where nothing can be rolled back. */
  readonly playbook: string | null;
}

/** When what became known, in milliseconds from the first exposure; null: never. */
export interface Moments {
  readonly firstCrash: number | null;
  readonly incident: number | null;
  readonly verdict: number | null;
  /** Our own rollouts stop. */
  readonly halt: number | null;
  /** Nobody takes it any more: machines hold the content, or the vendor has withdrawn it. */
  readonly closed: number | null;
}

export interface Outbreak {
  readonly scenario: Scenario;
  readonly fleet: FleetColumns;
  readonly seed: number;
  readonly moments: Moments;
  /** Tenths of a second from the first exposure, plus one; 0: never. */
  readonly exposedAt: Uint32Array;
  readonly hurtAt: Uint32Array;
  readonly exposedAtIncident: number;
  readonly hurtAtIncident: number;
  readonly exposedAtVerdict: number;
  readonly hurtAtVerdict: number;
  /** Versions that were convicted or named, by name; of a good run only the faulty one. */
  readonly convicted: readonly string[];
  readonly events: number;
}
