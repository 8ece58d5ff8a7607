/** The agent's state folder: settings, key, trust, and the records that outlive every process. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Trust } from "../../protocol/trust.ts";
import { type AgentConfig, ConfigInvalid, parseConfig } from "../config.ts";
import type { Log, RecordLog, Records } from "../ports.ts";
import { isNoSuchFile } from "./fault-of.ts";
import { FILES } from "./files.ts";
import { openRecordLog } from "./record-log.ts";
import { replaceFile } from "./replace-file.ts";
import { reserveAt } from "./reserve.ts";

/** @throws ConfigInvalid */
export async function readConfig(folder: string): Promise<AgentConfig> {
  const path = join(folder, FILES.config);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (!isNoSuchFile(cause)) throw cause;
    throw new ConfigInvalid(`there is no agent here: ${path} does not exist; init makes it`, { cause });
  }
  return parseConfig(text, path);
}

/** The authority that was pinned; undefined where no TLS is used. @throws ConfigInvalid if it is named and not there */
export async function readCa(folder: string, { caFile }: AgentConfig): Promise<string | undefined> {
  if (caFile === undefined) return undefined;
  const path = join(folder, caFile);
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigInvalid(`${path} cannot be read: without the pinned authority no controller is believed`, {
      cause,
    });
  });
}

/** Read again for every order, so that a new trust document counts at once. Nothing readable: nobody is believed. */
export function trustIn(folder: string, log: Log): () => Promise<Trust | undefined> {
  return async () => {
    try {
      return Trust.parse(JSON.parse(await readFile(join(folder, FILES.trust), "utf8")));
    } catch (error) {
      log.error("the trust document cannot be read", { because: error instanceof Error ? error.message : "unknown" });
      return undefined;
    }
  };
}

/** An agent that runs may read it at any moment, and what it refuses then stays refused: it never sees half of it. */
export const writeTrust = (folder: string, trust: Trust): Promise<void> =>
  replaceFile(join(folder, FILES.trust), `${JSON.stringify(trust, undefined, 2)}\n`);

/** Opens the other logs. The journal alone is never begun anew when it is damaged. */
export async function openRecords(folder: string, boots: RecordLog): Promise<Records> {
  const reserve = reserveAt(join(folder, FILES.reserve));
  const releaseReserve = (): Promise<boolean> => reserve.release();
  const log = (name: "content" | "journal" | "outbox") =>
    openRecordLog(join(folder, FILES[name]), {
      whenDamaged: name === "journal" ? "refuse" : "set-aside",
      releaseReserve,
    });
  const [content, journal, outbox] = await Promise.all([log("content"), log("journal"), log("outbox")]);
  await reserve.refill();
  return { boots, content, journal, outbox };
}
