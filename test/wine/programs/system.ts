/** Carries out a list of calls of the Windows adapters, one after another, and prints what each answered, as JSON. */
import { readFileSync } from "node:fs";
import { readKernelBoot } from "../../../agent/adapters/windows/kernel-boot.ts";
import { koffi } from "../../../agent/adapters/windows/native/koffi.ts";
import { type KeyHandle, setValue } from "../../../agent/adapters/windows/native/registry.ts";
import { withKey } from "../../../agent/adapters/windows/registry-keys.ts";
import { subkeysOf, windowsRegistry } from "../../../agent/adapters/windows/registry.ts";
import {
  serviceStart,
  serviceStates,
  setServiceStart,
  windowsServices,
} from "../../../agent/adapters/windows/services.ts";
import type { ServiceStart } from "../../../protocol/playbook.ts";
import type { RegistryKey, RegistryValue } from "../../../protocol/registry.ts";

export type Call =
  | { readonly do: "boot" }
  | { readonly do: "read" | "remove"; readonly key: string; readonly name: string }
  | { readonly do: "write"; readonly key: string; readonly name: string; readonly value: RegistryValue }
  | { readonly do: "subkeys"; readonly key: string }
  | {
      readonly do: "write-raw";
      readonly key: string;
      readonly name: string;
      readonly type: number;
      readonly hex: string;
    }
  | { readonly do: "make-link"; readonly parent: string; readonly name: string; readonly to: string }
  | { readonly do: "service-start" | "service-state" | "restart-service"; readonly name: string }
  | { readonly do: "set-service-start"; readonly name: string; readonly start: ServiceStart };

const registry = windowsRegistry();

async function answer(call: Call): Promise<unknown> {
  switch (call.do) {
    case "boot":
      return readKernelBoot();
    case "read":
      return registry.read(call.key as RegistryKey, call.name);
    case "remove":
      return registry.remove(call.key as RegistryKey, call.name);
    case "write":
      return registry.write(call.key as RegistryKey, call.name, call.value);
    case "subkeys":
      return subkeysOf(call.key);
    case "write-raw":
      return withKey(call.key, "create", (key) => setValue(key, call.name, call.type, Buffer.from(call.hex, "hex")));
    case "make-link":
      return withKey(call.parent, "create", (key) => makeLink(key, call.name, call.to));
    case "service-start":
      return serviceStart(call.name);
    case "service-state":
      return serviceStates([call.name]);
    case "set-service-start":
      return setServiceStart(call.name, call.start);
    case "restart-service":
      return windowsServices.restart(call.name, 20_000);
  }
}

/** A key that stands for another, as whoever wants to lead a step astray would make one. */
function makeLink(parent: bigint, name: string, to: string): readonly number[] {
  const create = koffi
    .load("advapi32.dll")
    .func(
      "int32_t __stdcall RegCreateKeyExW(uintptr_t key, str16 name, uint32_t reserved, void *class, uint32_t options, " +
        "uint32_t access, void *security, void *result, void *disposition)",
    );
  const handle = Buffer.alloc(8);
  const made = create(parent, name, 0, null, CREATE_LINK, KEY_ALL_ACCESS, null, handle, null) as number;
  const data = Buffer.from(`\\Registry\\Machine\\${to}`, "utf16le");
  return [made, setValue(handle.readBigUInt64LE() as KeyHandle, "SymbolicLinkValue", REG_LINK, data)];
}
const CREATE_LINK = 2;
const KEY_ALL_ACCESS = 0xf_003f;
const REG_LINK = 6;

const [file] = process.argv.slice(2);
const answers: unknown[] = [];
for (const call of JSON.parse(readFileSync(file ?? "", "utf8")) as readonly Call[]) answers.push(await answer(call));
process.stdout.write(`${JSON.stringify(answers)}\n`);
