/**
 * Runs the agent's adapters of Windows' programs on the tools in a folder and prints what they said, as JSON.
 * Arguments: the folder, then a JSON list of `{part, call, args}`.
 */
import { bootEntries } from "../../../agent/adapters/windows/boot-entries.ts";
import { decodeCodePage } from "../../../agent/adapters/windows/native/code-page.ts";
import { whySafeModeIsForbidden } from "../../../agent/adapters/windows/safe-mode-forbidden.ts";
import { safeModes } from "../../../agent/adapters/windows/safe-modes.ts";
import { windowsTools } from "../../../agent/adapters/windows/windows-tools.ts";
import { regExeRegistry } from "../../support/reg-exe-registry.ts";

const [folder = "", jobs = "[]"] = process.argv.slice(2);
const run = windowsTools(regExeRegistry, folder === "" ? undefined : folder);
const forbidden = () => whySafeModeIsForbidden(run, regExeRegistry, "C:");

const PARTS: Readonly<Record<string, unknown>> = {
  tool: { run, decode: (page: number, hex: string) => decodeCodePage(page, Buffer.from(hex, "hex")) },
  safeMode: safeModes(bootEntries(run), forbidden),
};

const answers: unknown[] = [];
for (const { part, call, args } of JSON.parse(jobs) as { part: string; call: string; args: unknown[] }[]) {
  const method = (PARTS[part] as Record<string, (...args: unknown[]) => unknown>)[call];
  if (method === undefined) throw new Error(`there is no ${part}.${call}`);
  answers.push((await method.apply(PARTS[part], args)) ?? null);
}
process.stdout.write(JSON.stringify(answers));
