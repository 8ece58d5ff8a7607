/**
 * Small whole numbers for names, as the detector wants them: versions, sites, networks and the like. A name keeps its
 * number for good, over restarts too, so the numbers in what the detector remembers always mean the same.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";

export interface NamedVersion {
  readonly source: ContentSourceId;
  readonly sha256: Sha256;
  readonly label: string;
  /** It was there before detection began, so it is not under test. */
  readonly isOld: boolean;
}
/** One version at one path, as a device holds it. */
interface Item {
  readonly version: number;
  readonly path: string;
}

/** Of what is stored here and of the rows of devices beside it. Another one is not read: detection begins anew. */
const LAYOUT = 3;

/** What is stored of it. */
interface StoredNames {
  readonly layout: typeof LAYOUT;
  readonly pace: number;
  readonly versions: readonly NamedVersion[];
  readonly items: readonly (readonly [version: number, path: string])[];
  readonly lists: Readonly<Record<ListName, readonly string[]>>;
}

/** `zones`, `segments`, `systems` and `models`: 0 is what is not known. */
const LISTS = ["sites", "zones", "segments", "systems", "models", "gateways"] as const;
type ListName = (typeof LISTS)[number];

export class Names {
  /** How much faster than real time the detector is told everything; another pace means other numbers. */
  readonly pace: number;
  private readonly versions: NamedVersion[] = [];
  private readonly versionNumbers = new Map<string, number>();
  private readonly items: Item[] = [];
  private readonly itemNumbers = new Map<string, number>();
  private readonly lists = new Map<ListName, Map<string, number>>(LISTS.map((name) => [name, new Map()]));

  constructor(pace: number) {
    this.pace = pace;
  }

  /** @returns undefined where what is stored is of another layout */
  static parse(json: string): Names | undefined {
    const stored = JSON.parse(json) as StoredNames; // written by `stringify`
    if (stored.layout !== LAYOUT) return undefined;
    const names = new Names(stored.pace);
    for (const version of stored.versions) names.addVersion(version);
    for (const [version, path] of stored.items) names.itemOf(version, path);
    for (const name of LISTS) for (const value of stored.lists[name]) names.of(name, value);
    return names;
  }

  stringify(): string {
    const lists = Object.fromEntries(LISTS.map((name) => [name, [...(this.lists.get(name)?.keys() ?? [])]])) as Record<
      ListName,
      string[]
    >; // of every list
    const items = this.items.map(({ version, path }) => [version, path] as const);
    const stored: StoredNames = { layout: LAYOUT, pace: this.pace, versions: this.versions, items, lists };
    return JSON.stringify(stored);
  }

  /** The number of a name in a list; a new one gets the next. Numbers begin with 1 where 0 means that it is not known. */
  of(list: ListName, value: string): number {
    const numbers = this.lists.get(list) as Map<string, number>; // made for every list
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size + (list === "sites" ? 0 : 1)));
    return number;
  }

  /** @returns undefined for a name that has no number yet */
  find(list: ListName, value: string): number | undefined {
    return this.lists.get(list)?.get(value);
  }
  all(list: ListName): Iterable<string> {
    return this.lists.get(list)?.keys() ?? [];
  }

  /** @returns the name of a site */
  site(number: number): string | undefined {
    return [...(this.lists.get("sites")?.keys() ?? [])][number];
  }

  version(number: number): NamedVersion | undefined {
    return this.versions[number];
  }
  get versionCount(): number {
    return this.versions.length;
  }
  numberOf({ source, sha256 }: Pick<NamedVersion, "source" | "sha256">): number | undefined {
    return this.versionNumbers.get(`${source} ${sha256}`);
  }
  addVersion(version: NamedVersion): number {
    const number = this.versions.push(version) - 1;
    this.versionNumbers.set(`${version.source} ${version.sha256}`, number);
    return number;
  }

  /** What lies at a path is one item; Windows ignores case. */
  itemOf(version: number, path: string): number {
    const at = path.toLowerCase();
    const key = `${version} ${at}`;
    let number = this.itemNumbers.get(key);
    if (number === undefined) this.itemNumbers.set(key, (number = this.items.push({ version, path: at }) - 1));
    return number;
  }
  item(number: number): Item {
    return this.items[number] as Item; // only numbers that were given out are asked for
  }
}
