/**
 * A binary heap of small integers that knows where each member stands, so that any of them can be moved or taken out.
 *
 * The order is given from outside and may change, as long as `moved` is called for the member whose key changed.
 * Readers walk `items` themselves: the children of place p stand at 2p+1 and 2p+2 and never come before their parent,
 * which is how `decide` looks at the front without changing anything.
 */
export class IndexedHeap {
  readonly items: number[] = [];
  readonly #places: Int32Array;
  readonly #before: (a: number, b: number) => boolean;

  /** @param places one entry a member, -1 where absent; may be shared by heaps that have no member in common. */
  constructor(places: Int32Array, before: (a: number, b: number) => boolean) {
    this.#places = places;
    this.#before = before;
  }

  get first(): number | undefined {
    return this.items[0];
  }

  add(item: number): void {
    this.items.push(item);
    this.#places[item] = this.items.length - 1;
    this.#rise(this.items.length - 1);
  }

  remove(item: number): void {
    const place = this.#places[item] ?? -1;
    const last = this.items.pop();
    this.#places[item] = -1;
    if (last === undefined || last === item) return;
    this.items[place] = last;
    this.#places[last] = place;
    this.moved(last);
  }

  /** The key of `item` changed. */
  moved(item: number): void {
    this.#sink(this.#rise(this.#places[item] ?? 0));
  }

  #rise(start: number): number {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) break;
      this.#swap(place, parent);
      place = parent;
    }
    return place;
  }

  #sink(start: number): void {
    let place = start;
    for (;;) {
      let least = place;
      for (let child = 2 * place + 1; child <= 2 * place + 2; child += 1) {
        if (child < this.items.length && this.#isBefore(child, least)) least = child;
      }
      if (least === place) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    return this.#before(this.items[a] as number, this.items[b] as number); // both places are below the length
  }

  #swap(a: number, b: number): void {
    const first = this.items[a] as number; // as above
    const second = this.items[b] as number;
    this.items[a] = second;
    this.items[b] = first;
    this.#places[second] = a;
    this.#places[first] = b;
  }
}

/** Places that were reached and not yet visited, best first: how a heap is walked in order without changing it. */
export class Frontier<Item> {
  readonly #items: Item[] = [];
  readonly #isBefore: (a: Item, b: Item) => boolean;

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  add(item: Item): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = items[parent] as Item; // a parent always exists
      if (!this.#isBefore(item, above)) break;
      items[place] = above;
      place = parent;
    }
    items[place] = item;
  }

  /** Takes out the best; undefined when there is none left. */
  take(): Item | undefined {
    const items = this.#items;
    const best = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return best;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      const right = items[child + 1];
      if (right !== undefined && this.#isBefore(right, items[child] as Item)) child += 1; // the left is below the length
      const below = items[child] as Item; // as above
      if (!this.#isBefore(below, last)) break;
      items[place] = below;
      place = child;
    }
    items[place] = last;
    return best;
  }
}
