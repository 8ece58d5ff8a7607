/** What an auditor reads out of a policy about the newer steps is what a device reads out of it. */
import { expect, test } from "vitest";
import { peek } from "../../protocol/dsse.ts";
import { policyFaults } from "../../protocol/evidence-decision.ts";
import { PlanStatement } from "../../protocol/plan.ts";
import { RegistryKey } from "../../protocol/registry.ts";
import { aSignedOrder, SOURCE } from "../support/signed-order.ts";
import { aPolicy } from "../support/trust.ts";

const KEY = "HKLM\\SOFTWARE\\Policies\\Acme";
const value = { kind: "set-registry-value", key: KEY, name: "x", value: null };
const remove = { kind: "remove-update", update: "KB5034441", withinMs: 600_000 };
const faultsOf = (steps: readonly unknown[], over: object = {}) => {
  const statement = peek(aSignedOrder({ steps }).statement, PlanStatement);
  return policyFaults(statement, aPolicy({ sources: aPolicy().sources.map((of) => ({ ...of, ...over })) }));
};

test.each([
  ["a key of the registry that the policy does not name", [value], {}, 1],
  ["the same key where it does", [value], { registryKeys: [RegistryKey.parse(KEY)] }, 0],
  ["another source than the plan's", [{ kind: "hold-content", source: "acme.other" }], { source: SOURCE }, 1],
  ["an update that is taken off and not blocked", [remove], {}, 1],
  ["the same with its block", [remove, { kind: "block-update", update: "KB5034441" }], {}, 0],
  [
    "a file outside of its folders",
    [{ kind: "restore-from-quarantine", threat: "T:W/X", file: "C:\\Temp\\a.exe", sha256: "0".repeat(64) }],
    {},
    1,
  ],
] as const)("%s", (_name, steps, over, count) => {
  expect(faultsOf(steps, over)).toHaveLength(count);
});
