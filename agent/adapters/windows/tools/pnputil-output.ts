/**
 * What `pnputil /enum-drivers` prints: a paragraph a package, whose lines come in the same order in every language. Read by
 * place and held against the shapes that must be there: oemN.inf first, the original name second, the version with its date.
 */
import type { DriverPackage } from "../../../machine-parts.ts";
import { labelledLine, paragraphsOf } from "./labelled-lines.ts";

const PUBLISHED = /^oem\d{1,6}\.inf$/i;
const ORIGINAL = /^[^\\/:*?"<>|]{1,200}\.inf$/i;
/** A date in any order of the parts, then the version. */
const DATED_VERSION =
  /^[\u200e\u200f]?\d{1,4}[./-]\s?[\u200e\u200f]?\d{1,2}[./-]\s?[\u200e\u200f]?\d{1,4}\.?\s+(\d+(?:\.\d+){1,3})$/;

export function parseDrivers(output: string): readonly DriverPackage[] {
  return paragraphsOf(output).flatMap((lines) => {
    const values = lines.flatMap((line) => labelledLine(line)?.value ?? []);
    const first = values.findIndex((value) => PUBLISHED.test(value));
    const [published, original, provider, ...rest] = first < 0 ? [] : values.slice(first);
    const version = rest.flatMap((value) => DATED_VERSION.exec(value)?.[1] ?? [])[0];
    if (published === undefined || original === undefined || provider === undefined || version === undefined) return [];
    if (!ORIGINAL.test(original)) return [];
    return [{ published: published.toLowerCase(), original, provider, version }];
  });
}
