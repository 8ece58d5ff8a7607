/**
 * How this device proves who it is: by the ticket of its last login, or by its key.
 *
 * Invariants: the key is asked for once a connection, and nothing is signed for a connection that is not bound as the
 * device was enrolled.
 */
import type { z } from "zod";
import { toBase64 } from "../../protocol/dsse.ts";
import { type AgentFrame, CLOSE, loginBytes, type Welcome } from "../../protocol/frames.ts";
import { resumeProof } from "../../protocol/resume.ts";
import type { AgentConfig } from "../config.ts";
import type { AgentPorts } from "../ports.ts";

/** Of one process: two machines with one identity differ in it. */
const INSTANCE_BYTES = 16;
/** What an administrator reads in this agent's log. */
const NOT_DIRECT =
  "this device is enrolled for a controller that ends TLS itself, and this connection has no TLS 1.3 of its own: the address is wrong, or something stands in between. Nothing was signed";

/** `refused`: this agent closes the connection with that code and reason. */
type Answer =
  | { readonly kind: "login"; readonly frame: Extract<AgentFrame, { type: "login" }> }
  | { readonly kind: "refused"; readonly code: number; readonly reason: string };
type Ticket = z.infer<typeof Welcome>["ticket"];

export class LoginProof {
  private readonly signer: AgentPorts["signer"];
  private readonly config: Pick<AgentConfig, "deviceId" | "binding">;
  private readonly instance: string;
  /** Of the last login by key; in memory only, so that no copy of this disk holds it. */
  private ticket: Ticket;
  /** How this connection's challenge was answered. */
  private answeredBy: "nothing" | "ticket" | "key" = "nothing";

  constructor({ signer, random }: Pick<AgentPorts, "signer" | "random">, config: LoginProof["config"]) {
    this.signer = signer;
    this.config = config;
    this.instance = toBase64(random(INSTANCE_BYTES).subarray(0, INSTANCE_BYTES));
  }

  /** Another connection. */
  begin(): void {
    this.answeredBy = "nothing";
  }

  /**
   * @param channel what the connection's own TLS exports; empty where it has none
   * @param versions of trust and policy that this device has
   */
  answer(
    { nonce, minor, channel }: { readonly nonce: string; readonly minor: number; readonly channel: string },
    versions: () => { readonly trustVersion: number; readonly policyVersion: number },
  ): Answer {
    const { deviceId, binding } = this.config;
    // The one reason to ask twice is a ticket that is no good (any more): this key is asked for once a connection.
    if (this.answeredBy === "key")
      return { kind: "refused", code: CLOSE.malformed, reason: "challenge: was answered before" };
    if (this.answeredBy === "ticket") this.ticket = undefined;
    const isDirect = binding === "direct";
    if (isDirect && channel === "") return { kind: "refused", code: CLOSE.loginRefused, reason: NOT_DIRECT };
    const bytes = loginBytes(nonce, deviceId, isDirect ? channel : "");
    const device = minor < 2 ? {} : { device: { instance: this.instance, ...versions() } };
    if (minor >= 2 && this.ticket !== undefined) {
      const { ticket, secret } = this.ticket;
      this.answeredBy = "ticket";
      return { kind: "login", frame: { type: "login", signature: resumeProof(secret, bytes), ticket, ...device } };
    }
    this.answeredBy = "key";
    return { kind: "login", frame: { type: "login", signature: toBase64(this.signer.sign(bytes)), ...device } };
  }

  /** A login by ticket brings no new one: the old one goes on until its time is over. */
  welcomed(ticket: Ticket): void {
    if (ticket !== undefined) this.ticket = ticket;
  }

  /** The connection went before a welcome: whatever it was, the key is better. */
  failed(): void {
    if (this.answeredBy === "ticket") this.ticket = undefined;
  }
}
