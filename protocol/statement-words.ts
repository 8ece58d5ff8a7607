/**
 * What a person signs, in words: read from the very bytes that are signed, so that it cannot be told otherwise by
 * whoever carried them. Pure; the same in the command line, the console and on the page of approvals.
 */
import { digestOf, type Sha256 } from "./canonical.ts";
import type { HoldStatement, ResumeStatement } from "./emergency.ts";
import { kindOf, type PlanStatement } from "./plan.ts";
import { counted, detail, durationWords, fact, instantWords, loud, quote, type WordLine } from "./plain-words.ts";
import { spoken } from "./spoken.ts";
import { stepsWords } from "./step-words.ts";

export function planWords(statement: PlanStatement): WordLine[] {
  const { title, kind, planId, planDigest, steps, deviceCount, sites, waves } = statement;
  return [
    ...warnings(statement),
    fact(kind === "restore" ? "Kind: RESTORE, brings back what was put away" : "Kind: rollback"),
    fact(`Title: ${quote(title)}`),
    fact(`Plan: ${planId}, whole text ${planDigest}`),
    fact(`Devices: ${deviceCount}, at ${counted(sites.length, "site")}`),
    ...sites.map((site) => detail(quote(site))),
    ...stepsWords(steps),
    ...waves.flatMap(({ name, size, notBefore, root }, i) => [
      fact(
        `Wave ${i + 1} of ${waves.length}, ${quote(name)}: ${counted(size, "device")}, not before ${instantWords(notBefore)}`,
      ),
      detail(`these devices and no others: ${root}`),
    ]),
    ...validity(statement.validFrom, statement.validUntil),
    fact(`Source: ${statement.source}, generation ${statement.generation} of era ${statement.era}`),
    detail("a device that has seen a later generation refuses it"),
    fact(statement.undoes === null ? "Undoes: no other plan" : `UNDOES plan ${statement.undoes}`),
    fact(
      statement.supplements === null
        ? "Supplements: no other plan"
        : `Supplements plan ${statement.supplements}: takes devices that it did not name`,
    ),
    fact(
      `Counts only where trust document ${statement.minimumTrustVersion} and policy ${statement.minimumPolicyVersion}, or later ones, are known`,
    ),
    ...digestWords(digestOf(statement)),
  ];
}

function warnings({ kind, steps, waves, deviceCount, undoes }: PlanStatement): WordLine[] {
  const sum = waves.reduce((total, { size }) => total + size, 0);
  return [
    ...(kind === "restore"
      ? [
          loud(
            "THIS BRINGS BACK WHAT WAS PUT AWAY. Contents that an approved plan, or a device's protection, took from these devices return to them.",
          ),
        ]
      : []),
    ...(kind === kindOf(steps)
      ? []
      : [loud(`THE STEPS DO NOT FIT THE KIND: it calls itself a ${kind}. Do not sign it; devices refuse it.`)]),
    ...(undoes === null ? [] : [loud("It undoes an approved plan.")]),
    ...(sum === deviceCount
      ? []
      : [loud(`THE NUMBERS DO NOT AGREE: it says ${deviceCount} devices, and its waves hold ${sum}. Do not sign it.`)]),
  ];
}

export const resumeWords = (statement: ResumeStatement): WordLine[] => [
  loud("This ends an emergency stop: devices take orders again."),
  fact(`Stop: ${statement.stopId}`),
  ...validity(statement.issuedAt, statement.validUntil),
  fact(`Counts only where trust document ${statement.minimumTrustVersion} or a later one is known`),
  ...digestWords(digestOf(statement)),
];

export const holdWords = (statement: HoldStatement): WordLine[] => [
  loud("This keeps protection from updating. Devices stay without what its vendor sends meanwhile."),
  fact(`Hold: ${statement.holdId}`),
  fact(`Source: ${statement.source}`),
  ...validity(statement.issuedAt, statement.until),
  detail("devices release it by themselves at the end"),
  fact(`Counts only where trust document ${statement.minimumTrustVersion} or a later one is known`),
  ...digestWords(digestOf(statement)),
];

const validity = (from: number, until: number): WordLine[] => [
  fact(`Valid from ${instantWords(from)} until ${instantWords(until)}`),
  until > from ? detail(`for ${durationWords(until - from)}`) : loud("IT IS NEVER VALID: it ends before it begins."),
];

export const digestWords = (digest: Sha256): WordLine[] => [
  fact(`Digest of what is signed: ${digest}`),
  detail(`to compare over the phone: ${spoken(digest)}`),
];
