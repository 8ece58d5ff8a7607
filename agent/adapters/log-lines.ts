/** The agent's log: JSON lines by pino, for whoever collects them. */
import { pino } from "pino";
import type { Log } from "../ports.ts";

/** @param destination a file, or standard error */
export function logLines(destination: string | undefined, level = "info"): Log {
  const lines = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: destination ?? 2, sync: true, mkdir: true }),
  );
  return {
    info: (message, fields = {}) => lines.info(fields, message),
    warn: (message, fields = {}) => lines.warn(fields, message),
    error: (message, fields = {}) => lines.error(fields, message),
  };
}
