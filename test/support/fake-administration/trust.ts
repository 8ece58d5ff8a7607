/** Stands for the trust desk: starter keys in every role, really signed documents. What is published is not taken. */
import { digestOf } from "../../../protocol/canonical.ts";
import { KeyId, payloadDigest } from "../../../protocol/dsse.ts";
import type { TrustDesk } from "../../../controller/ports/trust-desks.ts";
import { present } from "../present.ts";
import { aPolicy, aTrust, sealPolicy, sealTrust } from "../trust.ts";
import type { FakeRecord } from "./record.ts";

export function trustPart(record: FakeRecord): TrustDesk {
  async function trust(): ReturnType<TrustDesk["trust"]> {
    const document = aTrust({ version: 1 });
    const envelope = sealTrust(document);
    const policy = aPolicy();
    return {
      document,
      digest: payloadDigest(envelope),
      documents: [envelope],
      policy,
      policyEnvelope: sealPolicy(policy),
      starterRoles: ["roots", "policyHolders", "approvers"],
      online: present(document.online[0]),
      sentence: "Starter keys on the controller can still approve plans.",
      devices: { versions: [], starterLeftIn: null, behind: { total: 0, items: [] } },
      asOf: record.now(),
    };
  }

  return {
    trust,
    publishTrust: trust,
    publishPolicy: trust,
    async signAsStarter() {
      return { keyid: KeyId.parse(digestOf("starter")), sig: "AAAA" };
    },
  };
}
