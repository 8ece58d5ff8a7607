/**
 * Guards that are taken away, one at a time, to see the test turn red that stands for each. `find` occurs once in the
 * file. Add yours at the end: a guard without a mutant is a guard that nobody would miss.
 */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /**
   * The test file and, as a regular expression, the titles of which one at least must fail. Vitest cuts what comes
   * from a table after 40 characters.
   */
  readonly test: string;
  readonly title: string;
  /** Also part of `npm test`; the others wait for the full run. */
  readonly quick?: true;
}

const at = (number: string): string => `test/threats/at-${number}.test.ts`;

/** `if (…)` that never holds. */
const never = (find: string): Pick<Mutant, "find" | "replace"> => ({
  find: `if (${find})`,
  replace: `if (false && (${find}))`,
});

export const MUTANTS: readonly Mutant[] = [
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
  // which order, device, wave
  {
    name: "the mailbox may call an order as it likes",
    file: "agent/core/admission-set.ts",
    ...never("offer.orderId !== order.orderId"),
    test: at("12"),
    title: "called by the id of Y",
  },
  {
    name: "an order comes with any statement",
    file: "agent/core/admission-set.ts",
    ...never("order.statementDigest !== statementDigest || order.planId !== statement.planId"),
    test: at("12"),
    title: "the order of X with the statement of Y",
    quick: true,
  },
  {
    name: "a neighbour's order is taken",
    file: "agent/core/admission-set.ts",
    ...never("order.deviceId !== deviceId"),
    test: at("13"),
    title: "a neighbour's order",
  },
  {
    name: "nobody needs to be in the wave",
    file: "agent/core/admission-set.ts",
    ...never("!isInTree(leaf, order.proof, wave.size, wave.root)"),
    test: at("13"),
    title: "in no wave by any",
    quick: true,
  },
  {
    name: "any index is in the tree",
    file: "protocol/merkle.ts",
    find: "return sn === 0 && bytesToHex(hash) === root;",
    replace: "return sn === 0;",
    test: at("13"),
    title: "in no wave by any",
  },
  {
    name: "no gate has to pass",
    file: "agent/core/admission-set.ts",
    ...never("order.wave === 0 ? gate !== null : gate?.wave !== order.wave - 1"),
    test: at("13"),
    title: "does not begin with",
    quick: true,
  },
  // of this moment
  {
    name: "no word of this moment is needed to be signed",
    file: "agent/core/admission-time.ts",
    find: "Freshness, onlineKeyring(trust, verify)",
    replace: "Freshness, () => true",
    test: at("10"),
    title: "by a stranger",
  },
  {
    name: "an answer to another question will do",
    file: "agent/core/admission-time.ts",
    ...never("body.nonce !== fresh.nonce || body.deviceId !== deviceId"),
    test: at("10"),
    title: "answers another question|another device's",
    quick: true,
  },
  {
    name: "a word is good for ever",
    file: "agent/core/admission-time.ts",
    ...never("fresh.askedAgoMs > FRESH_MS"),
    test: at("10"),
    title: "more than ten minutes",
  },
  {
    name: "a newer trust document may be missing",
    file: "agent/core/admission-time.ts",
    ...never("trust.version < body.trustVersion"),
    test: at("10"),
    title: "knows a newer trust",
  },
  {
    name: "a newer policy may be missing",
    file: "agent/core/admission-time.ts",
    ...never("policy.version < body.policyVersion"),
    test: at("10"),
    title: "knows a newer policy",
  },
  // once, and nothing that was superseded
  {
    name: "what ran runs again",
    file: "agent/core/admission-time.ts",
    ...never("facts.hasSeen(orderDigest)"),
    test: at("07"),
    title: "each crafted try",
  },
  {
    name: "older generations are taken",
    file: "agent/core/admission-time.ts",
    ...never("seen !== undefined && generation < seen.generation"),
    test: at("08"),
    title: "lower generations",
    quick: true,
  },
  {
    name: "a generation is used twice",
    file: "agent/core/admission-time.ts",
    ...never("seen !== undefined && generation === seen.generation && planId !== seen.planId"),
    test: at("08"),
    title: "an equal generation with another plan",
  },
  {
    name: "a generation has two texts",
    file: "agent/core/admission-time.ts",
    ...never("seen?.generation === generation && seen.statement !== undefined && seen.statement !== statementDigest"),
    test: at("08"),
    title: "another text",
  },
  {
    name: "any era will do",
    file: "agent/core/admission-time.ts",
    ...never("era !== current"),
    test: at("08"),
    title: "another era",
  },
  {
    name: "a plan is begun without end",
    file: "agent/core/admission-time.ts",
    ...never("facts.attemptsOf(planId) >= ATTEMPTS_MAX"),
    test: "test/agent/core/admission.test.ts",
    title: "begun too often",
  },
  {
    name: "sources are forgotten",
    file: "agent/core/compact-journal.ts",
    find: "kept.add(orderId);",
    replace: "void orderId;",
    test: at("08"),
    title: "remembered, however many",
  },
  // its time
  {
    name: "trust never expires",
    file: "agent/core/admission-time.ts",
    ...never("latest >= trust.expiresAt"),
    test: at("09"),
    title: "expired trust document",
  },
  {
    name: "plans never expire",
    file: "agent/core/admission-time.ts",
    ...never("latest >= statement.validUntil"),
    test: at("09"),
    title: "expired by one second",
    quick: true,
  },
  {
    name: "only the wall clock says that it is late",
    file: "agent/core/admission-time.ts",
    find: "Math.max(facts.now, facts.timeFloor, order.issuedAt, freshAt, facts.controllerNow ?? 0)",
    replace: "facts.now",
    test: at("09"),
    title: "expired by one second",
  },
  {
    name: "validity has no beginning",
    file: "agent/core/admission-time.ts",
    ...never("order.issuedAt < statement.validFrom || freshAt < statement.validFrom"),
    test: at("09"),
    title: "its validity",
  },
  {
    name: "waves have no beginning",
    file: "agent/core/admission-time.ts",
    ...never("notBefore === undefined || order.issuedAt < notBefore || freshAt < notBefore"),
    test: at("09"),
    title: "its wave's time",
    quick: true,
  },
  {
    name: "signed time alone measures the gap",
    file: "agent/core/admission-time.ts",
    find: "Math.min(freshAt - disruptedAt, disruptedAgoMs)",
    replace: "(freshAt - disruptedAt)",
    test: at("09"),
    title: "cannot hurry the gap",
  },
  // what may be done at all
  {
    name: "policy limits no source",
    file: "agent/core/admission-steps.ts",
    find: "if (!rule.roots.some((root) => isUnder(step.files, root)))",
    replace: "if (false as boolean)",
    test: "test/agent/core/admission.test.ts",
    title: "that the policy does not",
  },
  {
    name: "the agent's folders are open",
    file: "agent/core/admission-steps.ts",
    ...never("facts.forbiddenRoots.some((root) => isUnder(step.files, root) || isNamedBy(step.files, root))"),
    test: at("20"),
    title: "in .* spellings",
    quick: true,
  },
  {
    name: "a pattern may name the agent's folder",
    file: "agent/core/admission-steps.ts",
    find: " || isNamedBy(step.files, root)",
    replace: "",
    test: at("20"),
    title: "in .* spellings",
  },
  {
    name: "the agent's service is open",
    file: "agent/core/admission-steps.ts",
    find: "step.service.trim().toLowerCase() === OWN_SERVICE",
    replace: "step.service === OWN_SERVICE",
    test: at("20"),
    title: "own service",
  },
  {
    name: "what is not canonical is opened",
    file: "protocol/dsse.ts",
    ...never("sha256Hex(canonicalBytes(parsed.data)) !== digest"),
    test: at("14"),
    title: "not written canonically|ways to write",
    quick: true,
  },
  // whom it believes
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
  // the controller
  {
    name: "bad signatures are kept",
    file: "controller/administration/plan-desk.ts",
    ...never("standingOf(envelope, trust).people.length === 0"),
    test: at("06"),
    title: "not kept",
    quick: true,
  },
  {
    name: "an approval of another text is kept",
    file: "controller/administration/plan-desk.ts",
    find: "if (payloadDigest(envelope) !== statementDigest)",
    replace: "if (false as boolean)",
    test: at("23"),
    title: "after one approval",
  },
  {
    name: "enough people is one",
    file: "controller/administration/approvals.ts",
    find: "isEnough: voices.length >= needed",
    replace: "isEnough: voices.length >= 1",
    test: at("24"),
    title: "one person who clicks twice",
  },
  {
    name: "void approvals start",
    file: "controller/administration/rollout-desk.ts",
    ...never('approvalOf(row, trust) === "void"'),
    test: at("15"),
    title: "does not start",
  },
  {
    name: "void approvals are resumed",
    file: "controller/administration/rollout-desk.ts",
    ...never("isVoid !== undefined"),
    test: at("15"),
    title: "not resumed",
  },
  {
    name: "void approvals go on",
    file: "controller/orchestrator/decisions.ts",
    ...never('because !== undefined && rollout.state.phase === "running"'),
    test: at("15"),
    title: "under way pauses",
    quick: true,
  },
  {
    name: "an edit keeps the approval",
    file: "controller/storage/plans.ts",
    find: "const approval = { envelope: null, approved_at: null, approved_by: null };",
    replace: "const approval = {};",
    test: at("23"),
    title: "after one approval",
  },
  {
    name: "an approval of a replaced text is stored",
    file: "controller/storage/plans.ts",
    find: 'if (held.numUpdatedRows === 0n) return "changed";',
    replace: "",
    test: "test/storage/sqlite.test.ts",
    title: "another text of a plan makes",
  },
  {
    name: "a plan has many rollouts",
    file: "controller/storage/rollouts.ts",
    find: 'mine.where("rollout", "is", null).where(',
    replace: "mine.where(",
    test: "test/storage/sqlite.test.ts",
    title: "happens once a plan",
  },
  {
    name: "a replaced text is started",
    file: "controller/storage/rollouts.ts",
    find: '.where("statement_digest", "=", statement);',
    replace: ";",
    test: "test/storage/sqlite.test.ts",
    title: "replaced meanwhile",
  },
];
