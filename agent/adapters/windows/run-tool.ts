/**
 * Starts the programs that Windows ships: each by its absolute path, with an argument array and a time limit, in an
 * environment of a few names, without a shell, a window or an input.
 *
 * Who may put another program in such a place owns the machine already; nobody else can, for neither the search path nor the
 * current folder is asked.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Fault, Result } from "../../ports.ts";
import { fault } from "./fault.ts";
import type { RunTool, ToolName, ToolRun } from "./ports.ts";
import { decodeOutput } from "./tools/decode-output.ts";

/** dism lists some hundred KiB on a machine with everything; more than this is no list that is read here. */
const OUTPUT_BYTES_MAX = 4 * 2 ** 20;
/** A program that has ended may leave a child that holds its output open (dismhost): so long it may still write. */
const LAST_WORDS_MS = 2_000;

export interface ToolPlaces {
  /** The folder of Windows' programs, System32. */
  readonly folder: string;
  /** MpCmdRun.exe, which moves with each Defender platform. */
  readonly mpCmdRun: () => Promise<Result<string>>;
  /** Decodes in the code page of consoles. */
  readonly decodeOem: (bytes: Uint8Array) => string;
}

/** Programs that are not in System32 itself. */
const ELSEWHERE: Partial<Record<ToolName, readonly string[]>> = {
  powershell: ["WindowsPowerShell", "v1.0", "powershell.exe"],
};

/** @param flat all programs lie in the folder itself, as where tests put theirs */
export function runToolIn(places: ToolPlaces, flat = false): RunTool {
  return async (tool, args, withinMs, variables = {}) => {
    const program = await pathOf(places, tool, flat);
    if (program.kind === "fault") return program;
    const environment = { ...minimalEnvironment(places.folder, process.env), ...variables };
    return start(program.value, args, { withinMs, folder: places.folder, environment, decodeOem: places.decodeOem });
  };
}

async function pathOf({ folder, mpCmdRun }: ToolPlaces, tool: ToolName, flat: boolean): Promise<Result<string>> {
  if (!flat && tool === "mpcmdrun") return mpCmdRun();
  const parts = (flat ? undefined : ELSEWHERE[tool]) ?? [`${tool}.exe`];
  return { kind: "ok", value: join(folder, ...parts) };
}

/** Names that Windows' own programs need. What else a service was started with (proxies, search paths) stays out. */
const PASSED_ON = [
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ProgramData",
  "ALLUSERSPROFILE",
  "ProgramFiles",
  "CommonProgramFiles",
  "USERPROFILE",
  "TEMP",
  "TMP",
  "COMPUTERNAME",
  "OS",
  "NUMBER_OF_PROCESSORS",
  "PROCESSOR_ARCHITECTURE",
];

/** @param own the environment of this process; its names are in any case, as Windows takes them */
export function minimalEnvironment(folder: string, own: NodeJS.ProcessEnv): Record<string, string> {
  const given = new Map(Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]));
  const passed = PASSED_ON.flatMap((name) => {
    const value = given.get(name.toLowerCase());
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), PATH: folder, PATHEXT: ".EXE" };
}

interface How {
  readonly withinMs: number;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly decodeOem: (bytes: Uint8Array) => string;
}

function start(program: string, args: readonly string[], how: How): Promise<Result<ToolRun>> {
  const { promise, resolve } = Promise.withResolvers<Result<ToolRun>>();
  const child = spawn(program, args, {
    cwd: how.folder,
    env: how.environment,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
    shell: false,
  });
  const stdout = collect(child, "stdout");
  const stderr = collect(child, "stderr");
  let tooLate = false;
  let lastWords: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    tooLate = true;
    child.kill("SIGKILL"); // it alone: Windows has no process groups
    finish(null);
  }, how.withinMs);
  const settle = (result: Result<ToolRun>): void => {
    clearTimeout(limit);
    clearTimeout(lastWords);
    child.stdout.destroy();
    child.stderr.destroy();
    resolve(result);
  };
  const finish = (exitCode: number | null): void => {
    if (tooLate) settle(fault("timed-out", `${program} had not ended after ${how.withinMs} ms and was ended`));
    else if (exitCode === null) settle(fault("unexpected", `${program} was ended by another program`));
    else settle({ kind: "ok", value: { exitCode, stdout: stdout(how.decodeOem), stderr: stderr(how.decodeOem) } });
  };
  child.once("error", (error) => settle(notStarted(program, error)));
  child.once("exit", (exitCode) => {
    lastWords = setTimeout(finish, LAST_WORDS_MS, exitCode);
  });
  child.once("close", finish);
  return promise;
}

/** Reads to the end, so that the program never waits, and keeps the beginning. */
function collect(child: ChildProcess, name: "stdout" | "stderr"): (decodeOem: How["decodeOem"]) => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child[name]?.on("data", (chunk: Buffer) => {
    if (size < OUTPUT_BYTES_MAX) chunks.push(chunk.subarray(0, OUTPUT_BYTES_MAX - size));
    size += chunk.length;
  });
  return (decodeOem) => decodeOutput(Buffer.concat(chunks), decodeOem);
}

/** UNKNOWN is what Node makes of a policy that forbids the program, among others. */
const FORBIDDEN = new Set(["EACCES", "EPERM", "UNKNOWN"]);

function notStarted(program: string, error: NodeJS.ErrnoException): Fault {
  const code = error.code ?? error.message;
  if (code === "ENOENT") return fault("not-found", `${program} is not on this machine, or cannot be started here`);
  if (!FORBIDDEN.has(code)) return fault("unexpected", `${program} could not be started: ${code}`);
  return fault("permission-denied", `Windows does not let ${program} start (${code}): a policy may forbid it`);
}
