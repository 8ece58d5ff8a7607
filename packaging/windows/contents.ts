/**
 * What of others is in the package: node.exe, the native library, and the libraries in our bundle, as their own
 * package.json says. Nothing is guessed: a library without a licence or a version stops the build.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Bundle } from "./bundle.ts";
import type { Architecture, WindowsParts } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const Manifest = z.looseObject({ name: z.string(), version: z.string(), license: z.string() });

export interface Content {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Its text; undefined: its package has none. */
  readonly licenseText: string | undefined;
  readonly kind: "application" | "library";
  /** Of the file itself, where it is one; what is bundled has none of its own. */
  readonly sha256: string | undefined;
}

export async function contentsOf(
  bundle: Bundle,
  parts: WindowsParts,
  architecture: Architecture,
): Promise<readonly Content[]> {
  const bundled = new Set(bundle.modules.flatMap((module) => packageOf(module) ?? []));
  const libraries = [...bundled].toSorted().map((name) => contentAt(join(ROOT, name), "library"));
  const node = contentAt(join(parts.modules, `node-win-${architecture}`), "application", parts.nodeExe);
  const koffi = contentAt(join(parts.modules, `@koromix/koffi-win32-${architecture}`), "library", parts.koffiNode);
  return Promise.all([node, koffi, ...libraries]);
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageOf(module: string): string | undefined {
  const [whole] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? [];
  return whole;
}

async function contentAt(folder: string, kind: Content["kind"], file?: string): Promise<Content> {
  const { name, version, license } = Manifest.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
  const texts = (await readdir(folder)).filter((entry) => /^(?:licen[cs]e|copying)/i.test(entry)).toSorted();
  const [first] = texts;
  return {
    name,
    version,
    license,
    licenseText: first === undefined ? undefined : await readFile(join(folder, first), "utf8"),
    kind,
    sha256:
      file === undefined
        ? undefined
        : createHash("sha256")
            .update(await readFile(file))
            .digest("hex"),
  };
}

/** One text with the licences of all. */
export function licencesOf(contents: readonly Content[]): string {
  const parts = contents.map(
    ({ name, version, license, licenseText }) =>
      `${name} ${version} (${license})\n\n${licenseText?.trim() ?? `Its package comes without a text. ${WITHOUT_TEXT[license] ?? ""}`.trim()}\n`,
  );
  const intro = "The Ringback agent is under the Apache License, Version 2.0. It contains:\n";
  return [intro, ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  MIT: `Copyright its contributors.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
};
