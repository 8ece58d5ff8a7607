/**
 * One agent a machine: whoever starts second is refused before it has written anything.
 *
 * Holds a file of the state folder open so that nobody else can open it. Windows lets go of it at the moment at which the
 * process is gone, however it went. A named mutex would do the same, but anybody on the machine may make one of that name
 * first; into this folder only administrators reach.
 */
import { join } from "node:path";
import { FILES } from "../files.ts";
import { holdFile, SHARING_VIOLATION } from "./native/hold-file.ts";

/** Until the process ends. @throws if another agent runs on this machine, or its folder is not there */
export function beTheOnlyOne(stateFolder: string): void {
  const path = join(stateFolder, FILES.lock);
  const error = holdFile(path);
  if (error === SHARING_VIOLATION)
    throw new Error(
      `another agent already runs on this machine (${path} is in its use): this one ends and has done nothing`,
    );
  if (error !== 0)
    throw new Error(`whether another agent runs on this machine cannot be known: ${path} gives error ${error}`);
}
