/**
 * A log file that stays small: at its limit it becomes agent.1.log, that one agent.2.log, and the oldest goes.
 *
 * Invariants: there are never more than `filesMax` files of about `bytesMax`; a log that cannot be written (full disk,
 * no access) is lost and never ends the agent.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Rotation {
  readonly bytesMax: number;
  /** All of them together, the one that is written to included; two at least. */
  readonly filesMax: number;
}

/** One whole line a call. */
export interface LineFile {
  write(line: string): void;
}

export function rotatingFile(folder: string, name: string, { bytesMax, filesMax }: Rotation): LineFile {
  const pathOf = (age: number): string => join(folder, age === 0 ? `${name}.log` : `${name}.${age}.log`);
  let file: number | undefined;
  let size = 0;
  const open = (): number => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = openSync(pathOf(0), "a", 0o600);
    size = fstatSync(opened).size;
    return opened;
  };
  const rotate = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    rmSync(pathOf(filesMax - 1), { force: true });
    for (let age = filesMax - 2; age >= 0; age--) {
      try {
        renameSync(pathOf(age), pathOf(age + 1));
      } catch {
        // Not there yet, or held open by somebody who reads it: then this one goes on growing until that is over.
      }
    }
  };
  return {
    write(line) {
      try {
        file ??= open();
        const bytes = Buffer.from(line);
        if (size > 0 && size + bytes.length > bytesMax) {
          rotate();
          file = open();
        }
        size += writeSync(file, bytes);
      } catch {
        // Somebody who looks for it finds no log; the machine is looked after all the same.
      }
    },
  };
}
