/**
 * The devices that could be offered an order now, first come, first served, without ever looking at one that a budget
 * holds back.
 *
 * They queue in lanes: one for each wave, site and role, because a budget closes whole lanes at a time. A wave's lanes
 * of one role are themselves queued by their first device, and a lane leaves that queue while its site has no room. So
 * choosing n devices looks at about n of them, and a site that is full costs nothing however many wait there. Devices
 * that no budget concerns (none is set, or the device is down already) stand in the wave's open lane; those that are down and
 * of a role that is taken one by one have a lane of that role. Lanes are queued,
 * and their devices counted as held back, from the opening of their wave on: nobody is chosen from it before.
 */
import type { AtOnce, Budgeted } from "./budgets.ts";
import { Frontier, IndexedHeap } from "./heap.ts";
import { HeldBack } from "./held-back.ts";
import { NONE, type Placing, planLanes, type Taken } from "./lanes.ts";

interface Lane {
  readonly number: number;
  readonly wave: number;
  readonly site: number;
  readonly role: number;
  readonly atOnce: number;
  /** Devices by the time they became ready. */
  readonly slots: IndexedHeap;
  /** The lanes of the same wave and role whose site has room, by their first device. */
  readonly queue: IndexedHeap;
}

/** Whoever could be next: a device at its place in a lane and, if it heads the lane, the lane's place in its queue. */
interface Candidate {
  readonly slot: number;
  readonly lane: Lane;
  readonly place: number;
  readonly lanePlace: number | undefined;
}

export class ReadyQueues {
  readonly #sites: Budgeted;
  readonly #roles: Budgeted;
  readonly #atOnce: AtOnce;
  readonly #lanes: readonly Lane[];
  /** The first device of each lane: what lanes are queued by. */
  readonly #heads: Int32Array;
  readonly #lanesOfSite: ReadonlyMap<number, readonly Lane[]>;
  /** The queues of a wave, one for all lanes that the same limits of a role bind. */
  readonly #queuesOfWave: readonly (readonly IndexedHeap[])[];
  /** The lane of a device while it is up, while it is down, and the one in which it stands now. */
  readonly #budgetLanes: Int32Array;
  readonly #downLanes: Int32Array;
  readonly #standsIn: Int32Array;
  readonly #waves: Uint8Array;
  readonly #readyAt: Float64Array;
  readonly #counts: number[];
  readonly #openWaves = new Set<number>();
  /** Devices that are ready in open waves, by the sites and roles that bind them. */
  readonly heldBack: { readonly site: HeldBack; readonly role: HeldBack; readonly atOnce: HeldBack };

  constructor(waveCount: number, placing: Placing, sites: Budgeted, roles: Budgeted, atOnce: AtOnce) {
    const size = placing.wave.length;
    this.#sites = sites;
    this.#roles = roles;
    this.#atOnce = atOnce;
    this.#waves = placing.wave;
    this.#readyAt = new Float64Array(size);
    this.#standsIn = new Int32Array(size).fill(NONE);
    this.#counts = Array.from({ length: waveCount }, () => 0);
    const [site, role] = [new HeldBack(sites.size), new HeldBack(roles.size)];
    this.heldBack = { site, role, atOnce: new HeldBack(roles.size) };

    const plan = planLanes(placing, sites, roles, atOnce);
    this.#budgetLanes = plan.budgetLanes;
    this.#downLanes = plan.downLanes;

    const slotPlaces = new Int32Array(size).fill(-1);
    const lanePlaces = new Int32Array(plan.lanes.length).fill(-1);
    const lanes: Lane[] = [];
    const heads = new Int32Array(plan.lanes.length).fill(NONE);
    this.#heads = heads;
    const headsBefore = (a: number, b: number): boolean => this.#isBefore(heads[a] ?? NONE, heads[b] ?? NONE);
    const slotsBefore = (a: number, b: number): boolean => this.#isBefore(a, b);
    const queuesOfWave = Array.from({ length: waveCount }, () => new Map<number, IndexedHeap>());
    for (const [number, lane] of plan.lanes.entries()) {
      const queues = queuesOfWave[lane.wave] ?? new Map<number, IndexedHeap>();
      const bound = (lane.role + 1) * (roles.size + 1) + lane.atOnce + 1;
      const queue = queues.get(bound) ?? new IndexedHeap(lanePlaces, headsBefore);
      queues.set(bound, queue);
      const slots = new IndexedHeap(slotPlaces, slotsBefore);
      lanes.push({ number, ...lane, slots, queue });
    }
    this.#lanes = lanes;
    this.#lanesOfSite = Map.groupBy(lanes, ({ site }) => site);
    this.#queuesOfWave = queuesOfWave.map((queues) => [...queues.values()]);
  }

  /** Ready devices of a wave, whether a budget holds them back or not. */
  count(wave: number): number {
    return this.#counts[wave] ?? 0;
  }

