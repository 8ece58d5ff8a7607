/**
 * Makes a golden image of a machine: whatever made it one device among others goes, what it was installed with stays.
 * Each copy then enrols by itself when it first starts. The id goes last: cut off in between, seal is run again.
 */
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigInvalid } from "../../config.ts";
import { FILES } from "../files.ts";
import { readEnrolmentSettings } from "./settings.ts";

const OF_ONE_DEVICE = [
  "key",
  "boots",
  "systemLog",
  "content",
  "journal",
  "outbox",
  "quarantine",
  "diagnostics",
  "belief",
  "config",
] as const;

/** @returns the token file, and whether it is there. @throws ConfigInvalid if copies could not enrol */
export async function seal(folder: string): Promise<{ readonly tokenFile: string; readonly hasToken: boolean }> {
  const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
  if (!(await exists(join(folder, FILES.enrolment)))) {
    throw new ConfigInvalid(
      `there is no ${FILES.enrolment} in ${folder}, so copies of this machine could not enrol. Run enrol first, or enrol --at-first-start. Nothing was removed`,
    );
  }
  const { tokenFile } = await readEnrolmentSettings(folder);
  for (const name of OF_ONE_DEVICE) await rm(join(folder, FILES[name]), { recursive: true, force: true });
  return { tokenFile, hasToken: await exists(tokenFile) };
}
