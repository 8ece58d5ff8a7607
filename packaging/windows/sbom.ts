/**
 * The bill of materials: CycloneDX 1.6, JSON. It names what is in the package and nothing else, and depends on that alone:
 * no clock, and a serial number made of the contents.
 */
import { createHash } from "node:crypto";
import type { Content } from "./contents.ts";
import type { Architecture } from "./parts.ts";

export interface SbomOf {
  readonly version: string;
  readonly architecture: Architecture;
  readonly contents: readonly Content[];
  /** Our own code. */
  readonly bundle: ReadonlyMap<string, string>;
}

export function sbomOf({ version, architecture, contents, bundle }: SbomOf): string {
  const own = {
    type: "application",
    "bom-ref": "ringback-agent",
    name: "ringback-agent",
    version,
    description: `Ringback agent for Windows, ${architecture}`,
    licenses: [{ license: { id: "Apache-2.0" } }],
    hashes: [{ alg: "SHA-256", content: digestOf(bundle) }],
  };
  const components = contents.map(componentOf);
  const serial = createHash("sha256")
    .update(JSON.stringify([own, components]))
    .digest("hex");
  const bom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(serial)}`,
    version: 1,
    metadata: { component: own },
    components,
    dependencies: [
      { ref: own["bom-ref"], dependsOn: components.map((component) => component["bom-ref"]) },
      ...components.map((component) => ({ ref: component["bom-ref"] })),
    ],
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function componentOf({ name, version, license, kind, sha256 }: Content) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const isExpression = / (?:OR|AND|WITH) /.test(license);
  return {
    type: kind,
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses: [isExpression ? { expression: license } : { license: { id: license } }],
    ...(sha256 === undefined ? {} : { hashes: [{ alg: "SHA-256", content: sha256 }] }),
  };
}

/** Of all files of the bundle, by name. */
function digestOf(bundle: ReadonlyMap<string, string>): string {
  const digest = createHash("sha256");
  for (const name of [...bundle.keys()].toSorted()) {
    const contents = createHash("sha256").update(bundle.get(name) ?? "");
    digest.update(`${name} ${contents.digest("hex")}\n`);
  }
  return digest.digest("hex");
}

/** RFC 9562 version 8. */
const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
