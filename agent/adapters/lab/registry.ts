/** A lab machine's registry: `registry.json`, a list of values. Names differ by more than their case. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RegistryKey, RegistryValue, RegistryValueName } from "../../../protocol/registry.ts";
import type { Instant } from "../../../protocol/time.ts";
import { isSameName } from "../../../protocol/windows-path.ts";
import type { Registry } from "../../machine-parts.ts";
import { JsonFile } from "./json-file.ts";

const Entry = z.strictObject({ key: RegistryKey, name: RegistryValueName, value: RegistryValue });

const writtenAt = async (path: string): Promise<Instant> => Math.floor((await stat(path)).mtimeMs) as Instant;

export function labRegistry(machine: string): Registry {
  const file = new JsonFile(machine, "registry.json", z.array(Entry), []);
  const is = (key: string, name: string) => (entry: z.infer<typeof Entry>) =>
    isSameName(entry.key, key) && isSameName(entry.name, name);
  return {
    read: (key, name) => file.look(`read ${key}`, (entries) => entries.find(is(key, name))?.value),
    // As exact as one file for all of it can say.
    writtenAt: (key) =>
      file
        .look(`look at ${key}`, (entries) => entries.some((entry) => isSameName(entry.key, key)))
        .then(async (found) =>
          found.kind === "ok"
            ? { kind: "ok", value: found.value ? await writtenAt(join(machine, "registry.json")) : undefined }
            : found,
        ),
    write: (key, name, value) =>
      file.change(`write ${key}`, (entries) => {
        const at = entries.findIndex(is(key, name));
        const entry = { key: entries[at]?.key ?? key, name: entries[at]?.name ?? name, value };
        return at < 0 ? [...entries, entry] : entries.with(at, entry);
      }),
    remove: (key, name) =>
      file.change(`remove a value of ${key}`, (entries) => entries.filter((entry) => !is(key, name)(entry))),
  };
}
