/** Who takes part in what is recorded, where and when: keys, ids and times from fixed seeds. */
import { sha256Hex } from "../../../protocol/canonical.ts";
import { toBase64 } from "../../../protocol/dsse.ts";
import { newId } from "../../../protocol/ids.ts";
import { at, type Instant, later } from "../../../protocol/time.ts";
import { aKey } from "../../support/keys.ts";

export const MINUTE = 60_000;
export const NOON = at("2026-11-22T12:00:00Z");
export const minute = (n: number): Instant => later(NOON, n * MINUTE);

/** As many bytes as an id or a nonce needs, the same for the same seed. */
export const dice = (seed: string): Uint8Array => Buffer.from(sha256Hex(new TextEncoder().encode(seed)), "hex");
export const idOf = <P extends Parameters<typeof newId>[0]>(prefix: P, seed: string, time: Instant = NOON) =>
  newId(prefix, time, dice(seed));

export const approver = aKey("recorded approver");
export const online = aKey("recorded online key");
export const root = aKey("recorded root");
export const policyHolder = aKey("recorded policy holder");
export const deviceKey = aKey("recorded device");

export const device = idOf("dev", "till 1");
export const otherDevices = [2, 3, 4].map((n) => idOf("dev", `till ${n}`));

export const planId = idOf("plan", "plan");
export const orderId = idOf("order", "order", later(NOON, 20 * MINUTE));
export const rolloutId = idOf("rollout", "rollout", later(NOON, 20 * MINUTE));
export const checkId = idOf("check", "check", later(NOON, 10 * MINUTE));
export const stopId = idOf("stop", "stop", later(NOON, 22 * MINUTE));
export const holdId = idOf("hold", "hold", later(NOON, 23 * MINUTE));
export const epoch = idOf("epoch", "epoch");
export const nonce = toBase64(dice("nonce"));
export const bootId = "2026-11-22T11:58:02.1130000Z-412";

export const source = "crowdstrike.channel-291";
export const faulty = sha256Hex(new TextEncoder().encode("faulty"));
export const path = "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys";
export const files = "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291*.sys";
export const because = "the help desk reports tills without a printer";
