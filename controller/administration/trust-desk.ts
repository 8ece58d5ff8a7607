/** Looking at trust and policy, publishing what was signed elsewhere, and handing the starter keys' roles over. */
import type { TrustView } from "../../protocol/api-trust.ts";
import { Envelope, fromBase64, PAYLOAD_TYPES, pae, payloadDigest, toBase64 } from "../../protocol/dsse.ts";
import { isPolicyGood } from "../../protocol/follow-trust.ts";
import { starterRoles } from "../../protocol/trust-document.ts";
import type { TrustDesk } from "../ports/trust-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { Desk } from "./desk.ts";
import { starterLeftIn, trustReach } from "./trust-reach.ts";

export function trustDesk({ orchestrator, trust }: Desk): TrustDesk {
  const { clock } = orchestrator.deps;

  const isNamed = (): boolean => trust.document.online.some(({ keyId }) => keyId === trust.onlineKey.keyId);
  const hasPolicy = (): boolean => isPolicyGood(trust.document, trust.policyEnvelope, trust.verify);
  const view = (): TrustView => {
    const newest = trust.documents.at(-1);
    if (newest === undefined) throw new Error("there is no trust document");
    const roles = starterRoles(trust.document);
    return {
      document: trust.document,
      digest: payloadDigest(newest),
      documents: [...trust.documents],
      policy: trust.policy,
      policyEnvelope: trust.policyEnvelope,
      starterRoles: [...roles],
      online: trust.onlineKey,
      sentence: [sentenceOf(roles), ...(isNamed() ? [] : [NOT_NAMED]), ...(hasPolicy() ? [] : [NO_POLICY])].join(" "),
      devices: trustReach(orchestrator.fleet, starterLeftIn(trust.documents), trust.document.version),
      asOf: clock.now(),
    };
  };
  // Whoever changed it: somebody here, another controller, or the renewal that is due.
  trust.onChange(() => orchestrator.notices.publish("trust", null));

  return {
    trust: async () => view(),

    async publishTrust(envelope) {
      await trust.publishTrust(envelope);
      return view();
    },

    async publishPolicy(envelope) {
      await trust.publishPolicy(envelope);
      return view();
    },

    async signAsStarter({ role, payloadType, payload }) {
      const signer = trust.starter(role);
      if (signer === undefined)
        throw new Refused(
          "wrong-state",
          "The controller holds no key for this role any more: the people who took it over sign. Nothing was signed.",
        );
      const expected = role === "roots" ? PAYLOAD_TYPES.trust : PAYLOAD_TYPES.policy;
      if (payloadType !== expected)
        throw new Refused("invalid-request", `A key of this role signs ${expected} only. Nothing was signed.`);
      const sig = toBase64(signer.sign(pae(payloadType, fromBase64(payload))));
      return Envelope.shape.signatures.element.parse({ keyid: signer.keyId, sig });
    },
  };
}

/** A data folder that was lost, another controller on the same database. */
const NOT_NAMED =
  "Devices take no order from this controller: the trust document does not name its online key. Its roots can: ringback trust draft --online also.";

/** The trust document came before the policy of its new holders. */
const NO_POLICY =
  "Devices allow nothing: too few of those who signed the policy are policy holders now. Have its holders sign one: ringback policy draft.";

function sentenceOf(roles: readonly string[]): string {
  if (roles.length === 0)
    return "The controller holds no key that could approve, set policy or change whom agents believe: people hold them.";
  const words: Readonly<Record<string, string>> = {
    roots: "change whom agents believe",
    policyHolders: "set policy",
    approvers: "approve plans",
  };
  const can = roles.map((role) => words[role] ?? role).join(", ");
  return `Starter keys on the controller can still ${can}: whoever takes the controller over can too. Hand them over.`;
}
