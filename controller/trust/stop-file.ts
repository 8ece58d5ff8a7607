/** Emergency stops that the database has not got yet, in one file of the data folder; on the disk before it is said. */
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { EmergencyStop } from "../../protocol/emergency.ts";
import type { StopFile } from "./precautions.ts";

export function stopFile(path: string): StopFile {
  let writing: Promise<void> = Promise.resolve();
  return {
    async read() {
      try {
        return z.array(EmergencyStop).parse(JSON.parse(await readFile(path, "utf8")));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
        throw new Error(`${path} cannot be read: it holds emergency stops that are not in the database yet`, {
          cause: error,
        });
      }
    },

    // One after another: the database may take a stop while it is still being written here.
    write(stops) {
      const done = writing.then(() => put(path, stops));
      writing = done.catch(() => undefined);
      return done;
    },
  };
}

async function put(path: string, stops: readonly EmergencyStop[]): Promise<void> {
  const handle = await open(`${path}.new`, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(stops)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), "r"); // a name is on the disk when its folder is
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
