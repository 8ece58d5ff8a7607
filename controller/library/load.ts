/**
 * Reads the playbook library out of its folder, and refuses it whole while any entry is wrong: an entry that cannot be used
 * is found when the controller starts, and not on the bad day.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { LIBRARY_PARAMETERS, type LibraryParameter, LibraryPlaybook } from "../../protocol/library.ts";
import { Playbook } from "../../protocol/playbook.ts";
import { fill, parametersOf } from "./bind.ts";

export interface LibraryItem {
  readonly entry: LibraryPlaybook;
  /** As it is written, comments and all. */
  readonly yaml: string;
}

/** Entries that are wrong, each with file, line, column and the path in it. */
class LibraryRefused extends Error {
  override readonly name = "LibraryRefused";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The playbook library cannot be used as it is:\n${faults.join("\n")}`);
    this.faults = faults;
  }
}

const LIBRARY_FOLDER: string = join(import.meta.dirname, "playbooks");

/** By name. @throws LibraryRefused that names every fault */
export function loadLibrary(folder: string = LIBRARY_FOLDER): readonly LibraryItem[] {
  const read = readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .toSorted() // by name: of two that fit alike the plainer one comes first
    .map((name) => `${name}.yaml`)
    .map((file) => readEntry(file, readFileSync(join(folder, file), "utf8")));
  const faults = read.flatMap((each) => ("faults" in each ? each.faults : []));
  if (faults.length > 0) throw new LibraryRefused(faults);
  return read.flatMap((each) => ("entry" in each ? [each] : []));
}

/** @param file its name says the entry's */
export function readEntry(file: string, yaml: string): LibraryItem | { readonly faults: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const place = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
        const { line, col } = lines.linePos(Number(node.range[0]));
        return `${file}:${line}:${col}`;
      }
    }
    return `${file}:1:1`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    return { faults: [`${file}:${line}:${col} ${broken.message}`] };
  }
  const told = (issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string =>
    `${place(issue.path)} ${issue.path.map(String).join(".")}: ${issue.message}`;
  const parsed = LibraryPlaybook.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) return { faults: parsed.error.issues.map(told) };
  const entry = parsed.data;
  const faults = [
    ...(file === `${entry.name}.yaml` ? [] : [{ path: ["name"], message: `the file is called ${file}` }]),
    ...faultsOfSteps(entry),
  ].map(told);
  return faults.length > 0 ? { faults } : { entry, yaml };
}

/** The steps, filled with an example of everything that they leave open, must be steps that a plan may hold. */
function faultsOfSteps(entry: LibraryPlaybook): { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  if (entry.steps === undefined) return [];
  const unknown = parametersOf(entry).filter((name) => !(name in LIBRARY_PARAMETERS));
  if (unknown.length > 0)
    return [{ path: ["steps"], message: `leaves open what nobody can say: ${unknown.join(", ")}` }];
  const steps = fill(entry.steps, EXAMPLES);
  const parsed = Playbook.safeParse({ name: entry.name, title: entry.title, source: "example.source", steps });
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => ({ path, message }));
  const restarts = parsed.data.steps.some(({ kind }) => kind === "reboot");
  if (restarts === entry.restarts) return [];
  return [{ path: ["restarts"], message: restarts ? "its steps restart the machine" : "none of its steps restarts" }];
}

/** One of each that its schema takes. */
const EXAMPLES: Readonly<Record<LibraryParameter, unknown>> = {
  "version.sha256": ["0".repeat(64)],
  "version.path": "C:\\ProgramData\\Example\\content.bin",
  "version.files": "C:\\ProgramData\\Example\\*.bin",
  update: "KB5009624",
  definitions: "1.381.2140.0",
  service: "ExampleService",
  "lost.file": "C:\\ProgramData\\Example\\lost.dll",
  "lost.sha256": "1".repeat(64),
  "lost.threat": "Trojan:Win32/Example",
  "fix.update": "KB5061768",
  "fix.file": "C:\\ProgramData\\Example\\fix.msu",
  "fix.sha256": "2".repeat(64),
  "driver.package": "example.inf",
  "driver.provider": "Example",
  "driver.version": "10.0.1.1",
};
