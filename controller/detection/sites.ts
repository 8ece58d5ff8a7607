/** How many machines each site has, and of its office machines how many are online: what core hours are learnt from. */
import { grown } from "./arrays.ts";

/** Side by side, because they are read together. */
const DEVICES = 0;
const OFFICE = 1;
const OFFICE_ONLINE = 2;
const COUNTS = 4;

export class Sites {
  /** Sites that have machines. */
  size = 0;
  #counts = new Uint32Array(0);

  tally(site: number, isOffice: boolean, by: 1 | -1): void {
    this.#counts = grown(this.#counts, (site + 1) * COUNTS);
    const devices = this.#add(site, DEVICES, by);
    if (by === 1 && devices === 1) this.size++;
    if (devices === 0) this.size--;
    if (isOffice) this.#add(site, OFFICE, by);
  }

  tallyOfficeOnline(site: number, by: 1 | -1): void {
    this.#add(site, OFFICE_ONLINE, by);
  }

  *officeMachines(): Iterable<readonly [site: number, online: number, of: number]> {
    for (let site = 0; site * COUNTS < this.#counts.length; site++) {
      if (this.#count(site, DEVICES) > 0) yield [site, this.#count(site, OFFICE_ONLINE), this.#count(site, OFFICE)];
    }
  }

  #count(site: number, which: number): number {
    return this.#counts[site * COUNTS + which] as number;
  }

  #add(site: number, which: number, by: number): number {
    const count = this.#count(site, which) + by;
    this.#counts[site * COUNTS + which] = count;
    return count;
  }
}
