/** How a device asks to be enrolled. */
import { toBase64 } from "../../../protocol/dsse.ts";
import { enrolmentBytes, EnrolmentClaim } from "../../../protocol/enrolment.ts";
import { device, deviceKey, dice } from "./cast.ts";

const claim = EnrolmentClaim.parse({
  token: `rbe_${"0123456789abcdefghjkmnpqrstvwxyz"}`,
  deviceId: device,
  publicKey: deviceKey.publicKey,
  name: "TILL-LDS-01",
  group: "tills",
  binding: "direct",
  image: "till-2026-10",
});

export const enrolmentRequest = {
  claim,
  signature: toBase64(deviceKey.sign(enrolmentBytes(claim, toBase64(dice("channel"))))),
};
