/**
 * A small Windows program of our own in the place of one that Windows ships and Wine has not, or only as a stub that does
 * nothing. It answers as a script says, keeps variables from call to call, and logs its exact command line.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CACHE } from "../../packaging/windows/parts.ts";

const SOURCE = fileURLToPath(new URL("fake-tool.c", import.meta.url));
const COMPILER = "x86_64-w64-mingw32-gcc";

/** Why there are no fake tools here, for `test.skipIf`; undefined where they can be made. */
export function whyNoFakeTools(): string | undefined {
  if (existsSync(`/usr/bin/${COMPILER}`)) return undefined;
  return process.env["RINGBACK_NO_MINGW"] ?? "mingw-w64 is not installed";
}

/** Compiled once for each state of its source. */
async function compiled(): Promise<string> {
  const digest = createHash("sha256").update(await readFile(SOURCE));
  const path = join(CACHE, `fake-tool-${digest.digest("hex").slice(0, 16)}.exe`);
  if (existsSync(path)) return path;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, "compile-"));
  try {
    const program = join(fresh, "fake.exe");
    await promisify(execFile)(COMPILER, ["-O2", "-s", "-municode", "-Wall", "-Werror", "-o", program, SOURCE]);
    await rename(program, path);
    return path;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What is done when the arguments fit, as fake-tool.c says: `print text`, `set name=value`, `exit 3010`, ... */
export interface Answer {
  /** `*` fits any one argument and is $1, $2, ... in the actions; `...` at the end fits all the rest. */
  readonly on: readonly string[];
  readonly act: readonly string[];
}

export class FakeTool {
  private readonly base: string;

  private constructor(base: string) {
    this.base = base;
  }

  /** @param folder of this machine, within a Wine prefix for instance. @param name as `bcdedit` */
  static async install(folder: string, name: string, answers: readonly Answer[]): Promise<FakeTool> {
    await mkdir(folder, { recursive: true });
    const tool = new FakeTool(join(folder, name));
    await copyFile(await compiled(), `${tool.base}.exe`);
    await tool.answer(answers);
    return tool;
  }

  /** From now on. The first answer that fits counts. */
  async answer(answers: readonly Answer[]): Promise<void> {
    const blocks = answers.map(({ on, act }) => [["on", ...on].join("\t"), ...act].join("\n"));
    await writeFile(`${this.base}.answers`, `${blocks.join("\n\n")}\n`);
  }

  /** The command lines so far, each exactly as the program was started. */
  async log(): Promise<readonly string[]> {
    return (await this.lines(".log")).filter((line) => line !== "");
  }

  async state(): Promise<ReadonlyMap<string, string>> {
    const pairs = (await this.lines(".state")).flatMap((line) => {
      const cut = line.indexOf("=");
      return cut < 0 ? [] : [[line.slice(0, cut), line.slice(cut + 1)] as const];
    });
    return new Map(pairs);
  }

  /** Changes these variables and leaves the others. */
  async set(variables: Readonly<Record<string, string>>): Promise<void> {
    const all = new Map([...(await this.state()), ...Object.entries(variables)]);
    await writeFile(`${this.base}.state`, [...all].map(([name, value]) => `${name}=${value}\n`).join(""));
  }

  private async lines(extension: string): Promise<readonly string[]> {
    const path = `${this.base}${extension}`;
    return existsSync(path) ? (await readFile(path, "utf8")).split("\n") : [];
  }
}
