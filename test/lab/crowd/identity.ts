/** Who a simulated machine is: a key that it made itself, and an id that it was enrolled with, by a token as any device. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { request } from "node:http";
import { EnrolmentAnswer, EnrolmentClaim, ENROLMENT_PATH, enrolmentBytes } from "../../../protocol/enrolment.ts";
import { KeyId, type Signer, toBase64 } from "../../../protocol/dsse.ts";
import { type DeviceId, newId } from "../../../protocol/ids.ts";
import type { GroupName } from "../../../protocol/names.ts";
import { PublicKey } from "../../../protocol/public-key.ts";
import type { Instant } from "../../../protocol/time.ts";
import { Dice } from "../random.ts";
import type { CrowdSpec } from "./plan.ts";

export interface CrowdIdentity {
  readonly deviceId: DeviceId;
  readonly signer: Signer;
}

export interface Door {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly group: GroupName;
}

/** @throws with what the controller answered, if it did not accept the device at once */
export async function enrolDevice(spec: CrowdSpec, { host, port, token, group }: Door): Promise<CrowdIdentity> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const der = publicKey.export({ type: "spki", format: "der" });
  const signer: Signer = {
    keyId: KeyId.parse(createHash("sha256").update(der).digest("hex")),
    sign: (bytes) => new Uint8Array(sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  };
  const claim = EnrolmentClaim.parse({
    token,
    deviceId: newId("dev", Date.now() as Instant, new Dice(spec.seed, "device id").bytes(10)),
    publicKey: PublicKey.parse(der.toString("base64")),
    name: spec.name,
    group,
    binding: "front",
  });
  const body = JSON.stringify({ claim, signature: toBase64(signer.sign(enrolmentBytes(claim, ""))) });
  const answer = await post({ host, port, path: ENROLMENT_PATH, localAddress: spec.address }, body);
  const { deviceId, standing } = EnrolmentAnswer.parse(answer);
  if (standing !== "accepted") throw new Error(`${spec.name} enrolled and is ${standing}`);
  return { deviceId, signer };
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly localAddress: string;
}

const post = (place: Place, body: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asked = request({ ...place, method: "POST", headers: { "content-type": "application/json" } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`an enrolment was answered with ${response.statusCode ?? "nothing"}: ${text}`));
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
