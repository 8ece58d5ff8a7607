/** What packages are built with. */
import { existsSync } from "node:fs";

/** Why no package can be built here, for `test.skipIf`; undefined where one can. */
export function whyNoPackage(): string | undefined {
  const missing = ["wixl", "msibuild", "msiinfo", "msiextract", "osslsigncode"].filter(
    (tool) => !existsSync(`/usr/bin/${tool}`),
  );
  if (missing.length === 0) return undefined;
  return process.env["RINGBACK_NO_WIXL"] ?? `not installed: ${missing.join(", ")}`;
}
