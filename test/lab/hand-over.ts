/**
 * Moves every role from the controller's starter keys to people, through the public interface: what keepers of a trust
 * document do on the day after set-up.
 *
 * The starter root signs that it goes, the new roots sign that they come, and the new policy holders sign the policy anew.
 */
import type { ApiClient } from "../../controller/cli/client.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { type Envelope, PAYLOAD_TYPES, seal, type Signer, toBase64 } from "../../protocol/dsse.ts";
import type { Policy } from "../../protocol/policy.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { type Holder, type Passkeys, TRUST_LIFETIME_MS_MAX, TrustDocument } from "../../protocol/trust-document.ts";

export interface Person {
  readonly holder: Holder;
  readonly signer: Signer;
}

export interface NewPeople {
  readonly roots: readonly Person[];
  readonly policyHolders: readonly Person[];
  /** All of them have to approve. */
  readonly approvers: readonly Holder[];
  /** Null: no passkey counts. */
  readonly passkeys: Passkeys | null;
}

type Administration = Pick<ApiClient, "trust" | "signAsStarter" | "publishTrust" | "publishPolicy">;

/** @param now wall clock: trust documents are of the real world. Resolves with the document that counts from now on. */
export async function handOver(client: Administration, people: NewPeople, now: Instant): Promise<TrustDocument> {
  const { document, policy } = await client.trust();
  const { roots, policyHolders, approvers, passkeys } = people;
  const everyone = (holders: readonly Holder[]) => ({ threshold: holders.length, holders: [...holders] });
  const next = TrustDocument.parse({
    ...document,
    version: document.version + 1,
    issuedAt: now,
    expiresAt: later(now, TRUST_LIFETIME_MS_MAX),
    roots: everyone(roots.map(({ holder }) => holder)),
    policyHolders: everyone(policyHolders.map(({ holder }) => holder)),
    approvers: everyone(approvers),
    passkeys,
  });
  const payload = toBase64(canonicalBytes(next));
  const starter = await client.signAsStarter({ role: "roots", payloadType: PAYLOAD_TYPES.trust, payload });
  const ours = signedBy(PAYLOAD_TYPES.trust, next, roots);
  await client.publishTrust({ ...ours, signatures: [starter, ...ours.signatures] });
  const anew: Policy = { ...policy, version: policy.version + 1, issuedAt: now };
  await client.publishPolicy(signedBy(PAYLOAD_TYPES.policy, anew, policyHolders));
  return next;
}

const signedBy = (
  type: typeof PAYLOAD_TYPES.trust | typeof PAYLOAD_TYPES.policy,
  body: unknown,
  by: readonly Person[],
): Envelope =>
  seal(
    type,
    body,
    by.map(({ signer }) => signer),
  );
