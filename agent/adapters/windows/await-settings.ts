/** Waits until this device has settings, or something to enrol with: installed without properties, it has neither. */
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigInvalid } from "../../config.ts";
import type { Log } from "../../ports.ts";
import { firstSettings } from "./first-settings.ts";
import type { Installed } from "./installed.ts";

const LOOK_EVERY_MS = 10_000;
const NOTHING =
  "nobody has said where the controller is: install the package with CONTROLLER_URL, or run `ringback-agent enrol`";

export async function awaitSettings(installed: () => Installed, log: Log): Promise<void> {
  for (let told = ""; ; await sleep(LOOK_EVERY_MS)) {
    const because = await whyNotYet(installed);
    if (because === undefined) return;
    if (because !== told) log.warn("this device cannot enrol yet", { because });
    told = because;
  }
}

async function whyNotYet(installed: () => Installed): Promise<string | undefined> {
  try {
    return (await firstSettings(installed())) === "nothing" ? NOTHING : undefined;
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.message;
    throw error;
  }
}
