/** Evidence from real machines, where it is at hand: ../shared/data beside the project. It is not ours to ship. */
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SAMPLES = fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** For `describe.skipIf`: a named skip says that these files were not looked at. */
export const haveSamples = existsSync(SAMPLES);

const samplePath = (folder: string, name: string): string => join(SAMPLES, folder, name);
export const readSample = (folder: string, name: string): Promise<Buffer> => readFile(samplePath(folder, name));

/** The files of a folder that stand beside what an independent reader found in them. */
export function expectedSamples(folder: string): string[] {
  if (!haveSamples) return [];
  const names = readdirSync(join(SAMPLES, folder));
  return names.flatMap((name) => (name.endsWith(".expected.json") ? [name.slice(0, -".expected.json".length)] : []));
}

export async function readExpected(folder: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(samplePath(folder, `${name}.expected.json`), "utf8");
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}
