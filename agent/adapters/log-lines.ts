/** The agent's log: JSON lines by pino, for whoever collects them. */
import { pino } from "pino";
import type { Log } from "../ports.ts";
import type { LineFile } from "./rotating-file.ts";

/** @param destination a file, where lines go, or (undefined) standard error */
export function logLines(destination: string | LineFile | undefined, level = "info"): Log {
  const target =
    typeof destination === "object"
      ? destination
      : pino.destination({ dest: destination ?? 2, sync: true, mkdir: true });
  const lines = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target);
  return {
    info: (message, fields = {}) => lines.info(fields, message),
    warn: (message, fields = {}) => lines.warn(fields, message),
    error: (message, fields = {}) => lines.error(fields, message),
  };
}
