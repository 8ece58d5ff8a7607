/**
 * Runs the agent's adapters of Windows' programs on the tools in a folder and prints what they said, as JSON.
 * Arguments: the folder, then a JSON list of `{part, call, args}`.
 */
import { rename, writeFile } from "node:fs/promises";
import { bootEntries } from "../../../agent/adapters/windows/boot-entries.ts";
import { defender } from "../../../agent/adapters/windows/defender.ts";
import { drivers } from "../../../agent/adapters/windows/drivers.ts";
import { decodeCodePage } from "../../../agent/adapters/windows/native/code-page.ts";
import { holdFile } from "../../../agent/adapters/windows/native/held-file.ts";
import { whySafeModeIsForbidden } from "../../../agent/adapters/windows/safe-mode-forbidden.ts";
import { windowsRegistry } from "../../../agent/adapters/windows/registry.ts";
import { safeModes } from "../../../agent/adapters/windows/safe-modes.ts";
import { windowsUpdates } from "../../../agent/adapters/windows/updates.ts";
import { windowsTools } from "../../../agent/adapters/windows/windows-tools.ts";
import type { WindowsPath } from "../../../protocol/windows-path.ts";

const [folder = "", jobs = "[]"] = process.argv.slice(2);
const registry = windowsRegistry();
const run = windowsTools(registry, folder === "" ? undefined : folder);
const forbidden = () => whySafeModeIsForbidden(run, registry, "C:");

const PARTS: Readonly<Record<string, unknown>> = {
  tool: { run, decode: (page: number, hex: string) => decodeCodePage(page, Buffer.from(hex, "hex")) },
  updates: windowsUpdates({ run, registry, manifests: "C:\\windows\\servicing\\Packages" }, holdFile),
  defender: defender(run, registry),
  drivers: drivers(run, "C:\\ProgramData\\Ringback\\drivers"),
  held: { write: writeWhileHeld },
  safeMode: safeModes(bootEntries(run), forbidden),
};

/** What happens to whoever writes a file, removes it or takes its folder away while it is held, and afterwards. */
async function writeWhileHeld(path: WindowsPath): Promise<unknown> {
  const held = await holdFile(path);
  if (held.kind === "fault") return held;
  const tries = () =>
    Promise.all(
      [writeFile(path, "other"), rename(path, `${path}.x`)].map((tried) =>
        tried.then(
          () => "done",
          (error: unknown) => (error as NodeJS.ErrnoException).code,
        ),
      ),
    );
  const during = await tries();
  held.value.release();
  await writeFile(path, "afterwards");
  return { sha256: held.value.sha256, during };
}

const answers: unknown[] = [];
for (const { part, call, args } of JSON.parse(jobs) as { part: string; call: string; args: unknown[] }[]) {
  const method = (PARTS[part] as Record<string, (...args: unknown[]) => unknown>)[call];
  if (method === undefined) throw new Error(`there is no ${part}.${call}`);
  answers.push((await method.apply(PARTS[part], args)) ?? null);
}
process.stdout.write(JSON.stringify(answers));
