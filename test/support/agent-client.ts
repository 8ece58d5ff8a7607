/**
 * An agent that does what a test tells it, over a real WebSocket: good, bad or impatient.
 *
 * It keeps nothing on disk and does nothing by itself; it only reads ahead and sorts what the controller says.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { type ClientOptions, WebSocket } from "ws";
import type { z } from "zod";
import type { DeviceRegistration } from "../../protocol/api.ts";
import { toBase64 } from "../../protocol/dsse.ts";
import {
  AGENT_PATH,
  CHANNEL,
  ControllerFrame,
  type Hello,
  loginBytes,
  type ReportBody,
  SCHEMA_MINOR,
  SUBPROTOCOL,
  type Welcome,
} from "../../protocol/frames.ts";
import { type DeviceId, type EpochId, newId } from "../../protocol/ids.ts";
import { Role, Site } from "../../protocol/names.ts";
import { resumeProof } from "../../protocol/resume.ts";
import type { Order } from "../../protocol/plan.ts";
import { at } from "../../protocol/time.ts";
import { aKey, type TestKey } from "./keys.ts";

/** Who an agent is: made by itself, vouched for by an administrator. */
export interface AgentIdentity {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
  readonly key: TestKey;
}

/** The same seed gives the same device; another `epoch` gives it a new outbox. */
export function anAgent(seed: string, epoch = 1): AgentIdentity {
  const dice = (of: string): Uint8Array => createHash("sha256").update(of).digest();
  const born = at("2026-11-01T00:00:00Z");
  return {
    deviceId: newId("dev", born, dice(seed)),
    epoch: newId("epoch", born, dice(`${seed} epoch ${epoch}`)),
    key: aKey(seed),
  };
}

export const registrationOf = (
  { deviceId, key }: AgentIdentity,
  over: Partial<DeviceRegistration> = {},
): DeviceRegistration => ({
  id: deviceId,
  publicKey: key.publicKey,
  name: `pc-${deviceId.slice(-6)}`,
  site: Site.parse("Elm Street"),
  role: Role.parse("workstation"),
  ...over,
});

/** The smallest report there is: announces a restart. */
export const LEAVING: ReportBody = { kind: "leaving", reason: "restart" };

/** How a login is made: by the agent's own key over the challenge that came, unless a test says otherwise. */
export interface LoginWay {
  readonly key?: TestKey;
  readonly nonce?: string;
  readonly ticket?: NonNullable<z.infer<typeof Welcome>["ticket"]>;
  /** Whose process it is; an agent that says nothing is an older one. */
  readonly instance?: string;
  readonly channel?: string;
}

const anInstance = (seed: string): string => toBase64(createHash("sha256").update(seed).digest().subarray(0, 16));

export interface Closed {
  readonly code: number;
  readonly reason: string;
}
type FrameOf<Type extends ControllerFrame["type"]> = Extract<ControllerFrame, { type: Type }>;

