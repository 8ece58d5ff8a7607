/**
 * What the agent watches and may touch on Windows where its settings do not say: the sources of its own catalogue, and
 * files in the folders of those whose vendor lets files be moved, nowhere else. A source of a product that is not installed
 * matches no file and costs nothing.
 *
 * To narrow this, name `sources` or `allowedRoots` in config.json: what is named there counts alone.
 */
import type { ContentSource } from "../../../protocol/content-source.ts";
import { splitPath, WindowsPath } from "../../../protocol/windows-path.ts";
import type { ConfigDefaults } from "../../config.ts";
import { readCatalogue } from "../catalogue.ts";

export function windowsDefaults(): ConfigDefaults {
  const sources = [...readCatalogue().values()];
  const folders = new Set(
    sources.filter(movesFiles).flatMap(({ files }) => files.map((glob) => splitPath(glob).folder)),
  );
  return { sources, allowedRoots: [...folders].toSorted().map((folder) => WindowsPath.parse(folder)) };
}

/** In one way of starting Windows at least. */
const movesFiles = ({ permits }: ContentSource): boolean =>
  permits !== undefined &&
  [permits.normal, permits.safe, permits.offline].some(
    (kinds) => kinds.includes("quarantine-file") || kinds.includes("restore-file"),
  );
