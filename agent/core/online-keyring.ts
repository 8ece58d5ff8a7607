/** The online keys of a trust document: they prove freshness, never authority. */
import { sha256Hex } from "../../protocol/canonical.ts";
import { fromBase64, type Verify } from "../../protocol/dsse.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import type { TrustDocument } from "../../protocol/trust-document.ts";

/** Only the keys given count, and only under the id that is their own digest. */
export function onlineKeyring({ online }: TrustDocument, verify: VerifyRaw): Verify {
  const byId = new Map(
    online
      .filter(({ keyId, publicKey }) => sha256Hex(fromBase64(publicKey)) === String(keyId))
      .map(({ keyId, publicKey }) => [keyId, publicKey]),
  );
  return (keyId, bytes, signature) => {
    const publicKey = byId.get(keyId);
    return publicKey !== undefined && verify("p256", publicKey, bytes, signature);
  };
}
