/** What ran at a boot, and what of it was new: compared by path, as Windows does, without regard to case. */
import type { IncidentView } from "../../../protocol/api-incidents.ts";
import type { ContentVersion } from "../../../protocol/content.ts";

export type ContentNews =
  | { readonly kind: "same" }
  | { readonly kind: "new" }
  | { readonly kind: "replaced"; readonly before: ContentVersion };

export interface ContentDifference {
  readonly rows: readonly { readonly version: ContentVersion; readonly news: ContentNews | null }[];
  /** There at the boot before, and no longer. */
  readonly gone: readonly ContentVersion[];
}

/** @param before null where the boot before is not known: then nothing is said to be new */
export function compareContent(
  now: readonly ContentVersion[],
  before: readonly ContentVersion[] | null,
): ContentDifference {
  const earlier = new Map((before ?? []).map((version) => [pathOf(version), version]));
  const rows = now.map((version) => ({ version, news: before === null ? null : newsOf(version, earlier) }));
  const paths = new Set(now.map(pathOf));
  return { rows, gone: (before ?? []).filter((version) => !paths.has(pathOf(version))) };
}

function newsOf(version: ContentVersion, earlier: ReadonlyMap<string, ContentVersion>): ContentNews {
  const before = earlier.get(pathOf(version));
  if (before === undefined) return { kind: "new" };
  return before.sha256 === version.sha256 ? { kind: "same" } : { kind: "replaced", before };
}

const pathOf = ({ path }: ContentVersion): string => path.toLowerCase();

/** The newest incident that declares this very version faulty. */
export function incidentOf(
  { source, sha256 }: Pick<ContentVersion, "source" | "sha256">,
  incidents: readonly IncidentView[],
): IncidentView | undefined {
  return incidents.find(({ versions }) =>
    versions.some((version) => version.source === source && version.sha256 === sha256),
  );
}
