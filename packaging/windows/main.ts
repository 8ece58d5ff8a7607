/** `npm run package:windows`: makes the agent's Windows packages, on Debian. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makePackage } from "./package.ts";
import type { Architecture } from "./parts.ts";

const HELP = `Usage: npm run package:windows -- [--arch x64|arm64|all] [--out <folder>] [--sign <command>]

Makes ringback-agent-<version>-<processor>.msi. Needs wixl and msitools (apt-get install wixl msitools), and npm's
registry once for node.exe.

  --arch   the processor: x64 (default), arm64, or all
  --out    where the packages go (default: dist)
  --sign   a command for sh that signs $IN and writes $OUT: the native library and the package, for instance
           osslsigncode sign -certs c.pem -key k.pem -h sha256 -in "$IN" -out "$OUT"

In the package: sbom.cdx.json (CycloneDX) and licences.txt.`;

const ARCHITECTURES: Readonly<Record<string, readonly Architecture[]>> = {
  x64: ["x64"],
  arm64: ["arm64"],
  all: ["x64", "arm64"],
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      arch: { type: "string", default: "x64" },
      out: { type: "string", default: "dist" },
      sign: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const architectures = ARCHITECTURES[values.arch];
  if (architectures === undefined) throw new Error(`there is no processor ${values.arch}\n${HELP}`);
  const { sign } = values;
  for (const architecture of architectures)
    console.log(
      await makePackage({ architecture, outFolder: resolve(values.out), ...(sign === undefined ? {} : { sign }) }),
    );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
