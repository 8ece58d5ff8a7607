/** The console, built once from the source as it is now, for all tests of a run that open it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { whyNoChromium } from "./chromium.ts";

const CONSOLE = fileURLToPath(new URL("../../controller/console", import.meta.url));

declare module "vitest" {
  interface ProvidedContext {
    /** Where the built console lies; for `inject`. */
    consoleFolder: string;
  }
}

/** From the sources as they are now: what lies in the usual place may be of yesterday. */
export async function buildConsole(folder: string): Promise<void> {
  await build({ root: CONSOLE, logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
}

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "ringback-console-"));

/** Vitest calls it before the first test of the lane, and what it returns after the last. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (whyNoChromium() !== undefined) return undefined;
  const folder = await temporaryFolder();
  await buildConsole(folder);
  project.provide("consoleFolder", folder);
  return () => rm(folder, { recursive: true, force: true });
}
