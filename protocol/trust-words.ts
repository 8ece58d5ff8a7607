/** What changes from one trust document or policy to the next, in words: who comes, who goes, what is allowed from now on. */
import { canonicalJson, digestOf } from "./canonical.ts";
import { counted, detail, durationWords, fact, instantWords, loud, quote, type WordLine } from "./plain-words.ts";
import type { Policy, SourceRule } from "./policy.ts";
import { spoken } from "./spoken.ts";
import { digestWords } from "./statement-words.ts";
import { stepsWords } from "./step-words.ts";
import { starterRoles, type Holder, type TrustDocument, type TrustedKey, type TrustRole } from "./trust-document.ts";

const ROLES = [
  ["roots", "may change this document"],
  ["policyHolders", "set policy"],
  ["approvers", "approve plans"],
] as const;
const ROLE_NAMES = { roots: "Roots", policyHolders: "Policy holders", approvers: "Approvers" } as const;

/** @param before null for the first document: everybody comes. */
export function trustWords(before: TrustDocument | null, after: TrustDocument): WordLine[] {
  const starters = starterRoles(after);
  return [
    ...starters.map((role) =>
      loud(`A starter key is among the ${ROLE_NAMES[role].toLowerCase()}: whoever takes over the controller holds it.`),
    ),
    fact(
      before === null
        ? `Trust document ${after.version}, the first that is known here`
        : `Trust document ${after.version}, after ${before.version}`,
    ),
    fact(`Issued ${instantWords(after.issuedAt)}, expires ${instantWords(after.expiresAt)}`),
    detail(
      `for ${durationWords(after.expiresAt - after.issuedAt)}; then devices change nothing until there is a newer one`,
    ),
    ...ROLES.flatMap(([role, does]) => roleWords(ROLE_NAMES[role], does, before?.[role] ?? null, after[role])),
    ...differences(
      before?.online ?? [],
      after.online,
      ({ keyId }) => keyId,
      ({ keyId }) => `Online key, which proves freshness: ${spoken(keyId)} (${keyId})`,
    ),
    ...passkeyWords(before?.passkeys ?? null, after.passkeys),
    ...differences(
      before?.eras ?? [],
      after.eras,
      ({ source, era }) => `${source} ${era}`,
      ({ source, era }) => `Era ${era} of source ${source}: generations count anew`,
    ),
    ...digestWords(digestOf(after)),
  ];
}

function roleWords(name: string, does: string, before: TrustRole | null, after: TrustRole): WordLine[] {
  const asked = `${after.threshold} of ${counted(after.holders.length, "person").replace("persons", "people")} ${does}`;
  const was = before === null || before.threshold === after.threshold ? "" : `; until now ${before.threshold} had to`;
  return [
    fact(`${name}: ${asked}${was}`),
    ...(before !== null && after.threshold < before.threshold
      ? [loud(`FEWER PEOPLE than before: ${asked}${was}.`)]
      : []),
    ...(after.threshold === 1 ? [loud(`ONE PERSON ALONE is enough: ${name.toLowerCase()}.`)] : []),
    ...differences(before?.holders ?? [], after.holders, ({ person }) => person, personWords).map(asDetail),
    ...after.holders.flatMap((holder) => {
      const old = before?.holders.find(({ person }) => person === holder.person);
      return old === undefined ? [] : changedHolder(old, holder).map(asDetail);
    }),
  ];
}

const personWords = ({ person, name, keys }: Holder): string =>
  `${person}, ${quote(name)}, with ${keys.map(keyWords).join(" and ")}`;

function changedHolder(before: Holder, after: Holder): WordLine[] {
  const who = `${after.person}, ${quote(after.name)}`;
  return [
    ...(before.name === after.name
      ? []
      : [fact(`CHANGES: ${before.person}, until now named ${quote(before.name)}, is ${quote(after.name)}`)]),
    ...differences(before.keys, after.keys, canonicalJson, (key) => `${who}: ${keyWords(key)}`),
  ];
}

const keyWords = ({ keyId, kind, starter }: TrustedKey): string =>
  `${starter ? "a STARTER key kept on the controller, " : ""}${kind} key ${spoken(keyId)} (${keyId})`;

