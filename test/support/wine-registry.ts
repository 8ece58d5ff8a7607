/** What the registry of a Windows machine says, as far as Wine is one: read out of its files while the machine is off. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { WineMachine } from "./wine.ts";

/** By `key`, or `key value-name`; times of keys are left out. */
export type Registry = ReadonlyMap<string, string>;

const HIVES = { "system.reg": "HKLM", "user.reg": "HKCU", "userdef.reg": "HKU\\.Default" } as const;

/** The machine must be off: Wine writes the files when it ends. */
export async function registryOf(machine: WineMachine): Promise<Registry> {
  const found = new Map<string, string>();
  for (const [file, hive] of Object.entries(HIVES)) {
    const text = await readFile(join(machine.driveC, "..", file), "latin1");
    let key = hive as string;
    // A value that is long goes on after a backslash at the end of its line.
    for (const line of text.replaceAll(/\\\r?\n\s*/g, "").split(/\r?\n/)) {
      const name = /^(?:@|"(?:[^"\\]|\\.)*")(?==)/.exec(line)?.[0];
      const heading = /^\[(.*)\](?: \d+)?$/.exec(line)?.[1];
      if (heading !== undefined) found.set((key = `${hive}\\${heading.replaceAll("\\\\", "\\")}`), "");
      else if (name !== undefined) found.set(`${key} ${name}`, line.slice(name.length + 1));
      else if (/^#(?:link|class)/.test(line)) found.set(`${key} #`, line);
    }
  }
  return found;
}

/** The names of what came, went or is different. */
export const differences = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name)).sort();
