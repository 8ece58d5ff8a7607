/** The guards of who signed an order, how many of them, and of which kind it is. */
import { at, type Mutant, never } from "./mutant.ts";

export const SIGNATURE_MUTANTS: readonly Mutant[] = [
  // who signed
  {
    name: "a key's id need not be its digest",
    file: "protocol/signatures.ts",
    ...never("sha256Hex(fromBase64(key.publicKey)) !== String(key.keyId)"),
    test: "test/agent/core/admission.test.ts",
    title: "the trust document gives",
  },
  {
    name: "keys count, not people",
    file: "protocol/signatures.ts",
    find: "voices.set(voice.holder.person, { ...voice, sig });",
    replace: "voices.set(voice.key.keyId, { ...voice, sig });",
    test: at("06"),
    title: "one person with two keys",
    quick: true,
  },
  {
    name: "any signature is good",
    file: "protocol/signatures.ts",
    find: "if (isSignedBy(voice.key, bytes, fromBase64(sig), passkeys, verify))",
    replace: "if (isSignedBy(voice.key, bytes, fromBase64(sig), passkeys, verify) || true)",
    test: at("06"),
    title: "an empty signature",
    quick: true,
  },
  // how many, of which kind, believing what
  {
    name: "one approver is enough",
    file: "agent/core/admission-approvals.ts",
    ...never("voices.length < needed"),
    test: at("06"),
    title: "one of two",
    quick: true,
  },
  {
    name: "no more people to bring contents back",
    file: "agent/core/admission-approvals.ts",
    find: "Math.max(threshold, policy.limits.restoreThreshold ?? 0)",
    replace: "threshold",
    test: at("06"),
    title: "what brings contents back",
  },
  {
    name: "an approval of the one kind is one of the other",
    file: "agent/core/admission-approvals.ts",
    ...never("kindOf(statement.steps) !== statement.kind || payloadType !== typeFor(statement.kind)"),
    test: at("06"),
    title: "what brings contents back",
  },
  {
    name: "a plan may understate its devices",
    file: "agent/core/admission-approvals.ts",
    ...never("places !== statement.deviceCount"),
    test: at("06"),
    title: "many devices need a key file",
  },
  {
    name: "an older trust document will do",
    file: "agent/core/admission-approvals.ts",
    ...never("trust.version < statement.minimumTrustVersion"),
    test: "test/agent/core/admission.test.ts",
    title: "newer trust document",
  },
];
