/** A lab machine's registry: `registry.json`, a list of values. Names differ by more than their case. */
import { z } from "zod";
import { RegistryKey, RegistryValue, RegistryValueName } from "../../../protocol/registry.ts";
import { isSameName } from "../../../protocol/windows-path.ts";
import type { Registry } from "../../machine-parts.ts";
import { JsonFile } from "./json-file.ts";

const Entry = z.strictObject({ key: RegistryKey, name: RegistryValueName, value: RegistryValue });

export function labRegistry(machine: string): Registry {
  const file = new JsonFile(machine, "registry.json", z.array(Entry), []);
  const is = (key: string, name: string) => (entry: z.infer<typeof Entry>) =>
    isSameName(entry.key, key) && isSameName(entry.name, name);
  return {
    read: (key, name) => file.look(`read ${key}`, (entries) => entries.find(is(key, name))?.value),
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
