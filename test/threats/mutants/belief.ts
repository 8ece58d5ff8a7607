/** The guards of whom an agent believes. */
import { at, type Mutant, never } from "./mutant.ts";

export const BELIEF_MUTANTS: readonly Mutant[] = [
  {
    name: "roots of before need not sign",
    file: "protocol/follow-trust.ts",
    find: "underSigned(envelope, current.roots, verify, `the roots of version ${current.version}`) ??",
    replace: "",
    test: at("16"),
    title: "AT-16",
  },
  {
    name: "versions may be skipped",
    file: "protocol/follow-trust.ts",
    ...never("body.version !== current.version + 1"),
    test: at("11"),
    title: "skips to the highest",
  },
  {
    name: "any first document is believed",
    file: "protocol/follow-trust.ts",
    ...never("read.digest !== pin"),
    test: "test/threats/belief.test.ts",
    title: "pinned",
  },
  {
    name: "any policy is believed",
    file: "protocol/follow-trust.ts",
    find: 'return underSigned(envelope, trust.policyHolders, verify, "the policy holders") ?? read;',
    replace: "return read;",
    test: at("07"),
    title: "each crafted try",
    quick: true,
  },
  {
    name: "older policies return",
    file: "protocol/follow-trust.ts",
    ...never("body.version < version"),
    test: at("11"),
    title: "older policy return",
  },
  {
    name: "a policy outlives its holders",
    file: "agent/core/belief.ts",
    find: "policy: isStillGood ? policy : null",
    replace: "policy",
    test: "test/threats/belief.test.ts",
    title: "outlive",
  },
  {
    name: "trust on first use",
    file: "agent/core/belief.ts",
    ...never("payloadDigest(envelope) !== record.pin"),
    test: "test/threats/belief.test.ts",
    title: "skipped",
  },
];