function passkeyWords(before: TrustDocument["passkeys"], after: TrustDocument["passkeys"]): WordLine[] {
  const words = (passkeys: TrustDocument["passkeys"]): string =>
    passkeys === null ? "none count" : `${quote(passkeys.rpId)} at ${passkeys.origins.map(quote).join(", ")}`;
  if (words(before) === words(after)) return [fact(`Passkeys: ${words(after)}`)];
  return [fact(`Passkeys CHANGE: until now ${words(before)}`), detail(`from now on ${words(after)}`)];
}

/** @param before null for the first policy. */
export function policyWords(before: Policy | null, after: Policy): WordLine[] {
  const { limits } = after;
  return [
    fact(
      before === null
        ? `Policy ${after.version}, the first that is known here`
        : `Policy ${after.version}, after ${before.version}`,
    ),
    fact(`Issued ${instantWords(after.issuedAt)}`),
    ...differences(before?.sources ?? [], after.sources, canonicalJson, sourceWords),
    ...limitsWords(limits).map((text, i) => {
      const was = before === null ? text : limitsWords(before.limits)[i];
      return fact(was === text ? `Limit: ${text}` : `Limit CHANGES: ${text}; until now ${was}`);
    }),
    ...leaving(before?.standingOrders ?? [], after.standingOrders).map(({ id, title }) =>
      fact(`GOES: standing order ${id}, ${quote(title)}`),
    ),
    ...leaving(after.standingOrders, before?.standingOrders ?? []).flatMap(standingWords),
    ...digestWords(digestOf(after)),
  ];
}

function sourceWords({ source, roots, steps, holdable, registryKeys = [] }: SourceRule): string {
  const where = roots.length === 0 ? "no folder" : roots.map(quote).join(", ");
  const name = source === "*" ? "EVERY source that is not named" : `source ${source}`;
  const may = steps.length === 0 ? "no step" : steps.join(", ");
  const keys = registryKeys.length === 0 ? "" : `; in the registry under ${registryKeys.map(quote).join(", ")}`;
  return `${name}: ${may}; in ${where}${keys}; ${holdable ? "one person may hold it for some hours" : "no one person may hold it"}`;
}

const limitsWords = (limits: Policy["limits"]): string[] => [
  `${limits.filesPerOrderMax} files an order at most`,
  `${durationWords(limits.disruptionGapMs)} between orders that disrupt`,
  `plans are valid for ${durationWords(limits.validityMsMax)} at most`,
  limits.keyFileAboveDevices === null
    ? "no plan needs a key file among its approvals"
    : `plans for more than ${counted(limits.keyFileAboveDevices, "device")} need a key file among their approvals`,
  limits.restoreThreshold === null
    ? "bringing back needs as many approvals as any plan"
    : `bringing back needs ${counted(limits.restoreThreshold, "approval")}`,
];

const standingWords = ({
  id,
  title,
  source,
  sha256,
  steps,
  validUntil,
  usesMax,
}: Policy["standingOrders"][number]): WordLine[] => [
  loud(`A standing order, carried out WITHOUT ASKING ANYBODY, ${counted(usesMax, "time")} at most:`),
  fact(`COMES: standing order ${id}, ${quote(title)}, until ${instantWords(validUntil)}, for source ${source}`),
  ...sha256.map((digest) => detail(`for the contents ${digest}`)),
  ...stepsWords(steps).map(asDetail),
];

/** What goes, then what comes; what stays says nothing. */
function differences<Item>(
  before: readonly Item[],
  after: readonly Item[],
  key: (item: Item) => string,
  words: (item: Item) => string,
): WordLine[] {
  const goes = missing(before, after, key).map((item) => fact(`GOES: ${words(item)}`));
  return [...goes, ...missing(after, before, key).map((item) => fact(`COMES: ${words(item)}`))];
}

const leaving = <Item>(from: readonly Item[], to: readonly Item[]): Item[] => missing(from, to, canonicalJson);

function missing<Item>(from: readonly Item[], to: readonly Item[], key: (item: Item) => string): Item[] {
  const there = new Set(to.map(key));
  return from.filter((item) => !there.has(key(item)));
}

const asDetail = ({ kind, text }: WordLine): WordLine => (kind === "loud" ? loud(text) : detail(text));
