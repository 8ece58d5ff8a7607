/**
 * Looks at everything the agent rests on, by one harmless probe each, and says what works and what is ruled out by what does
 * not. Changes nothing.
 */
import type { ContentSource } from "../../../../protocol/content-source.ts";
import type { Registry } from "../../../machine-parts.ts";
import type { Result } from "../../../ports.ts";
import type { SystemProxy } from "../../proxy/line.ts";
import { fault } from "../fault.ts";
import type { RunTool } from "../ports.ts";
import { readReadiness } from "../readiness/readiness.ts";
import { reachController, readService } from "./agent-facts.ts";
import { agentVerdicts } from "./agent-verdicts.ts";
import { bootVerdicts } from "./boot-verdicts.ts";
import { foldersOf, productVerdicts } from "./products.ts";
import { transcribe, withoutSecrets } from "./transcript.ts";
import { updateVerdicts } from "./update-verdicts.ts";
import { isAllNeededThere, NATIVE, tellVerdicts, unknown, type Verdict, works } from "./verdict.ts";

export interface DoctorOptions {
  /** The agent's state folder. */
  readonly folder: string;
  /** Programs are taken from here and not from where Windows keeps them; it is told, for then nothing is known of Windows'. */
  readonly toolFolder: string | undefined;
  readonly serviceName: string;
  /** What is watched on this machine, or may be: the catalogue. */
  readonly sources: readonly ContentSource[];
  /** That Windows lies on, as C:. */
  readonly volume: string;
  readonly registry: Registry;
  /** `windowsTools`. */
  readonly run: RunTool;
  /** `native/folder-security.ts`. */
  readonly access: {
    mayChange(folder: string): "granted" | "denied" | "absent" | number;
    /** Accounts beside the system's that the folder is open to; undefined: it cannot be told. A number: Windows' error. */
    othersIn(folder: string): readonly string[] | undefined | number;
  };
  readonly systemProxy: SystemProxy | undefined;
  readonly now: () => number;
}

export interface Examination {
  readonly verdicts: readonly Verdict[];
  /** All that was run and said, without secrets. */
  readonly transcript: string;
  /** 0: all that is needed works; 1: not. */
  readonly exitCode: 0 | 1;
}

export async function examine(options: DoctorOptions): Promise<Examination> {
  const { folder, toolFolder, serviceName, sources, registry, access, systemProxy, now } = options;
  const { run, text } = transcribe(options.run, now);
  const readiness = await readReadiness(run, registry, options.volume);
  const facts = {
    folder: folderFacts(folder, access.othersIn(folder)),
    service: await readService(registry, serviceName),
    controller: await reachController(folder, systemProxy, now),
    now: now(),
  };
  const folders = sources.flatMap((source) =>
    foldersOf(source).map((each) => ({ source, folder: each, asked: access.mayChange(each) })),
  );
  const verdicts = [
    works(NATIVE, "functions of Windows answer"), // without it this would not run at all
    ...agentVerdicts(readiness, facts),
    tools(toolFolder),
    ...bootVerdicts(readiness),
    ...updateVerdicts(readiness),
    ...productVerdicts(folders, readiness.filters),
  ].map((verdict) => ({ ...verdict, seen: withoutSecrets(verdict.seen) }));
  const { edition } = readiness;
  const machine = Object.entries(edition).map(([name, value]) => `${name}: ${String(value ?? "not known")}`);
  const transcript = [
    `Ringback's doctor, ${new Date(now()).toISOString()}`,
    "Recovery passwords, keys and tokens are taken out. Names of people, machines and folders are not: look before you send it.",
    "",
    ...machine,
    "",
    tellVerdicts(verdicts),
    text(),
  ].join("\n");
  return { verdicts, transcript, exitCode: isAllNeededThere(verdicts) ? 0 : 1 };
}

function tools(folder: string | undefined): Verdict {
  const about = { capability: "tools", title: "Windows' own programs" };
  if (folder === undefined) return works(about, "taken from where Windows keeps them");
  return unknown(
    about,
    `taken from ${folder} (ToolFolder in the registry)`,
    "any word below about Windows' own programs",
  );
}

function folderFacts(
  path: string,
  others: readonly string[] | undefined | number,
): Result<{ readonly path: string; readonly others: readonly string[] | undefined }> {
  if (typeof others !== "number") return { kind: "ok", value: { path, others } };
  return fault("not-found", `${path} cannot be looked at: Windows answers with error ${others}`);
}
