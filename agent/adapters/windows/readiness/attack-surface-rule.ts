/**
 * Defender's rule against changes of the boot configuration that lead into safe mode. Hardening baselines switch it on, and
 * then it stops bcdedit whoever calls it, unless the caller is excluded.
 */
import type { Registry } from "../../../machine-parts.ts";
import { numberIfKnown, textIfKnown } from "../registry-text.ts";

export type RuleState = "off" | "blocks" | "audits" | "warns" | "not-set";

const RULE = "33ddedf1-c6e0-47cb-833e-de6133960387";
const GUARD = "Windows Defender Exploit Guard\\ASR\\Rules";
/** By group policy, by management, by the machine's own setting: the first that says anything counts. */
const SINGLE = [
  `HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\${GUARD}`,
  `HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\${GUARD}`,
] as const;
const MANAGED = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Policy Manager";
/** As Microsoft documents the values. */
const STATES: Readonly<Record<string, RuleState>> = {
  "0": "off",
  "1": "blocks",
  "2": "audits",
  "5": "not-set",
  "6": "warns",
};

/** Undefined: it is set to something that nobody documents. */
export async function readSafeModeRule(registry: Registry): Promise<RuleState | undefined> {
  const [policy, local] = await Promise.all(SINGLE.map((key) => valueOf(registry, key)));
  const managed = (await textIfKnown(registry, MANAGED, "ASRRules")) ?? "";
  const listed = new RegExp(`${RULE}=(\\d)`, "i").exec(managed)?.[1];
  const said = policy ?? listed ?? local;
  return said === undefined ? "not-set" : STATES[said];
}

/** Kept as text by policies, as a number by others. */
async function valueOf(registry: Registry, key: string): Promise<string | undefined> {
  return (await textIfKnown(registry, key, RULE)) ?? (await numberIfKnown(registry, key, RULE))?.toString();
}
