/** Products whose protection decides what steps can do: what is there of them, and whether it stands in the way. Pure. */
import type { ContentSource } from "../../../../protocol/content-source.ts";
import { splitPath } from "../../../../protocol/windows-path.ts";
import type { Result } from "../../../ports.ts";
import type { FileSystemFilter } from "../tools/fltmc-output.ts";
import { unknown, type Verdict, works, worksNot } from "./verdict.ts";

/** File system filters by product, as each vendor names its own. A machine has one while its product guards it. */
const FILTERS: readonly { readonly source: RegExp; readonly filter: RegExp }[] = [
  { source: /^crowdstrike\./, filter: /^CSAgent$/i },
  { source: /^defender\./, filter: /^WdFilter$/i },
  { source: /^sophos/, filter: /^(?:Sophos\w*|savonaccess)$/i },
  { source: /^symantec/, filter: /^(?:SymEFA\w*|SRTSP\w*|eeCtrl)$/i },
  { source: /^trend/, filter: /^(?:Tm\w+)$/i },
  { source: /^sentinelone/, filter: /^Sentinel\w*$/i },
];

export interface ProductFolder {
  readonly source: ContentSource;
  readonly folder: string;
  /** Whether the agent may move files there, as Windows answers when it is asked; the number is Windows' error. */
  readonly asked: "granted" | "denied" | "absent" | number;
}

/** The folders that a source's files lie in. */
export const foldersOf = (source: ContentSource): readonly string[] => [
  ...new Set(source.files.map((file) => splitPath(file).folder)),
];

/** Only of what is on the machine. */
export function productVerdicts(
  folders: readonly ProductFolder[],
  filters: Result<readonly FileSystemFilter[]>,
): readonly Verdict[] {
  return folders.filter(({ asked }) => asked !== "absent").map((found) => productVerdict(found, filters));
}

function productVerdict(
  { source, folder, asked }: ProductFolder,
  filters: Result<readonly FileSystemFilter[]>,
): Verdict {
  const about = { capability: `product:${source.id}`, title: `${source.title}: files in ${folder}` };
  const guard = guardOf(source, filters);
  const out = "quarantine-file in normal mode: safe mode, or the vendor's own way";
  if (asked === "granted")
    return works(about, `the right to move files there is given${guard}; moving may be refused still`);
  if (asked === "denied") return worksNot(about, `the right to move files there is refused${guard}`, out);
  return unknown(about, `Windows answers with error ${asked}${guard}`, out);
}

function guardOf({ id }: ContentSource, filters: Result<readonly FileSystemFilter[]>): string {
  const pattern = FILTERS.find(({ source }) => source.test(id))?.filter;
  if (pattern === undefined) return "";
  if (filters.kind === "fault") return "; whether its filter driver is loaded is not known";
  const loaded = filters.value.filter(({ name }) => pattern.test(name)).map(({ name }) => name);
  return loaded.length === 0
    ? "; its filter driver is not loaded"
    : `; its filter driver is loaded (${loaded.join(", ")})`;
}
