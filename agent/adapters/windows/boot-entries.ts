/** The boot configuration as bcdedit reads it out, and changes to it. Nothing here believes what bcdedit says of its success. */
import type { Result } from "../../ports.ts";
import type { RunTool, ToolRun } from "./ports.ts";
import { type BootEntry, parseBootEntries } from "./tools/bcdedit-output.ts";

/** It reads a small file; Windows under load has needed some seconds. */
const WITHIN_MS = 30_000;

export interface BootEntries {
  /** Of the boot manager itself. */
  manager(): Promise<Result<BootEntry>>;
  /** The entry that this Windows was started from, with its true identifier. */
  current(): Promise<Result<BootEntry>>;
  /** All entries that start a Windows, shown in the menu or not. */
  loaders(): Promise<Result<readonly BootEntry[]>>;
  /** Asks for a change, and hands back what was said. */
  change(args: readonly string[]): Promise<Result<ToolRun>>;
}

export function bootEntries(run: RunTool): BootEntries {
  const list = async (what: string): Promise<Result<readonly BootEntry[]>> => {
    const ran = await run("bcdedit", ["/enum", what, "/v"], WITHIN_MS);
    if (ran.kind === "fault") return ran;
    const entries = parseBootEntries(ran.value.stdout);
    if (entries.length > 0 && ran.value.exitCode === 0) return { kind: "ok", value: entries };
    const because = `the boot configuration cannot be read: bcdedit /enum ${what} ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
    return { kind: "fault", fault: "unexpected", because };
  };
  const only = async (what: string): Promise<Result<BootEntry>> => {
    const listed = await list(what);
    if (listed.kind === "fault") return listed;
    const [entry, ...more] = listed.value;
    if (entry !== undefined && more.length === 0) return { kind: "ok", value: entry };
    return { kind: "fault", fault: "unexpected", because: `bcdedit names ${listed.value.length} entries as ${what}` };
  };
  return {
    manager: () => only("{bootmgr}"),
    current: () => only("{current}"),
    loaders: () => list("osloader"),
    change: (args) => run("bcdedit", args, WITHIN_MS),
  };
}

const SAID_MAX = 200;

/** The program's own words in a few, for a `because`; empty if it said nothing. */
export function saidBy({ stdout, stderr }: ToolRun): string {
  const said = `${stderr}\n${stdout}`.replace(/\s+/g, " ").trim();
  return said === "" ? "" : ` and said: ${said.length > SAID_MAX ? `${said.slice(0, SAID_MAX)}…` : said}`;
}
