/**
 * One agent a machine: whoever starts second is refused before it has written anything.
 *
 * Holds a socket in the kernel's own name space, which only one process can have: it is free again at the moment at which
 * its process is gone, however it went. Linux alone has that name space, and only lab machines run on Linux.
 */
import { stat } from "node:fs/promises";
import { createServer } from "node:net";

/** @throws if another agent runs on this machine */
export async function beTheOnlyOne(stateFolder: string): Promise<void> {
  const { dev, ino } = await stat(stateFolder);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject("code" in error && error.code === "EADDRINUSE" ? another(stateFolder) : error),
    );
    server.listen(`\0ringback-agent-${dev}-${ino}`, resolve);
  });
  server.unref();
}

const another = (stateFolder: string): Error =>
  new Error(
    `another agent already runs on this machine (${stateFolder} is in its use): this one ends and has done nothing`,
  );
