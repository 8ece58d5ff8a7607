/** Which content versions the fleet runs, on how many devices, and how many of these have crashed. Kept by differences. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId, ContentVersion } from "../../protocol/content.ts";
import type { Instant } from "../../protocol/time.ts";

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

/** What one device runs, and whether it counts as crashed. */
interface Running {
  readonly content: readonly ContentVersion[];
  readonly crashed: boolean;
}

export class ContentIndex {
  private readonly uses = new Map<string, { -readonly [K in keyof ContentUse]: ContentUse[K] }>();

  /** Versions that run on a device, or did since the controller started. */
  list(): readonly ContentUse[] {
    return [...this.uses.values()];
  }

  find(source: ContentSourceId, sha256: Sha256): ContentUse | undefined {
    return this.uses.get(`${source} ${sha256}`);
  }

  /** One device ran `before` and runs `after`. */
  replace(before: Running, after: Running, at: Instant): void {
    if (before.content === after.content && before.crashed === after.crashed) return;
    for (const version of distinct(before.content)) this.count(version, at, -1, before.crashed);
    for (const version of distinct(after.content)) this.count(version, at, 1, after.crashed);
  }

  private count(version: ContentVersion, at: Instant, by: 1 | -1, crashed: boolean): void {
    const key = `${version.source} ${version.sha256}`;
    let use = this.uses.get(key);
    if (use === undefined) {
      const { source, sha256, label, path } = version;
      use = { source, sha256, label, path, firstSeenAt: at, devices: 0, crashed: 0 };
      this.uses.set(key, use);
    }
    use.devices += by;
    if (crashed) use.crashed += by;
  }
}

/** A device may hold the same contents under two names; it counts once. */
function distinct(versions: readonly ContentVersion[]): Iterable<ContentVersion> {
  return new Map(versions.map((version) => [`${version.source} ${version.sha256}`, version])).values();
}
