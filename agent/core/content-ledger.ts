/**
 * The content ledger: what the watched folders and values of the registry hold, as a list of changes.
 *
 * Invariant: a change is in the ledger before anyone is told of it. A file whose source could not be read this time
 * keeps the state it had: not being able to look is no disappearance.
 */
import { z } from "zod";
import { ContentChange, ContentVersion } from "../../protocol/content.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import { AGENT_FRAME_BYTES_MAX } from "../../protocol/frames.ts";
import { text } from "../../protocol/names.ts";
import type { RegistryKey, RegistryValue } from "../../protocol/registry.ts";
import { registryLabel, registryPlace, registryVersionDigest } from "../../protocol/registry-version.ts";
import type { Instant } from "../../protocol/time.ts";
import { splitPath, type WindowsPath } from "../../protocol/windows-path.ts";

export const ContentRecord = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("change"), n: z.int().min(1), change: ContentChange }),
  /** Everything known at that moment; stands for the changes before it. */
  z.strictObject({ event: z.literal("known"), n: z.int().min(0), versions: z.array(ContentVersion) }),
]);
export type ContentRecord = z.infer<typeof ContentRecord>;

/** A file is watched once for each source that names it. */
const keyOf = ({ source, path }: Pick<ContentVersion, "source" | "path">): string => `${source} ${path.toLowerCase()}`;

export interface ContentLedger {
  readonly versions: ReadonlyMap<string, ContentVersion>;
  readonly n: number;
}

const EMPTY: ContentLedger = { versions: new Map(), n: 0 };

export function foldContent(records: readonly ContentRecord[], from: ContentLedger = EMPTY): ContentLedger {
  const versions = new Map(from.versions);
  let { n } = from;
  for (const record of records) {
    n = record.n;
    if (record.event === "known") {
      versions.clear();
      for (const version of record.versions) versions.set(keyOf(version), version);
    } else if (record.change.change === "appeared") {
      versions.set(keyOf(record.change.version), record.change.version);
    } else {
      versions.delete(keyOf(record.change.version));
    }
  }
  return { versions, n };
}

/** One look at the disk. `unread` are sources that could not be looked at, wholly or in part. */
export interface Sighting {
  readonly versions: readonly ContentVersion[];
  readonly unread: ReadonlySet<ContentSource["id"]>;
}

/** What changed since, oldest state first: a file with new contents disappears and appears. */
export function compareContent(known: ContentLedger["versions"], seen: Sighting, noticedAt: Instant): ContentChange[] {
  const changes: ContentChange[] = [];
  const found = new Map(seen.versions.map((version) => [keyOf(version), version]));
  for (const [key, version] of known) {
    if (seen.unread.has(version.source) && !found.has(key)) continue;
    if (found.get(key)?.sha256 !== version.sha256) changes.push({ change: "disappeared", noticedAt, version });
  }
  for (const [key, version] of found) {
    if (known.get(key)?.sha256 !== version.sha256) changes.push({ change: "appeared", noticedAt, version });
  }
  return changes;
}

/** A boot report holds so many versions, and a frame so many bytes: the rest of the report is small. */
const VERSIONS_MAX = 100;
const VERSIONS_BYTES_MAX = AGENT_FRAME_BYTES_MAX - 8 * 1_024;

/** The newest versions, as many as a boot report can hold: one that is too large would not be sent at all. */
export function newestThatFit(versions: readonly ContentVersion[]): readonly ContentVersion[] {
  const newest = versions.toSorted((a, b) => b.modifiedAt - a.modifiedAt).slice(0, VERSIONS_MAX);
  const utf8 = new TextEncoder();
  let bytes = 0;
  const end = newest.findIndex((version) => {
    bytes += utf8.encode(JSON.stringify(version)).length + 1;
    return bytes > VERSIONS_BYTES_MAX;
  });
  return end < 0 ? newest : newest.slice(0, end);
}

const RECORDS_MAX = 1_000;

/** The same ledger in one record, or nothing if it is short enough. */
export function compactContent(records: readonly ContentRecord[]): readonly ContentRecord[] | undefined {
  if (records.length <= RECORDS_MAX) return undefined;
  const { versions, n } = foldContent(records);
  return [{ event: "known", n, versions: [...versions.values()] }];
}

/** A value that a product writes into the registry, as a version. @param writtenAt of its key: the value is at least so old */
export function versionInRegistry(
  found: {
    readonly source: ContentSource["id"];
    readonly key: RegistryKey;
    readonly name: string;
    readonly value: RegistryValue;
  },
  writtenAt: Instant,
): ContentVersion {
  const identity = registryVersionDigest(found);
  const label = registryLabel(found.value);
  return {
    source: found.source,
    label: Label.safeParse(label).success ? label : identity.sha256.slice(0, 12),
    path: registryPlace(found.key, found.name),
    modifiedAt: writtenAt,
    ...identity,
  };
}

const Label = text(120);

/** How people call the version that a file holds; its digest if the name says nothing. */
export function labelOf(source: ContentSource, path: WindowsPath, sha256: string): string {
  if (source.label.kind === "file-name") {
    const label = new RegExp(source.label.pattern, "i").exec(splitPath(path).name)?.[1];
    if (Label.safeParse(label).success) return label as string; // the schema accepts strings only
  }
  return sha256.slice(0, 12);
}
