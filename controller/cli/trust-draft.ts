/** The next trust document, made from the one that is in force. Pure: who may sign it, its roots say. */
import type { ContentSourceId } from "../../protocol/content.ts";
import { type Instant, later } from "../../protocol/time.ts";
import {
  eraOf,
  type Holder,
  type OnlineKey,
  type Passkeys,
  TRUST_LIFETIME_MS_MAX,
  TrustDocument,
  type TrustRole,
} from "../../protocol/trust-document.ts";

interface RoleChange {
  /** Comes, or brings another key. */
  readonly add: readonly Holder[];
  readonly threshold: number | undefined;
}
export interface TrustChange {
  readonly roots: RoleChange;
  readonly policyHolders: RoleChange;
  readonly approvers: RoleChange;
  /** Leave every role. */
  readonly remove: readonly string[];
  /** The controller's own keys leave every role. */
  readonly withoutStarter: boolean;
  /** The keys that prove freshness from now on. Undefined: as before. */
  readonly online?: readonly OnlineKey[] | undefined;
  /** Undefined: as before. */
  readonly passkeys: Passkeys | null | undefined;
  /** Sources whose generations start again. */
  readonly newEras: readonly ContentSourceId[];
}

/** @throws ZodError if nobody is left in a role, or a threshold asks for more people than there are */
export function nextTrust(current: TrustDocument, change: TrustChange, at: Instant): TrustDocument {
  const role = (name: "roots" | "policyHolders" | "approvers"): TrustRole =>
    changed(current[name], change[name], change);
  const others = current.eras.filter(({ source }) => !change.newEras.includes(source));
  return TrustDocument.parse({
    ...current,
    version: current.version + 1,
    issuedAt: at,
    expiresAt: later(at, TRUST_LIFETIME_MS_MAX),
    roots: role("roots"),
    policyHolders: role("policyHolders"),
    approvers: role("approvers"),
    online: change.online ?? current.online,
    passkeys: change.passkeys === undefined ? current.passkeys : change.passkeys,
    eras: [...others, ...change.newEras.map((source) => ({ source, era: eraOf(current, source) + 1 }))],
  });
}

function changed(role: TrustRole, { add, threshold }: RoleChange, { remove, withoutStarter }: TrustChange): TrustRole {
  const stay = role.holders
    .filter(({ person }) => !remove.includes(person))
    .map((holder) => ({ ...holder, keys: holder.keys.filter(({ starter }) => !withoutStarter || !starter) }))
    .filter(({ keys }) => keys.length > 0);
  const holders = add.reduce<readonly Holder[]>(withHolder, stay);
  return { threshold: threshold ?? role.threshold, holders: [...holders] };
}

function withHolder(holders: readonly Holder[], added: Holder): readonly Holder[] {
  const known = holders.find(({ person }) => person === added.person);
  if (known === undefined) return [...holders, added];
  const isNew = ({ keyId }: Holder["keys"][number]): boolean => !known.keys.some((key) => key.keyId === keyId);
  const both = { ...known, keys: [...known.keys, ...added.keys.filter(isNew)] };
  return holders.map((holder) => (holder === known ? both : holder));
}
