/**
 * What is wrong with a request, fault by fault: the path of the field and a sentence about it.
 *
 * Where a field may take several forms, the form that the sender most likely meant is the one that is explained.
 */
import type { z } from "zod";

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** A request with more faults than this has one cause; the rest would only hide it. */
const FAULTS_MAX = 50;

export const faultsOf = (error: z.ZodError): Fault[] =>
  error.issues.flatMap((issue) => explain(issue, [])).slice(0, FAULTS_MAX);

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function explain(issue: Issue, above: Path): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => fault([...path, key], "this field is not known here"));
  }
  return issue.code === "invalid_union" ? explainUnion(issue, path) : [fault(path, plain(issue.message))];
}

function explainUnion(issue: Extract<Issue, { code: "invalid_union" }>, path: Path): Fault[] {
  const forms = [...issue.errors].sort((a, b) => a.length - b.length);
  const [closest, second] = forms;
  if (closest === undefined) return [fault(path, plain(issue.message))];
  const oneIsCloser = second === undefined || closest.length < second.length;
  const allSayTheSame = forms.every(([first]) => first?.message === closest[0]?.message);
  if (oneIsCloser) return closest.flatMap((inner) => explain(inner, path));
  if (allSayTheSame) return closest.slice(0, 1).flatMap((inner) => explain(inner, path));
  const names = [...new Set(issue.errors.flatMap(([first]) => first?.path.slice(0, 1).map(String) ?? []))];
  return [
    fault(path, names.length === 0 ? "fits none of the forms allowed here" : `expected one of: ${names.join(", ")}`),
  ];
}

const fault = (path: Path, message: string): Fault => ({ path: path.map(String).join("."), message });

/** zod's sentence, without its preamble, and a missing field called missing. */
function plain(message: string): string {
  const text = message.replace(/^Invalid input: /, "");
  const missing = /^(expected .*), received undefined$/.exec(text);
  return missing === null ? text : `is missing: ${missing[1]}`;
}
