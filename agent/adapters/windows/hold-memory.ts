/** Where the machine's own holds are remembered: a small file of the state folder, whole or not there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContentSourceId } from "../../../protocol/content.ts";
import type { ContentSource } from "../../../protocol/content-source.ts";
import { readCatalogue } from "../catalogue.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { FILES } from "../files.ts";
import { replaceFile } from "../replace-file.ts";
import { readConfig } from "../state-folder.ts";
import { HeldBefore, type HoldParts, type Holds } from "./holds.ts";

export function holdMemory(stateFolder: string): HoldParts["memory"] {
  const path = join(stateFolder, FILES.heldSources);
  return {
    async read() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (isNoSuchFile(error)) return "{}";
        throw error;
      });
      return HeldBefore.parse(JSON.parse(text));
    },
    write: (before) => replaceFile(path, `${JSON.stringify(before, undefined, 2)}\n`),
  };
}

/** One's own sources go before those that come with the agent. */
export async function sourceOf(stateFolder: string, id: ContentSourceId): Promise<ContentSource | undefined> {
  const { sources } = await readConfig(stateFolder);
  return sources.find((source) => source.id === id) ?? readCatalogue().get(id);
}

/** What the disk or the settings refuse is a fault of the hold. */
export function holdsWithFaults(holds: Holds): Holds {
  return {
    hold: (source) => holds.hold(source).catch((error: unknown) => faultOf(error, `hold ${source}`)),
    releaseHold: (source) => holds.releaseHold(source).catch((error: unknown) => faultOf(error, `release ${source}`)),
    isHeld: (source) => holds.isHeld(source).catch((error: unknown) => faultOf(error, `see whether ${source} is held`)),
  };
}
