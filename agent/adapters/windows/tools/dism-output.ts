/** What `dism /English` says of the packages of the running Windows. With /English its words are the same everywhere. */
import { labelledLine, paragraphsOf } from "./labelled-lines.ts";

export interface ServicingPackage {
  /** As Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.4. */
  readonly identity: string;
  /** As DISM says it, in lower case: `installed`, `install pending`, `uninstall pending`, `staged`, `superseded`. */
  readonly state: string;
  readonly releaseType: string | undefined;
}

const IDENTITY = /^[\w.-]{1,200}~[0-9a-f]{16}~[\w]{0,20}~[\w-]{0,20}~[0-9.]{1,60}$/i;

const isPackageIdentity = (text: string): boolean => IDENTITY.test(text);

/** Of `/Get-Packages`. A paragraph that is no package is passed over. */
export function parsePackages(output: string): readonly ServicingPackage[] {
  return paragraphsOf(output).flatMap((lines) => {
    const fields = fieldsOf(lines);
    const identity = fields.get("package identity");
    const state = fields.get("state");
    if (identity === undefined || state === undefined || state === "" || !isPackageIdentity(identity)) return [];
    return [{ identity, state: state.toLowerCase(), releaseType: fields.get("release type") }];
  });
}

export interface PackageInfo extends ServicingPackage {
  /** The knowledge base articles that the package says it is about, as KB5034441. */
  readonly articles: readonly string[];
}

/** Of `/Get-PackageInfo`. Undefined: this is no such answer. */
export function parsePackageInfo(output: string): PackageInfo | undefined {
  const fields = fieldsOf(output.split("\n"));
  const identity = fields.get("package identity");
  const state = fields.get("state");
  if (identity === undefined || state === undefined || state === "" || !isPackageIdentity(identity)) return undefined;
  const about = ["description", "support information", "name", "product name"].map((name) => fields.get(name) ?? "");
  const articles = articlesIn([identity, ...about].join("\n"));
  return { identity, state: state.toLowerCase(), releaseType: fields.get("release type"), articles };
}

/** Numbers of articles: after KB, or in the address of Microsoft's support. */
export function articlesIn(text: string): readonly string[] {
  const found = text.matchAll(
    /\bKB(\d{6,8})(?!\d)|_KB(\d{6,8})(?!\d)|support\.microsoft\.com\/(?:\S*\D)?(?<!\d)(\d{6,8})(?!\d)/gi,
  );
  return [...new Set([...found].map(([, a, b, c]) => `KB${a ?? b ?? c ?? ""}`))];
}

/** The first of each name counts: what follows lists features. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const labelled = labelledLine(line);
    const name = labelled?.label.toLowerCase();
    if (labelled !== undefined && name !== undefined && !fields.has(name)) fields.set(name, labelled.value);
  }
  return fields;
}
