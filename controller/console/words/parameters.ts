/** What a proposal lacks: things that a person can find out and type, and things that have to change elsewhere. Pure. */
import { LIBRARY_PARAMETERS, type LibraryParameter, type LibraryParameters } from "../../../protocol/library.ts";

export interface Wanted {
  readonly name: LibraryParameter;
  /** What it is, for the label of a field. */
  readonly what: string;
}

const isParameter = (name: string): name is LibraryParameter => Object.hasOwn(LIBRARY_PARAMETERS, name);

/** The controller names each as `name: what it is`; what it calls otherwise cannot be typed. */
export function wantedOf(missing: readonly string[]): { readonly typed: Wanted[]; readonly others: string[] } {
  const typed: Wanted[] = [];
  const others: string[] = [];
  for (const line of missing) {
    const [name = ""] = line.split(":", 1);
    if (isParameter(name)) typed.push({ name, what: LIBRARY_PARAMETERS[name].what });
    else others.push(line);
  }
  return { typed, others };
}

/** Why a value cannot be right; undefined for one that can, and for one that is not there yet. */
export function faultOf({ name }: Wanted, value: string): string | undefined {
  if (value.trim() === "") return undefined;
  const { schema } = LIBRARY_PARAMETERS[name];
  const parsed = schema.safeParse(name === "version.sha256" ? value.split(/[\s,]+/) : value.trim());
  return parsed.success ? undefined : (parsed.error.issues[0]?.message ?? "not as expected");
}

/** What was typed, when it is all that is missing and could be right; undefined until then. */
export function completed(missing: readonly string[], typed: LibraryParameters): LibraryParameters | undefined {
  const wanted = wantedOf(missing);
  if (wanted.others.length > 0) return undefined;
  const isDone = wanted.typed.every((each) => {
    const value = typed[each.name] ?? "";
    return value.trim() !== "" && faultOf(each, value) === undefined;
  });
  return isDone ? Object.fromEntries(wanted.typed.map(({ name }) => [name, typed[name]?.trim() ?? ""])) : undefined;
}
