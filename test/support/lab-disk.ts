/** The disk of a small lab machine for tests of the agent, and its agent's parts. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readKernelBoot } from "../../agent/adapters/lab/kernel-boot.ts";
import { stateFolder } from "../../agent/adapters/lab/layout.ts";
import { labMachine } from "../../agent/adapters/lab/machine.ts";
import type { FileFacts, Machine } from "../../agent/ports.ts";
import { WindowsGlob } from "../../protocol/windows-path.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

export const ACME = "C/Windows/System32/drivers/Acme";
export const FAULTY = "C-00000007-00000000-00000002.sys";
export const GLOB = WindowsGlob.parse("C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys");

export async function writeBoot(machine: string, bootId: string, bootedAt = Date.now()): Promise<void> {
  await writeFile(join(machine, "boot.json"), JSON.stringify({ bootId, bootedAt, kind: "cold", mode: "normal" }));
}

/** With a faulty and a good content file, two services and no event log. */
export async function makeLabDisk(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  const files: Record<string, string> = {
    [`${ACME}/${FAULTY}`]: "faulty",
    [`${ACME}/C-00000007-00000000-00000001.sys`]: "good",
    "services.json": JSON.stringify({
      AcmeSensor: { start: "automatic", running: true },
      Dnscache: { start: "automatic", running: true },
    }),
  };
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), contents);
  }
  await mkdir(stateFolder(folder.path), { recursive: true });
  await writeBoot(folder.path, "boot-1");
  return folder;
}

export const machineOf = async (folder: string): Promise<Machine> => labMachine(folder, await readKernelBoot(folder));

/** What the machine says of the faulty file. @throws if it is not there */
export async function faultyFile(machine: Machine): Promise<FileFacts> {
  const found = await machine.files(GLOB);
  const file = found.kind === "ok" ? found.value.find(({ path }) => path.endsWith(FAULTY)) : undefined;
  if (file === undefined) throw new Error("the faulty file is not there");
  return file;
}
