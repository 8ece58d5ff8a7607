/**
 * Writes small files that are whole or not there, whenever the power goes and whoever reads meanwhile: under another
 * name first, then moved into place.
 */
import { link, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "./record-log.ts";

export const replaceFile = (path: string, text: string): Promise<void> => put(path, text, 0o666, rename);

/** For its owner only. @throws EEXIST if there is a file: it is left as it is */
export const createSecretFile = (path: string, text: string): Promise<void> => put(path, text, 0o600, link);

async function put(
  path: string,
  text: string,
  mode: number,
  intoPlace: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const fresh = `${path}.new`;
  try {
    await rm(fresh, { force: true }); // a mode counts for a new file only
    await writeFile(fresh, text, { mode, flag: "wx", flush: true });
    await intoPlace(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(dirname(path));
}
