/** The agent's state folder: settings, key, trust, and the records that outlive every process. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Trust } from "../../protocol/trust.ts";
import { type AgentConfig, parseConfig } from "../config.ts";
import type { Log, RecordLog, Records } from "../ports.ts";
import { FILES } from "./files.ts";
import { openRecordLog } from "./record-log.ts";
import { reserveAt } from "./reserve.ts";

/** @throws ConfigInvalid */
export async function readConfig(folder: string): Promise<AgentConfig> {
  const path = join(folder, FILES.config);
  return parseConfig(await readFile(path, "utf8"), path);
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

export const writeTrust = (folder: string, trust: Trust): Promise<void> =>
  writeFile(join(folder, FILES.trust), `${JSON.stringify(trust, undefined, 2)}\n`, { flush: true });

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
