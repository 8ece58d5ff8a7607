/**
 * Moves every role from the controller's starter keys to people, through the public interface: what keepers of a trust
 * document do on the day after set-up.
 *
 * What changes is signed by the starter key that goes and by the people who come.
 */
import type { ApiClient } from "../../controller/cli/client.ts";
import { nextTrust } from "../../controller/cli/trust-draft.ts";
import { type Envelope, PAYLOAD_TYPES, seal, type Signer } from "../../protocol/dsse.ts";
import type { Policy } from "../../protocol/policy.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Holder, Passkeys, TrustDocument } from "../../protocol/trust-document.ts";

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

/**
 * The policy first, signed by the holder that goes and by those who come, so that devices are never without one.
 * @param now of the wall: trust documents are of the real world
 */
export async function handOver(client: Administration, people: NewPeople, now: Instant): Promise<TrustDocument> {
  const { document, policy } = await client.trust();
  const { roots, policyHolders, approvers, passkeys } = people;
  const anew: Policy = { ...policy, version: policy.version + 1, issuedAt: now };
  await client.publishPolicy(await signedByBoth(client, "policyHolders", PAYLOAD_TYPES.policy, anew, policyHolders));
  const everyone = (holders: readonly Holder[]) => ({ add: holders, threshold: holders.length });
  const next = nextTrust(
    document,
    {
      roots: everyone(roots.map(({ holder }) => holder)),
      policyHolders: everyone(policyHolders.map(({ holder }) => holder)),
      approvers: everyone(approvers),
      remove: [],
      withoutStarter: true,
      passkeys,
      newEras: [],
    },
    now,
  );
  await client.publishTrust(await signedByBoth(client, "roots", PAYLOAD_TYPES.trust, next, roots));
  return next;
}

/** By the controller's starter key of the role, and by the people who take it over. */
async function signedByBoth(
  client: Administration,
  role: "roots" | "policyHolders",
  payloadType: typeof PAYLOAD_TYPES.trust | typeof PAYLOAD_TYPES.policy,
  body: TrustDocument | Policy,
  people: readonly Person[],
): Promise<Envelope> {
  const ours = seal(
    payloadType,
    body,
    people.map(({ signer }) => signer),
  );
  const starter = await client.signAsStarter({ role, payloadType, payload: ours.payload });
  return { ...ours, signatures: [starter, ...ours.signatures] };
}
