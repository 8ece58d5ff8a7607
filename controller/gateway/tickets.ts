/**
 * Resume tickets: a device that proved its key comes back for a day at the price of two HMACs.
 *
 * Nothing is kept for a ticket. Its secret is made again from a key of this controller, the ticket and what the record
 * says of the device *now*: with another key or another binding in the record, no old secret is good any more. Whoever
 * holds the record alone can make none.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { DeviceId } from "../../protocol/ids.ts";
import { TICKET_LIFETIME_MS } from "../../protocol/resume.ts";
import type { Clock, Random } from "../ports.ts";
import type { ResumeKey, ResumeKeys } from "../ports/trust.ts";
import type { LoginFacts } from "../store/logins.ts";

export interface TicketAndSecret {
  readonly ticket: string;
  /** 32 bytes in base64. */
  readonly secret: string;
}

const FORMAT = 1;
/** One byte of format, four that name the key, six of milliseconds UTC, sixteen random ones. */
const AT = { key: 1, issuedAt: 5, salt: 11 } as const;
const TICKET_BYTES = 27;

export class Tickets {
  private readonly keys: ResumeKeys;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(keys: ResumeKeys, clock: Clock, random: Random) {
    this.keys = keys;
    this.clock = clock;
    this.random = random;
  }

  issue(deviceId: DeviceId, facts: LoginFacts): TicketAndSecret | undefined {
    const [key] = this.keys();
    if (key === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(TICKET_BYTES);
    bytes[0] = FORMAT;
    nameOf(key).copy(bytes, AT.key);
    bytes.writeUIntBE(this.clock.now(), AT.issuedAt, 6);
    bytes.set(this.random(TICKET_BYTES - AT.salt).subarray(0, TICKET_BYTES - AT.salt), AT.salt);
    const ticket = bytes.toString("base64url");
    return { ticket, secret: secretOf(key, ticket, deviceId, facts).toString("base64") };
  }

  /** Whether `proof` was made over `bytes` by whoever was given this ticket's secret, for this device as it stands now. */
  isGood(ticket: string, deviceId: DeviceId, facts: LoginFacts, bytes: Uint8Array, proof: Uint8Array): boolean {
    const key = this.keyOf(Buffer.from(ticket, "base64url"));
    if (key === undefined) return false;
    const expected = createHmac("sha256", secretOf(key, ticket, deviceId, facts))
      .update(bytes)
      .digest();
    return expected.length === proof.length && timingSafeEqual(expected, proof);
  }

  /** Undefined for what is no ticket of ours, or too old. A ticket from the future is one from before the clock was set. */
  private keyOf(bytes: Buffer): ResumeKey | undefined {
    if (bytes.length !== TICKET_BYTES || bytes[0] !== FORMAT) return undefined;
    const ageMs = this.clock.now() - bytes.readUIntBE(AT.issuedAt, 6);
    if (ageMs < 0 || ageMs > TICKET_LIFETIME_MS) return undefined;
    const name = bytes.subarray(AT.key, AT.issuedAt);
    return this.keys().find((key) => nameOf(key).equals(name));
  }
}

const names = new WeakMap<ResumeKey, Buffer>();
function nameOf(key: ResumeKey): Buffer {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = Buffer.from(hash("sha256", key.secret, "hex").slice(0, 8), "hex");
  names.set(key, name);
  return name;
}

const secretOf = ({ secret }: ResumeKey, ticket: string, deviceId: DeviceId, facts: LoginFacts): Buffer =>
  createHmac("sha256", secret)
    .update(`ringback.v1 resume\n${ticket}\n${deviceId}\n${facts.publicKey}\n${facts.binding}\n`)
    .digest();
