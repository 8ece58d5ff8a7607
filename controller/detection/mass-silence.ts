/**
 * Many steady machines fall silent and nobody knows why: the incident of machines that die before they can report
 * anything. Every ten seconds k, the newly timed-out ones, is held against mu, how many would be usual; a
 * Shiryaev-Roberts sum over several rate ratios finds the change wherever it begins.
 *
 * At most one machine a site and five minutes counts, because sites fail together. What clean goodbyes there were in the
 * last ten minutes raises mu: when a thousand people go home, some fifty just switch off, and without that term every
 * closing time is an incident.
 */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "./clock.ts";
import { Ring, type SavedRing } from "./ring.ts";

export const LOOK_MS = 10 * SECOND_MS;
const RHOS = [5, 20, 100, 500] as const;
const LIMIT = 1e8;
const USUAL_TIMES = 3;
const SITE_MS = 5 * MINUTE_MS;
/** A connection that broke is not a machine that is silent until it should have been heard again. */
export const RIPE_MS = 30 * SECOND_MS;
/** Long after its last machine, or when most are back, an incident is over. */
const QUIET_MS = HOUR_MS;
const BACK_SHARE = 0.8;
/** So many machines are remembered one by one; with more, nothing changes that these do not show. */
const REMEMBERED_MAX = 20_000;

interface Active {
  readonly since: number;
  lastAt: number;
  /** A version has been named. */
  isNamed: boolean;
  readonly devices: Set<number>;
  readonly back: Set<number>;
}

export interface SavedMassSilence {
  readonly m: readonly number[];
  readonly goodbyes: SavedRing;
  readonly sites: readonly (readonly [number, number])[];
  readonly recent: readonly Silent[];
  readonly active: {
    readonly since: number;
    readonly lastAt: number;
    readonly isNamed: boolean;
    readonly devices: readonly number[];
    readonly back: readonly number[];
  } | null;
}
export interface Silent {
  readonly at: number;
  readonly device: number;
  readonly site: number;
}

/** A machine that timed out, until it may count. */
export interface Ripening {
  readonly ripeAt: number;
  readonly silent: Silent;
  readonly gateway: number;
  /** How often it was put off. */
  readonly waits: number;
}

/** Of machines that fell silent together, so many spoke through one gateway: it may be the gateway. */
const ONE_GATEWAY_SHARE = 0.8;
const ONE_GATEWAY_MIN = 4;
const WAIT_MS = 20 * SECOND_MS;
const WAITS_MAX = 3;

/**
 * What a gateway that restarts leaves behind looks like many dying machines until enough of its others have timed out
 * too. Silence that is nearly all of one gateway waits for that; what kills machines hits all gateways alike.
 */
export function putOff(ripe: readonly Ripening[], gateways: number, now: number): Ripening[] {
  if (gateways < 2) return [];
  const byGateway = new Map<number, number>();
  for (const { gateway } of ripe) byGateway.set(gateway, (byGateway.get(gateway) ?? 0) + 1);
  return ripe
    .filter(({ gateway, waits }) => {
      const together = byGateway.get(gateway) ?? 0;
      return waits < WAITS_MAX && together >= ONE_GATEWAY_MIN && together >= ONE_GATEWAY_SHARE * ripe.length;
    })
    .map((one) => ({ ...one, ripeAt: now + WAIT_MS, waits: one.waits + 1 }));
}

export class MassSilence {
  readonly #m: number[];
  readonly #goodbyes: Ring;
  /** When a machine of a site was last counted. */
  readonly #sites: Map<number, number>;
  /** Of the last ten minutes, also those that did not count because of their site. */
  #recent: Silent[];
  #active: Active | null;

