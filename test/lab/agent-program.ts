/**
 * The agent that runs on lab machines: bundled as the package bundles it, from the lab's entry point. Started from its
 * sources it costs twice as much, and in a boot loop starting is nearly all that it does.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleAgent } from "../../packaging/windows/bundle.ts";

/** @returns the file that Node is started on */
export async function makeAgentProgram(folder: string): Promise<string> {
  const { files } = await bundleAgent("agent/main-lab.ts");
  await mkdir(folder, { recursive: true });
  for (const [name, code] of files) await writeFile(join(folder, name), code);
  return join(folder, "main-lab.mjs");
}
