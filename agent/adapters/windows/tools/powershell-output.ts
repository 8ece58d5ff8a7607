/** What PowerShell prints of objects: the names of properties, and True and False, are the same in every language. */
import { version } from "../defender-state.ts";
import { labelledLine } from "./labelled-lines.ts";

export interface DefenderReport {
  /** Of what runs now; all undefined where Defender does not run and says 0.0.0.0. */
  readonly definitions: string | undefined;
  readonly engine: string | undefined;
  readonly platform: string | undefined;
  readonly tamperProtected: boolean | undefined;
  readonly realTimeProtection: boolean | undefined;
}

/** Of `Get-MpComputerStatus`. Undefined: this is no such answer. Its dates are in the machine's form and are not read. */
export function parseDefenderReport(output: string): DefenderReport | undefined {
  const fields = new Map<string, string>();
  for (const line of output.split("\n")) {
    const labelled = labelledLine(line);
    if (labelled !== undefined) fields.set(labelled.label, labelled.value);
  }
  if (!fields.has("AMProductVersion")) return undefined;
  return {
    definitions: version(fields.get("AntivirusSignatureVersion")),
    engine: version(fields.get("AMEngineVersion")),
    platform: version(fields.get("AMProductVersion")),
    tamperProtected: truth(fields.get("IsTamperProtected")),
    realTimeProtection: truth(fields.get("RealTimeProtectionEnabled")),
  };
}

const truth = (text: string | undefined): boolean | undefined =>
  text === "True" ? true : text === "False" ? false : undefined;

/** Of `Get-HotFix`: the articles, each in a column of its own. Dates and accounts are cut off and in any language. */
export const parseHotFixes = (output: string): readonly string[] => [
  ...new Set([...output.matchAll(/(?:^|\s)(KB\d{6,8})(?=\s|$)/gm)].map(([, article = ""]) => article)),
];