  constructor(saved?: SavedMassSilence) {
    this.#m = [...(saved?.m ?? RHOS.map(() => 0))];
    this.#goodbyes = new Ring(LOOK_MS, 60, saved?.goodbyes);
    this.#sites = new Map(saved?.sites);
    this.#recent = [...(saved?.recent ?? [])];
    const active = saved?.active ?? null;
    this.#active = active === null ? null : { ...active, devices: new Set(active.devices), back: new Set(active.back) };
  }

  get isActive(): boolean {
    return this.#active !== null;
  }
  /** The machines that are silent began to be about then; null: there is no such incident. */
  get since(): number | null {
    return this.#active?.since ?? null;
  }
  get recent(): readonly Silent[] {
    return this.#recent;
  }

  noteGoodbye(at: number): void {
    this.#goodbyes.add(at, 1);
  }
  noteBack(device: number): void {
    if (this.#active?.devices.has(device) === true) this.#active.back.add(device);
  }

  /** Nobody knows yet what it was: the first report of what was on a machine that died of it names the suspect. */
  get wantsName(): boolean {
    return this.#active !== null && !this.#active.isNamed;
  }
  has(device: number): boolean {
    return this.#active?.devices.has(device) === true;
  }
  noteNamed(): void {
    if (this.#active !== null) this.#active.isNamed = true;
  }

  /** Of so many goodbyes in ten minutes, how many a look; the fullest ten seconds count too, for goodbyes come in bursts. */
  goodbyesALook(now: number): number {
    return Math.max(this.#goodbyes.sum(now) / 60, this.#goodbyes.fullest(now) / 2);
  }

  /**
   * @param silent steady machines that have timed out since the last look, none of them void
   * @param usual how many would be usual
   * @returns whether an incident begins or is over
   */
  look(now: number, silent: readonly Silent[], usual: number): "begins" | "over" | "nothing" {
    this.#recent = this.#recent.filter(({ at }) => now - at <= 10 * MINUTE_MS);
    let k = 0;
    for (const one of silent) {
      if (this.#recent.length < REMEMBERED_MAX) this.#recent.push(one);
      const before = this.#sites.get(one.site);
      if (before !== undefined && now - before < SITE_MS) continue;
      this.#sites.set(one.site, now);
      k++;
    }
    const mu = USUAL_TIMES * usual;
    for (let i = 0; i < RHOS.length; i++) {
      const rho = RHOS[i] as number;
      // Kept finite: an outbreak goes on long after the limit.
      this.#m[i] = Math.min(
        1e200,
        ((this.#m[i] as number) + 1 / 4) * rho ** Math.min(k, 60) * Math.exp((1 - rho) * mu),
      );
    }
    if (this.#active === null) return this.#m.reduce((sum, m) => sum + m, 0) >= LIMIT ? this.#begin(now) : "nothing";
    const { devices, back } = this.#active;
    for (const { device } of silent) {
      if (devices.size < REMEMBERED_MAX) devices.add(device);
      back.delete(device);
    }
    if (silent.length > 0) this.#active.lastAt = now;
    const isOver = now - this.#active.lastAt >= QUIET_MS || back.size >= BACK_SHARE * devices.size;
    return isOver ? this.#end() : "nothing";
  }

  prune(now: number): void {
    for (const [site, at] of this.#sites) if (now - at >= SITE_MS) this.#sites.delete(site);
  }

  save(): SavedMassSilence {
    const active = this.#active;
    return {
      m: this.#m,
      goodbyes: this.#goodbyes.save(),
      sites: [...this.#sites],
      recent: this.#recent,
      active: active === null ? null : { ...active, devices: [...active.devices], back: [...active.back] },
    };
  }

  #begin(now: number): "begins" {
    const since = this.#recent.reduce((first, { at }) => Math.min(first, at), now);
    this.#active = {
      since,
      lastAt: now,
      isNamed: false,
      devices: new Set(this.#recent.map(({ device }) => device)),
      back: new Set(),
    };
    return "begins";
  }

  #end(): "over" {
    this.#active = null;
    this.#m.fill(0);
    return "over";
  }
}