export class AgentClient {
  readonly socket: WebSocket;
  /** Resolves when the connection is gone, however it went. */
  readonly closed: Promise<Closed>;
  /** Every frame so far, in order. */
  readonly heard: ControllerFrame[] = [];
  private readonly unread: ControllerFrame[] = [];
  private readonly listeners = new Set<() => void>();
  private ended: Closed | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.ended = { code, reason: reason.toString() };
        resolve(this.ended);
        this.tell();
      });
    });
    socket.on("error", () => {}); // `closed` says it
    socket.on("message", (data) => {
      const frame = ControllerFrame.parse(JSON.parse((data as Buffer).toString()));
      this.heard.push(frame);
      this.unread.push(frame);
      this.tell();
    });
  }

  /** @param base `ws://127.0.0.1:PORT` */
  static async connect(base: string, options: ClientOptions = {}): Promise<AgentClient> {
    const socket = new WebSocket(`${base}${AGENT_PATH}`, SUBPROTOCOL, { perMessageDeflate: false, ...options });
    const client = new AgentClient(socket);
    await once(socket, "open");
    return client;
  }

  /** Connects, logs in and hears the welcome. */
  static async login(
    base: string,
    agent: AgentIdentity,
    options: ClientOptions = {},
    how: LoginWay = {},
  ): Promise<AgentClient> {
    const client = await AgentClient.connect(base, options);
    await client.login(agent, how);
    return client;
  }

  send(frame: object | string | Buffer): void {
    this.socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  sayHello(agent: AgentIdentity, over: Partial<z.input<typeof Hello>> = {}): void {
    const { deviceId, epoch } = agent;
    this.send({ type: "hello", minor: SCHEMA_MINOR, deviceId, agentVersion: "0.1.0", epoch, ...over });
  }

  /** Says hello and signs the challenge, with another key or over another nonce if the test says so. */
  async answerChallenge(agent: AgentIdentity, how: LoginWay = {}): Promise<void> {
    this.sayHello(agent);
    await this.answerNextChallenge(agent, how);
  }

  async answerNextChallenge(
    agent: AgentIdentity,
    { key = agent.key, nonce, ticket, instance, channel = "" }: LoginWay = {},
  ): Promise<void> {
    const challenge = await this.next("challenge");
    const bytes = loginBytes(nonce ?? challenge.nonce, agent.deviceId, channel);
    this.send({
      type: "login",
      signature: ticket === undefined ? toBase64(key.sign(bytes)) : resumeProof(ticket.secret, bytes),
      ...(ticket === undefined ? {} : { ticket: ticket.ticket }),
      ...(instance === undefined
        ? {}
        : { device: { instance: anInstance(instance), trustVersion: 0, policyVersion: 0 } }),
    });
  }

  async login(agent: AgentIdentity, how: LoginWay = {}): Promise<z.infer<typeof Welcome>> {
    await this.answerChallenge(agent, how);
    return this.next("welcome");
  }

  /** What both ends of its TLS connection can compute. */
  get channel(): string {
    const { _socket: line } = this.socket as unknown as { _socket: TLSSocket };
    return line.exportKeyingMaterial(CHANNEL.bytes, CHANNEL.label, Buffer.alloc(0)).toString("base64");
  }

  report({ epoch }: AgentIdentity, sequence: number, body: ReportBody = LEAVING): void {
    this.send({ type: "report", epoch, sequence, body });
  }

  /** Resolves when everything up to `through` is acknowledged. */
  async acknowledged(through: number): Promise<void> {
    while ((await this.next("ack")).through < through);
  }

  async pull(): Promise<readonly Order[]> {
    return (await this.pullWith({})).orders;
  }

  /** With a number made up for this question, the answer holds the word of freshness. */
  async pullWith(question: { readonly nonce?: string }): Promise<FrameOf<"orders">> {
    this.send({ type: "pull", ...question });
    return this.next("orders");
  }

  /** The next frame of a type; others before it are passed over. Rejects if the connection ends first. */
  async next<Type extends ControllerFrame["type"]>(type: Type): Promise<FrameOf<Type>> {
    for (;;) {
      for (let frame = this.unread.shift(); frame !== undefined; frame = this.unread.shift()) {
        if (frame.type === type) return frame as FrameOf<Type>;
      }
      if (this.ended !== null) {
        throw new Error(`closed with ${this.ended.code} "${this.ended.reason}" while waiting for ${type}`);
      }
      await new Promise<void>((resolve) => {
        this.listeners.add(resolve);
      });
    }
  }

  /** Resolves when the gateway has read everything sent so far: it has answered a ping behind it. */
  async isRead(): Promise<void> {
    const answered = once(this.socket, "pong");
    this.socket.ping();
    await answered;
  }

  /** Numbers of the acknowledgements so far. */
  get acks(): readonly number[] {
    return this.heard.flatMap((frame) => (frame.type === "ack" ? [frame.through] : []));
  }

  async close(): Promise<Closed> {
    this.socket.close(1000);
    return this.closed;
  }

  private tell(): void {
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const call of listeners) call();
  }
}
