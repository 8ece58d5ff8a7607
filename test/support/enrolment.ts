/** Builders for enrolment: tokens as they are stored, and devices that ask, with keys of their own. */
import { sha256Hex } from "../../protocol/canonical.ts";
import {
  EnrolmentClaim,
  enrolmentBytes,
  type EnrolmentRequest,
  EnrolmentToken,
  type TokenAcceptance,
} from "../../protocol/enrolment.ts";
import { newId } from "../../protocol/ids.ts";
import { GroupName, Role, Site } from "../../protocol/names.ts";
import { later } from "../../protocol/time.ts";
import type { Enrolment, EnrolmentTokenRow } from "../../controller/store/enrolment.ts";
import type { z } from "zod";
import { device, NOON } from "./fleet-builders.ts";
import { aKey } from "./keys.ts";

export const TOKEN = EnrolmentToken.parse(`rbe_${"0123456789abcdefghjkmnpqrstvwxyz"}`);
export const GROUP = GroupName.parse("ward-pcs");
export const DAY_MS = 86_400_000;
const AT_ONCE: TokenAcceptance = { kind: "at-once" };

export const aTokenRow = (over: Partial<EnrolmentTokenRow> = {}, token: string = TOKEN): EnrolmentTokenRow => ({
  id: newId("token", NOON, new Uint8Array(10).fill(token.length)),
  hash: sha256Hex(new TextEncoder().encode(token)),
  group: GROUP,
  site: Site.parse("Ward 7"),
  role: Role.parse("clinical"),
  pool: false,
  acceptance: AT_ONCE,
  usesMax: 1,
  uses: 0,
  createdAt: NOON,
  createdBy: "Ada",
  expiresAt: later(NOON, DAY_MS),
  revokedAt: null,
  revokedBy: null,
  ...over,
});

export const anEnrolment = (n: number, over: Partial<Enrolment> = {}): Enrolment => ({
  tokenHash: aTokenRow().hash,
  deviceId: device(n),
  publicKey: aKey(`enrolling ${n}`).publicKey,
  name: `PC-${n}`,
  group: GROUP,
  image: null,
  binding: "front",
  standing: "accepted",
  because: "The token accepts at once.",
  ...over,
});

/** What device `n` would send, signed by its key or by that of `signedBy`. */
export function anEnrolmentRequest(
  n: number,
  over: Partial<z.input<typeof EnrolmentClaim>> = {},
  signedBy = aKey(`enrolling ${n}`),
): z.input<typeof EnrolmentRequest> {
  const claim = EnrolmentClaim.parse({
    token: TOKEN,
    deviceId: device(n),
    publicKey: aKey(`enrolling ${n}`).publicKey,
    name: `PC-${n}`,
    group: GROUP,
    binding: "front",
    ...over,
  });
  return { claim, signature: Buffer.from(signedBy.sign(enrolmentBytes(claim, ""))).toString("base64") };
}
