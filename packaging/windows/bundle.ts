/**
 * The agent's own code as the package holds it: the sources from agent/main-windows.ts on, with the libraries they use.
 *
 * One bundle in several files: what stands behind an `import()` comes in a file of its own, and is read only when it is
 * needed. As a single file the whole megabyte and a half is parsed before the first line runs, which costs three times
 * what the ledger of boots may wait for. Names and contents depend on nothing but the sources.
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Bundle {
  /** By name; `main-windows.mjs` is the one to start. */
  readonly files: ReadonlyMap<string, string>;
  /** What is in it, relative to the project, with forward slashes, sorted. */
  readonly modules: readonly string[];
}

/** @param entry another entry point, to be measured where Windows is not */
export async function bundleAgent(entry = "agent/main-windows.ts"): Promise<Bundle> {
  const build = await rolldown({
    cwd: ROOT,
    input: join(ROOT, entry),
    platform: "node",
    logLevel: "warn",
  });
  try {
    const { output } = await build.generate({
      format: "esm",
      entryFileNames: "[name].mjs",
      chunkFileNames: "[name].mjs",
      comments: { legal: false },
    });
    const files = new Map<string, string>();
    const modules = new Set<string>();
    for (const part of output) {
      if (part.type !== "chunk") throw new Error(`the bundle has a part that is no code: ${part.fileName}`);
      files.set(part.fileName, part.code);
      for (const id of Object.keys(part.modules)) if (!id.startsWith("\0")) modules.add(nameOf(id));
    }
    return { files, modules: [...modules].toSorted() };
  } finally {
    await build.close();
  }
}

const nameOf = (id: string): string => relative(ROOT, id).replaceAll("\\", "/");
