/**
 * The hours of the week in which most office machines of a site are online: only then is a silent office machine an
 * event. Learnt by site, because sites live in time zones; for small sites and at the beginning the whole fleet's hours
 * count, and before a week has been seen Monday to Friday, 8 to 16 UTC.
 */
import { HOUR_MS } from "./clock.ts";

const HOURS = 168;
/** Monday 5 January 1970, 0:00 UTC. */
const MONDAY_HOUR = 96;
const MOST = 0.5;
const SITE_MIN = 10;
/** What is new weighs as much as all weeks before. */
const NEW_WEIGHT = 0.5;

/** Of the 168 hours so many have to be known: what one morning was like says nothing about the others. */
const WEEK_SEEN = 160;

const FLEET = -1;
const UNSEEN = Number.NaN;

export type SavedCoreHours = readonly (readonly [number, readonly (number | null)[]])[];

const hourOfWeek = (at: number): number => (((Math.floor(at / HOUR_MS) - MONDAY_HOUR) % HOURS) + HOURS) % HOURS;
const isUsualHour = (hour: number): boolean => hour < 120 && hour % 24 >= 8 && hour % 24 < 16;

export class CoreHours {
  readonly #shares: Map<number, Float32Array>;
  /** Hours of the week of which the fleet's share is known. */
  #seen: number;

  constructor(saved: SavedCoreHours = []) {
    this.#shares = new Map(saved.map(([site, hours]) => [site, Float32Array.from(hours, (share) => share ?? UNSEEN)]));
    this.#seen = (this.#shares.get(FLEET) ?? []).filter((share) => !Number.isNaN(share)).length;
  }

  /** How many office machines there were online of how many, by site, in the hour that ends at `at`. */
  note(at: number, sites: Iterable<readonly [site: number, online: number, of: number]>): void {
    const hour = hourOfWeek(at - 1);
    let fleetOnline = 0;
    let fleet = 0;
    for (const [site, online, of] of sites) {
      fleetOnline += online;
      fleet += of;
      if (of >= SITE_MIN) this.#learn(site, hour, online / of);
    }
    if (fleet >= SITE_MIN) this.#learn(FLEET, hour, fleetOnline / fleet);
  }

  isCore(site: number, at: number): boolean {
    const hour = hourOfWeek(at);
    if (this.#seen < WEEK_SEEN) return isUsualHour(hour);
    const share = this.#shares.get(site)?.[hour] ?? UNSEEN;
    if (!Number.isNaN(share)) return share >= MOST;
    const ofAll = this.#shares.get(FLEET)?.[hour] ?? UNSEEN;
    return Number.isNaN(ofAll) ? isUsualHour(hour) : ofAll >= MOST;
  }

  /** By site, the fleet's own with null; hours that were not seen yet by default. */
  learnt(): { readonly site: number | null; readonly hours: readonly number[] }[] {
    const hours = Array.from({ length: HOURS }, (_, hour) => hour);
    const sites = [...new Set([FLEET, ...this.#shares.keys()])].sort((a, b) => a - b);
    return sites.map((site) => ({
      site: site === FLEET ? null : site,
      hours: hours.filter((hour) => this.isCore(site, (hour + MONDAY_HOUR) * HOUR_MS)),
    }));
  }

  save(): SavedCoreHours {
    return [...this.#shares].map(([site, shares]) => [
      site,
      Array.from(shares, (share) => (Number.isNaN(share) ? null : share)),
    ]);
  }

  #learn(site: number, hour: number, share: number): void {
    let shares = this.#shares.get(site);
    if (shares === undefined) {
      shares = new Float32Array(HOURS).fill(UNSEEN);
      this.#shares.set(site, shares);
    }
    const before = shares[hour] ?? UNSEEN;
    if (site === FLEET && Number.isNaN(before)) this.#seen++;
    shares[hour] = Number.isNaN(before) ? share : before + NEW_WEIGHT * (share - before);
  }
}
