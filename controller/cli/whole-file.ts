/**
 * Writes a new file that is there whole or not at all, and that only its owner may read.
 *
 * It is written beside its place, brought to the disk and then given its name; a name that is taken stays as it is.
 */
import { link, open, rm } from "node:fs/promises";
import { UsageError } from "./errors.ts";

/** @throws UsageError if there is such a file, or the place cannot be written to; then nothing was changed */
export async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const handle = await open(fresh, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(fresh, path); // unlike a rename it never takes the place of another file
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw new UsageError(
      isThere
        ? `${path} is there already, and is left as it is. Name another file.`
        : `${path} cannot be written. Check the folder and the space on its disk. Nothing is there now.`,
      { cause },
    );
  } finally {
    await rm(fresh, { force: true });
  }
}
