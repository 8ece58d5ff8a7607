/** How large the package is that administrators hand out, made anew. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { makePackage } from "../../../packaging/windows/package.ts";
import { CACHE } from "../../../packaging/windows/parts.ts";

/** Undefined where it can be made. A bench fetches nothing. */
export function whyNoPackage(): string | undefined {
  const tool = ["/usr/bin/wixl", "/usr/bin/msibuild"].find((path) => !existsSync(path));
  if (tool !== undefined) return `${tool} is missing`;
  return existsSync(CACHE) ? undefined : "node.exe was not fetched yet: npm run package:windows does";
}

/** @returns MiB */
export async function packageMib(outFolder: string): Promise<number> {
  const { size } = await stat(await makePackage({ architecture: "x64", outFolder }));
  return size / 1024 ** 2;
}
