/** Carries out a list of calls of the Windows adapters, one after another, and prints what each answered, as JSON. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { windowsPeople } from "../../../agent/adapters/windows/people.ts";
import type { RunTool } from "../../../agent/adapters/windows/ports.ts";
import { restartWindows } from "../../../agent/adapters/windows/restart.ts";
import { beTheOnlyOne } from "../../../agent/adapters/windows/single-instance.ts";
import { releaseAllHolds, windowsMachine } from "../../../agent/adapters/windows/machine.ts";
import type { ContentSourceId } from "../../../protocol/content.ts";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { readKernelBoot, rememberResume } from "../../../agent/adapters/windows/kernel-boot.ts";
import { koffi } from "../../../agent/adapters/windows/native/koffi.ts";
import { EVENT_TYPE, eventSource } from "../../../agent/adapters/windows/native/event-source.ts";
import { type KeyHandle, setValue } from "../../../agent/adapters/windows/native/registry.ts";
import { withKey } from "../../../agent/adapters/windows/registry-keys.ts";
import { subkeysOf, windowsRegistry } from "../../../agent/adapters/windows/registry.ts";
import { windowsServiceControl } from "../../../agent/adapters/windows/service-control.ts";
import { serviceStart, serviceStates, setServiceStart } from "../../../agent/adapters/windows/services.ts";
import type { ServiceStart } from "../../../protocol/playbook.ts";
import type { RegistryKey, RegistryValue } from "../../../protocol/registry.ts";

export type Call =
  | { readonly do: "boot" }
  | { readonly do: "remember-resume"; readonly atMs: number }
  | { readonly do: "read" | "remove"; readonly key: string; readonly name: string }
  | { readonly do: "write"; readonly key: string; readonly name: string; readonly value: RegistryValue }
  | { readonly do: "be-the-only-one"; readonly folder: string }
  | { readonly do: "say"; readonly file: string }
  | { readonly do: "die-after"; readonly file: string }
  | { readonly do: "restart"; readonly noticeMs: number }
  | { readonly do: "consent" }
  | { readonly do: "machine"; readonly stateFolder: string; readonly toolFolder: string }
  | { readonly do: "subkeys" | "written-at"; readonly key: string }
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
    case "remember-resume":
      return rememberResume({ kind: "hybrid", atMs: call.atMs });
    case "read":
      return registry.read(call.key as RegistryKey, call.name);
    case "remove":
      return registry.remove(call.key as RegistryKey, call.name);
    case "write":
      return registry.write(call.key as RegistryKey, call.name, call.value);
    case "subkeys":
      return subkeysOf(call.key);
    case "written-at":
      return registry.writtenAt(call.key as RegistryKey);
    case "be-the-only-one":
      return told(() => beTheOnlyOne(call.folder));
    case "say":
      return told(() => writeFileSync(call.file, ""));
    case "die-after":
      while (!existsSync(call.file)) await setTimeout(20);
      return process.kill(process.pid, "SIGKILL");
    case "restart":
      return restartWindows(call.noticeMs, "A test asks.", noTools);
    case "consent":
      return windowsPeople().restartConsent({ reason: "A test asks.", answerWithinMs: 60_000 });
    case "machine":
      return lookAtMachine(call.stateFolder, call.toolFolder);
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
      return windowsServiceControl.restart(call.name, [], 20_000);
  }
}

/** What the assembled machine says, and one restart and one hold asked of it. */
async function lookAtMachine(stateFolder: string, toolFolder: string): Promise<unknown> {
  const warnings: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (message: string, fields: object = {}) => warnings.push([message, fields]),
    error: () => undefined,
  };
  const machine = windowsMachine({ boot: readKernelBoot(), stateFolder, toolFolder, log });
  const source = "acme.updates" as ContentSourceId;
  return {
    past: await machine.bootPast(null),
    facts: await machine.facts(),
    warnings,
    services: await machine.services(["PlugPlay", "NoSuch"]),
    held: [await machine.hold(source), await machine.isHeld(source)],
    released: [await machine.releaseHold(source), await machine.isHeld(source)],
    heldAgain: [await machine.hold(source), await releaseAllHolds(stateFolder), await machine.isHeld(source)],
    unknown: await machine.hold("acme.unknown" as ContentSourceId),
    restart: await machine.restart(60_000, 'Because "we" must.'),
    ownFolders: machine.ownFolders,
    event: eventSource("Ringback")(EVENT_TYPE.warn, 100, "Grüße\nzwei"),
    kept: await machine.knownGood.holds("0".repeat(64) as Sha256),
    diagnostics: await machine.diagnostics.collect("case-1", ["event-log", "crash-dumps", "doctor"]),
  };
}

const noTools: RunTool = async (tool) => ({ kind: "fault", fault: "not-found", because: `there is no ${tool}` });

function told(work: () => void): string {
  try {
    work();
    return "done";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
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
