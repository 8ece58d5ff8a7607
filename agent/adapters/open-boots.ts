/** Opens the ledger of boots, and loads nothing else: this comes before everything. */
import { join } from "node:path";
import { FILES } from "./files.ts";
import { type OpenRecordLog, openRecordLog } from "./record-log.ts";

export const openBoots = (folder: string): Promise<OpenRecordLog> =>
  openRecordLog(join(folder, FILES.boots), { whenDamaged: "set-aside" });
