/**
 * The manifest (.mum) of an update that the servicing stack keeps in Windows\servicing\Packages: XML of a few KiB, of which
 * two things are read. It is written by Microsoft and protected by Windows, but nothing here depends on that.
 */
import { articlesIn } from "./dism-output.ts";

export interface PackageManifest {
  /** Undefined: the manifest says neither. */
  readonly isPermanent: boolean | undefined;
  readonly articles: readonly string[];
}

/** Undefined: this is no package manifest. */
export function parseManifest(text: string): PackageManifest | undefined {
  const assembly = /<assembly\b[^>]*>/.exec(text)?.[0];
  const pack = /<package\b[^>]*>/.exec(text)?.[0];
  if (assembly === undefined || pack === undefined) return undefined;
  const permanence = /\bpermanence\s*=\s*"(\w+)"/i.exec(pack)?.[1]?.toLowerCase();
  return {
    isPermanent: permanence === "permanent" ? true : permanence === "removable" ? false : undefined,
    articles: articlesIn(`${assembly}\n${pack}`),
  };
}