  /** @param isDown no budget of what is down holds such a device back: helping it takes nothing away. */
  add(slot: number, readyAt: number, isDown: boolean): void {
    const wave = this.#waves[slot] ?? 0;
    const lane = this.#lane((isDown ? this.#downLanes : this.#budgetLanes)[slot] ?? 0);
    this.#readyAt[slot] = readyAt;
    this.#standsIn[slot] = lane.number;
    this.#counts[wave] = this.count(wave) + 1;
    this.#change(lane, () => lane.slots.add(slot));
  }

  remove(slot: number): void {
    const wave = this.#waves[slot] ?? 0;
    const lane = this.#lane(this.#standsIn[slot] ?? 0);
    this.#standsIn[slot] = NONE;
    this.#counts[wave] = this.count(wave) - 1;
    this.#change(lane, () => lane.slots.remove(slot));
  }

  /** From now on devices of the wave may be chosen. */
  openWave(wave: number): void {
    if (this.#openWaves.has(wave)) return;
    this.#openWaves.add(wave);
    for (const lane of this.#lanes) {
      if (lane.wave !== wave || lane.slots.first === undefined) continue;
      this.#noteWaiting(lane, lane.slots.items.length);
      if (this.#hasRoom(lane.site)) lane.queue.add(lane.number);
    }
  }

  /** To be called when the site got its first room, or lost its last. */
  siteChanged(site: number): void {
    const hasRoom = this.#hasRoom(site);
    this.heldBack.site.setFull(site, !hasRoom);
    for (const lane of this.#lanesOfSite.get(site) ?? []) {
      if (this.#heads[lane.number] === NONE || !this.#openWaves.has(lane.wave)) continue;
      if (hasRoom) lane.queue.add(lane.number);
      else lane.queue.remove(lane.number);
    }
  }

  roleChanged(role: number): void {
    this.heldBack.role.setFull(role, this.#roles.room(role) <= 0);
  }

  atOnceChanged(role: number): void {
    this.heldBack.atOnce.setFull(role, this.#atOnce.room(role) <= 0);
  }

  /**
   * The next devices of a wave, at most `countMax`, that the budgets allow all together. Changes nothing but `taken`,
   * which carries what was chosen from one wave to the next.
   */
  choose(wave: number, countMax: number, taken: Taken): readonly number[] {
    const chosen: number[] = [];
    const frontier = new Frontier<Candidate>((a, b) => this.#isBefore(a.slot, b.slot));
    const reachLane = (queue: IndexedHeap, lanePlace: number): void => {
      const number = queue.items[lanePlace];
      if (number === undefined) return;
      const lane = this.#lane(number);
      if (lane.slots.first !== undefined) frontier.add({ slot: lane.slots.first, lane, place: 0, lanePlace });
    };
    const reachSlot = (lane: Lane, place: number): void => {
      const slot = lane.slots.items[place];
      if (slot !== undefined) frontier.add({ slot, lane, place, lanePlace: undefined });
    };

    for (const queue of this.#queuesOfWave[wave] ?? []) reachLane(queue, 0);
    while (chosen.length < countMax) {
      const next = frontier.take();
      if (next === undefined) break;
      const { slot, lane, place, lanePlace } = next;
      if (lane.role !== NONE && this.#roles.room(lane.role) <= taken.ofRole(lane.role)) continue; // and all lanes behind it
      if (lane.atOnce !== NONE && this.#atOnce.room(lane.atOnce) <= taken.atOnce(lane.atOnce)) continue; // the same
      if (lanePlace !== undefined) {
        reachLane(lane.queue, 2 * lanePlace + 1);
        reachLane(lane.queue, 2 * lanePlace + 2);
      }
      if (lane.site !== NONE && this.#sites.room(lane.site) <= taken.ofSite(lane.site)) continue; // and all behind it here
      chosen.push(slot);
      taken.add(lane);
      reachSlot(lane, 2 * place + 1);
      reachSlot(lane, 2 * place + 2);
    }
    return chosen;
  }

  /** Keeps the queue of lanes true while a lane changes: it stands there while it has devices and its site has room. */
  #change(lane: Lane, change: () => void): void {
    const { number, slots, queue } = lane;
    const countBefore = slots.items.length;
    const headBefore = slots.first;
    change();
    const head = slots.first;
    this.#heads[number] = head ?? NONE;
    if (!this.#openWaves.has(lane.wave)) return;
    this.#noteWaiting(lane, slots.items.length - countBefore);
    if (head === headBefore || !this.#hasRoom(lane.site)) return;
    if (headBefore === undefined) queue.add(number);
    else if (head === undefined) queue.remove(number);
    else queue.moved(number);
  }

  #noteWaiting({ site, role, atOnce }: Lane, change: number): void {
    if (site !== NONE) this.heldBack.site.wait(site, change);
    if (role !== NONE) this.heldBack.role.wait(role, change);
    if (atOnce !== NONE) this.heldBack.atOnce.wait(atOnce, change);
  }

  #hasRoom(site: number): boolean {
    return site === NONE || this.#sites.room(site) > 0;
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#readyAt[a] ?? 0;
    const second = this.#readyAt[b] ?? 0;
    return first < second || (first === second && a < b);
  }

  #lane(number: number): Lane {
    const lane = this.#lanes[number];
    if (lane === undefined) throw new RangeError(`there is no lane ${number}`);
    return lane;
  }
}
