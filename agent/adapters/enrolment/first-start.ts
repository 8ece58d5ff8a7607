/** A copy of a golden image enrols when it first starts, and goes on trying: nobody stands beside it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../ports.ts";
import { FILES } from "../files.ts";
import type { SystemProxy } from "../proxy/line.ts";
import { enrol, EnrolmentRefused } from "./enrol.ts";
import { readEnrolmentSettings } from "./settings.ts";

const BASE_MS = 1_000;
const CAP_MS = 5 * 60_000;
/** Somebody has to do something first; a token that is put in place is found within this. */
const REFUSED_MS = 60_000;

/** Resolves when the device is enrolled; at once if it was. Settings that are replaced meanwhile count from then on. */
export async function enrolAtFirstStart(
  folder: string,
  system: SystemProxy | undefined,
  log: Log,
  random: () => number,
): Promise<void> {
  const isThere = async (name: keyof typeof FILES): Promise<boolean> =>
    (await stat(join(folder, FILES[name])).catch(() => undefined)) !== undefined;
  for (let attempt = 0; ; attempt++) {
    if ((await isThere("config")) || !(await isThere("enrolment"))) return; // also by a person, while this waited
    try {
      const { id, standing } = await enrol(folder, await readEnrolmentSettings(folder), system);
      log.info("this device is enrolled", { device: id, standing });
      return;
    } catch (error) {
      const isFinal = error instanceof EnrolmentRefused && error.isFinal;
      const mostMs = isFinal ? REFUSED_MS : Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 20));
      const waitMs = Math.round(mostMs * (0.5 + random() / 2)); // so that all copies of an image do not come at once
      log.warn("this device could not enrol; it is tried again", {
        because: error instanceof Error ? error.message : String(error),
        waitMs,
      });
      await sleep(waitMs);
    }
  }
}
