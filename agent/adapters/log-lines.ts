/**
 * The agent's log: JSON lines in pino's form, for whoever collects them. A log that cannot be written is lost and never ends
 * the agent. Written here and not by a library: the lines are few, and the memory that one takes is not.
 */
import { mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../ports.ts";
import type { LineFile } from "./rotating-file.ts";

const LEVEL = { info: 30, warn: 40, error: 50 } as const;
const STANDARD_ERROR = 2;

/** @param destination a file, where lines go, or (undefined) standard error. @throws if the file cannot be opened */
export function logLines(destination: string | LineFile | undefined): Log {
  const file = typeof destination === "object" ? destination : lineFile(destination);
  const at =
    (level: number): Log["info"] =>
    (message, fields = {}) =>
      file.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg: message })}\n`);
  return { info: at(LEVEL.info), warn: at(LEVEL.warn), error: at(LEVEL.error) };
}

function lineFile(path: string | undefined): LineFile {
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
  const file = path === undefined ? STANDARD_ERROR : openSync(path, "a", 0o600);
  return {
    write(line) {
      try {
        writeSync(file, line);
      } catch {
        // Full, or nobody reads standard error any more.
      }
    },
  };
}
