/**
 * Which content versions the fleet runs, on how many devices, and how many of these have crashed. Kept by differences.
 *
 * Devices with the same versions share one set, and a set has a small number: a fleet of a million has some hundreds of
 * sets. Invariant: a set is there as long as a device holds it; its number is given out again after that.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { Instant } from "../../protocol/time.ts";
import type { KnownVersion } from "./known-state.ts";

export interface ContentUse {
  readonly source: ContentSourceId;
  readonly sha256: Sha256;
  readonly label: string;
  readonly path: string;
  /** When the controller first heard of it, since it started. */
  readonly firstSeenAt: Instant;
  readonly devices: number;
  readonly crashed: number;
}

interface Version {
  readonly number: number;
  readonly use: { -readonly [K in keyof ContentUse]: ContentUse[K] };
  /** The sets that it is in. */
  readonly sets: Set<number>;
}

interface ContentSet {
  readonly key: string;
  readonly versions: readonly Version[];
  devices: number;
}

/** The set with nothing in it is always there. */
export const NO_CONTENT = 0;

export class ContentIndex {
  private readonly bySource = new Map<ContentSourceId, Map<Sha256, Version>>();
  private versionCount = 0;
  private readonly sets: (ContentSet | undefined)[] = [{ key: "", versions: [], devices: 1 }];
  private readonly numbers = new Map<string, number>([["", NO_CONTENT]]);
  private readonly free: number[] = [];

  /** The numbers of all sets are below this. */
  get setsEnd(): number {
    return this.sets.length;
  }

  /** Versions that run on a device, or did since the controller started. */
  list(): readonly ContentUse[] {
    return this.versions(undefined, undefined).map(({ use }) => use);
  }

  find(source: ContentSourceId, sha256: Sha256): ContentUse | undefined {
    return this.bySource.get(source)?.get(sha256)?.use;
  }

  /** One device more holds these versions. A version that it holds under two names counts once. */
  hold(content: readonly KnownVersion[], crashed: boolean, at: Instant): number {
    const versions = content
      .map((version) => this.versionOf(version, at))
      .sort((a, b) => a.number - b.number)
      .filter((version, i, sorted) => version !== sorted[i - 1]);
    let key = "";
    for (const { number } of versions) key += `${number} `;
    const number = this.numbers.get(key) ?? this.make(key, versions);
    this.count(number, 1, crashed);
    return number;
  }

  /** One device less holds this set. */
  release(number: number, crashed: boolean): void {
    this.count(number, -1, crashed);
    const set = this.sets[number];
    if (set === undefined || set.devices > 0) return;
    this.sets[number] = undefined;
    this.numbers.delete(set.key);
    this.free.push(number);
    for (const { sets } of set.versions) sets.delete(number);
  }

  /** A device that holds this set has crashed, or is well again. */
  recount(number: number, crashed: boolean): void {
    for (const { use } of this.sets[number]?.versions ?? []) use.crashed += crashed ? 1 : -1;
  }

  /** The sets with any version that is of this source and has this digest, of whichever is given. */
  setsWith(source: ContentSourceId | undefined, sha256: Sha256 | undefined): ReadonlySet<number> {
    return new Set(this.versions(source, sha256).flatMap(({ sets }) => [...sets]));
  }

  /** Every version with its share of some devices; `counts` says how many of them hold each set. */
  sharesOf(counts: Uint32Array): { readonly use: ContentUse; readonly devices: number }[] {
    return this.versions(undefined, undefined).map(({ use, sets }) => {
      let devices = 0;
      for (const set of sets) devices += counts[set] ?? 0;
      return { use, devices };
    });
  }

  private versions(source: ContentSourceId | undefined, sha256: Sha256 | undefined): Version[] {
    const sources = source === undefined ? [...this.bySource.values()] : [this.bySource.get(source) ?? new Map()];
    const versions = sources.flatMap((byDigest: ReadonlyMap<Sha256, Version>) => [...byDigest.values()]);
    return sha256 === undefined ? versions : versions.filter(({ use }) => use.sha256 === sha256);
  }

  private versionOf({ source, sha256, label, path }: KnownVersion, at: Instant): Version {
    let byDigest = this.bySource.get(source);
    if (byDigest === undefined) this.bySource.set(source, (byDigest = new Map<Sha256, Version>()));
    let version = byDigest.get(sha256);
    if (version === undefined) {
      const use = { source, sha256, label, path, firstSeenAt: at, devices: 0, crashed: 0 };
      version = { number: this.versionCount++, use, sets: new Set() };
      byDigest.set(sha256, version);
    }
    return version;
  }

  private make(key: string, versions: readonly Version[]): number {
    const number = this.free.pop() ?? this.sets.length;
    this.sets[number] = { key, versions, devices: 0 };
    this.numbers.set(key, number);
    for (const { sets } of versions) sets.add(number);
    return number;
  }

  private count(number: number, by: 1 | -1, crashed: boolean): void {
    const set = this.sets[number];
    if (set === undefined) return;
    set.devices += by;
    for (const { use } of set.versions) {
      use.devices += by;
      if (crashed) use.crashed += by;
    }
  }
}
