/**
 * `inspect`: reads files of evidence wherever they come from, for a person or, with `--json`, for a program.
 *
 * Needs nothing but the files: no settings, no state folder, no controller. It writes nothing. A file that cannot be
 * read costs one line on standard error, and the others are still told.
 */
import { FileUnreadable, openFile } from "./adapters/file-source.ts";
import { evidenceDocument } from "./evidence/evidence-document.ts";
import { type Evidence, inspect } from "./evidence/inspect.ts";
import { tellEvidence } from "./evidence/tell-evidence.ts";

export interface Output {
  write(text: string): void;
}

/** @returns how many files could not be told */
export function inspectFiles(files: readonly string[], json: boolean, stdout: Output, stderr: Output): number {
  let failed = 0;
  let told = 0;
  for (const file of files) {
    const evidence = readEvidence(file);
    if (typeof evidence === "string") {
      failed++;
      stderr.write(`${oneLine(`${file} ${evidence}`)}\n`);
    } else if (json) stdout.write(`${JSON.stringify(evidenceDocument(file, evidence))}\n`);
    else stdout.write(`${told++ === 0 ? "" : "\n"}${tellEvidence(file, evidence)}`);
  }
  return failed;
}

/** A string says, as a predicate, why there is none. */
function readEvidence(file: string): Evidence | string {
  try {
    using source = openFile(file);
    const evidence = inspect(source);
    return evidence.kind === "not-one" ? evidence.because : evidence;
  } catch (error) {
    if (error instanceof FileUnreadable) return error.message;
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const oneLine = (words: string): string => words.replace(/[\p{Cc}\p{Cf}]+/gu, " ");
