/** Files from real machines, which are no part of this repository: beside it, or not there. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const DATA = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "shared", "data");

export interface Samples {
  /** Full paths, sorted; none if the folder is absent. */
  readonly files: readonly string[];
  /** For the name of a test: says that there is nothing to test. */
  readonly note: string;
}

/** @param folder below the data folder, `evtx` for instance */
export function samples(folder: string, extension: string): Samples {
  const path = join(DATA, folder);
  if (!existsSync(path)) return { files: [], note: ` (skipped: there is no folder ../shared/data/${folder})` };
  const names = readdirSync(path).filter((name) => name.endsWith(extension));
  return { files: names.sort().map((name) => join(path, name)), note: "" };
}
