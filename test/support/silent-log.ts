/** A log that nobody reads. */
import type { Log } from "../../agent/ports.ts";

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
