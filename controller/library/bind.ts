/**
 * Makes a playbook out of an entry of the library and what is known of an incident. Pure.
 *
 * Invariant: nothing is guessed. What is not known is named as missing, and no playbook comes out.
 */
import {
  LIBRARY_PARAMETERS,
  type LibraryParameter,
  type LibraryParameters,
  type LibraryPlaybook,
} from "../../protocol/library.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { Playbook } from "../../protocol/playbook.ts";
import { splitPath, WindowsPath } from "../../protocol/windows-path.ts";

/** A faulty version, as the fleet knows it. `path` is null where no device has ever shown it. */
export interface FaultyVersion {
  readonly source: ContentSourceId;
  readonly sha256: string;
  readonly label: string | null;
  readonly path: string | null;
}

export type Bound =
  | { readonly kind: "bound"; readonly playbook: Playbook; readonly adapted: readonly string[] }
  /** What has to be said first, and what was said and cannot be: one sentence each. */
  | { readonly kind: "missing"; readonly missing: readonly string[] }
  | { readonly kind: "no-rollback"; readonly because: string; readonly instead: readonly string[] };

type Values = Partial<Record<LibraryParameter, unknown>>;

export function bind(entry: LibraryPlaybook, versions: readonly FaultyVersion[], said: LibraryParameters): Bound {
  if (entry.steps === undefined) {
    const { because, instead } = entry.noRollback ?? { because: entry.summary, instead: entry.doesNot };
    return { kind: "no-rollback", because, instead };
  }
  const [leader] = versions;
  if (leader === undefined) return { kind: "missing", missing: ["the faulty version: nobody has named it yet"] };
  const known = { ...valuesOf(versions), ...said };
  const wanted = parametersOf(entry);
  const missing = wanted.flatMap((name) => faultOf(name, known[name]));
  if (missing.length > 0) return { kind: "missing", missing };
  const { name, title, steps } = entry;
  const parsed = Playbook.safeParse({ name, title, source: leader.source, steps: fill(steps, known) });
  if (!parsed.success)
    return {
      kind: "missing",
      missing: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
    };
  return {
    kind: "bound",
    playbook: parsed.data,
    adapted: wanted.map((each) => `${wordOf(each)}: ${shown(known[each])}`),
  };
}

/** The parameters that the steps leave open, each once. */
export function parametersOf({ steps }: LibraryPlaybook): readonly LibraryParameter[] {
  const found = JSON.stringify(steps ?? []).matchAll(PARAMETER);
  return [...new Set([...found].map(([, name]) => name as LibraryParameter))];
}

const PARAMETER = /\$\{([a-z0-9.]+)\}/g;
const WHOLE = /^\$\{([a-z0-9.]+)\}$/;

/** A string that is one parameter becomes its value, whatever that is; inside a longer string it is text. */
export function fill(template: unknown, values: Values): unknown {
  if (Array.isArray(template)) return template.map((each) => fill(each, values));
  if (typeof template === "object" && template !== null)
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value, values)]));
  if (typeof template !== "string") return template;
  const whole = WHOLE.exec(template)?.[1];
  if (whole !== undefined) return values[whole as LibraryParameter];
  return template.replace(PARAMETER, (_, name: LibraryParameter) => String(values[name]));
}

/** What follows from the versions alone: of what travels together the paths are the leader's, the digests all. */
function valuesOf(versions: readonly FaultyVersion[]): Values {
  const [leader] = versions;
  const label = leader?.label ?? "";
  const path = WindowsPath.safeParse(leader?.path);
  const together = versions.filter(({ source }) => source === leader?.source);
  return {
    "version.sha256": together.map(({ sha256 }) => sha256),
    ...(path.success ? { "version.path": path.data, "version.files": filesLike(path.data) } : {}),
    ...(/^KB\d{6,8}$/.test(label) ? { update: label } : {}),
    ...(/^\d+(?:\.\d+){3}$/.test(label) ? { definitions: label } : {}),
  };
}

/** Files of the same kind in the same folder: the digest says which of them. Another machine may call the file otherwise. */
function filesLike(path: WindowsPath): string {
  const { folder, name } = splitPath(path);
  const extension = /\.[A-Za-z0-9]+$/.exec(name)?.[0] ?? "";
  return `${folder.endsWith("\\") ? folder : `${folder}\\`}*${extension}`;
}

function faultOf(name: LibraryParameter, value: unknown): readonly string[] {
  const { from, what, schema } = LIBRARY_PARAMETERS[name];
  if (value === undefined)
    return [from === "person" ? `${name}: ${what}` : `${name}: ${what}; no device has shown the version yet`];
  const parsed = schema.safeParse(value);
  return parsed.success
    ? []
    : [`${name}: ${what}; what was said is not that: ${parsed.error.issues[0]?.message ?? ""}`];
}

const wordOf = (name: LibraryParameter): string => LIBRARY_PARAMETERS[name].what;
const shown = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value));
