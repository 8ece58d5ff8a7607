/** The agent's state folder: settings, key, trust, and the records that outlive every process. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AgentConfig, type ConfigDefaults, ConfigInvalid, parseConfig } from "../config.ts";
import { BeliefRecord } from "../core/belief.ts";
import { type BeliefFile, type Log, type RecordLog, RecordNotWritten, type Records } from "../ports.ts";
import { isNoSuchFile } from "./fault-of.ts";
import { FILES } from "./files.ts";
import { openRecordLog } from "./record-log.ts";
import { replaceFile } from "./replace-file.ts";
import { reserveAt } from "./reserve.ts";

/** @throws ConfigInvalid */
export async function readConfig(folder: string, defaults: ConfigDefaults = {}): Promise<AgentConfig> {
  const path = join(folder, FILES.config);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (!isNoSuchFile(cause)) throw cause;
    throw new ConfigInvalid(`there is no agent here: ${path} does not exist; enrol or init makes it`, { cause });
  }
  return parseConfig(text, path, defaults);
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

/** What the device believes. It is replaced whole: whoever reads it never sees half of it. */
export function beliefIn(folder: string, log: Log): BeliefFile {
  const path = join(folder, FILES.belief);
  return {
    async read() {
      try {
        return BeliefRecord.parse(JSON.parse(await readFile(path, "utf8")));
      } catch (error) {
        const because = error instanceof Error ? error.message : "unknown";
        log.error("whom this device believes cannot be read, so every order is refused", { because });
        return undefined;
      }
    },
    async write(record) {
      try {
        await writeBelief(folder, record);
      } catch (cause) {
        throw new RecordNotWritten("the trust document could not be written", { cause });
      }
    },
  };
}

export const writeBelief = (folder: string, record: BeliefRecord): Promise<void> =>
  replaceFile(join(folder, FILES.belief), `${JSON.stringify(record)}\n`);

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
