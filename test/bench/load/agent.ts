/**
 * One agent of a crowd: logs in as a real one does and sends its reports, at most a window of them unacknowledged. What
 * it was told is durable is let go; everything else it keeps and sends again on its next connection.
 */
import { type KeyObject, sign } from "node:crypto";
import { connect, type Socket } from "node:net";
import { ControllerFrame, loginBytes, SCHEMA_MINOR } from "../../../protocol/frames.ts";
import type { OrderId } from "../../../protocol/ids.ts";
import { deviceIdOf, epochOf, privateKeyOf } from "./identity.ts";
import { reportFrame } from "./reports.ts";
import { endOfUpgrade, type Heard, NOTHING, pongFrame, readFrames, textFrame, upgradeRequest } from "./wire.ts";

/** Where the server is, and the address and port that this agent comes from. */
export interface Route {
  readonly host: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export interface AgentWatcher {
  live(agent: LoadAgent): void;
  acknowledged(agent: LoadAgent, reports: number): void;
  pong(): void;
  /** It has begun its order and tells so. */
  accepted(): void;
  /** A stop for the order it runs has arrived, or what stands for one. */
  stopped(frameBytes: number): void;
  /** True if it is to pull now. */
  nudged(): boolean;
  lost(agent: LoadAgent, because: string): void;
}

export class LoadAgent implements Heard {
  readonly number: number;
  readonly deviceId: string;
  /** Reports up to this one are durable, as far as it was told. */
  acknowledged = 0;
  /** The same, when it was last cut off while it was logged in. */
  acknowledgedAtLoss = 0;
  isLive = false;
  private readonly watcher: AgentWatcher;
  private readonly epoch: string;
  private readonly key: KeyObject;
  private readonly window: number;
  private socket: Socket | null = null;
  private unread: Buffer = NOTHING;
  private isUpgraded = false;
  /** Bodies of its own making by number; every other number is a boot. */
  private readonly own = new Map<number, string>();
  private wanted = 0;
  private sent = 0;
  private running: OrderId | null = null;

  constructor(number: number, window: number, watcher: AgentWatcher) {
    this.number = number;
    this.window = window;
    this.watcher = watcher;
    this.deviceId = deviceIdOf(number);
    this.epoch = epochOf(number);
    this.key = privateKeyOf(number);
  }

  /** Reports that wait for their acknowledgement, sent or not. */
  get owes(): number {
    return this.wanted - this.acknowledged;
  }

  connect(route: Route): void {
    const socket = connect({ ...route, noDelay: true });
    this.socket = socket;
    this.unread = NOTHING;
    this.isUpgraded = false;
    socket.on("data", (bytes: Buffer) => this.read(socket, bytes));
    socket.on("connect", () => socket.write(upgradeRequest(`${route.host}:${route.port}`)));
    let because = "closed";
    socket.on("error", (error) => {
      because = error.message;
    });
    socket.on("close", () => {
      if (this.socket === socket) this.gone(because);
    });
  }

  /** Ends the connection without being told to. */
  leave(): void {
    this.socket?.destroy();
    this.socket = null;
    this.isLive = false;
  }

  /** So many more reports are to become durable. */
  report(count: number): void {
    this.wanted += count;
    this.pump();
  }

  // ---- what the server says ----------------------------------------------------------------------------------------

  onText(text: string): void {
    if (text.startsWith('{"type":"ack"')) {
      const before = this.acknowledged;
      this.acknowledged = Number(text.slice(text.lastIndexOf(":") + 1, -1));
      this.watcher.acknowledged(this, this.acknowledged - before);
      this.pump();
      return;
    }
    if (text.startsWith('{"type":"stop"')) {
      if (this.running !== null && text.includes(this.running)) this.watcher.stopped(text.length);
      return;
    }
    if (text === '{"type":"nudge"}') {
      if (this.watcher.nudged()) this.send('{"type":"pull"}');
      return;
    }
    if (text.startsWith("broadcast")) {
      this.watcher.stopped(text.length);
      return;
    }
    const frame = ControllerFrame.parse(JSON.parse(text));
    if (frame.type === "challenge") this.answer(frame.nonce);
    else if (frame.type === "welcome") this.welcome(frame.through);
    else if (frame.type === "orders") {
      for (const { orderId, withdrawn } of frame.orders) {
        if (withdrawn && orderId === this.running) this.watcher.stopped(text.length);
        else if (!withdrawn && this.running === null) this.accept(orderId);
      }
    }
  }

  onPing(payload: Buffer): void {
    this.socket?.write(pongFrame(payload));
    this.watcher.pong();
  }

  onClose(code: number, reason: string): void {
    this.gone(`${code} ${reason}`);
  }

  private read(socket: Socket, bytes: Buffer): void {
    this.unread = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes]);
    try {
      if (!this.isUpgraded) {
        const end = endOfUpgrade(this.unread);
        if (end === -1) return;
        this.isUpgraded = true;
        this.unread = this.unread.subarray(end);
        const { deviceId, epoch } = this;
        const minor = SCHEMA_MINOR;
        this.send(JSON.stringify({ type: "hello", minor, deviceId, agentVersion: "0.1.0", epoch }));
      }
      this.unread = readFrames(this.unread, this);
    } catch (error) {
      socket.destroy();
      this.gone(String(error));
    }
  }

  private answer(nonce: string): void {
    const bytes = loginBytes(nonce, deviceIdOf(this.number));
    const signature = sign("sha256", bytes, { key: this.key, dsaEncoding: "ieee-p1363" });
    this.send(`{"type":"login","signature":"${signature.toString("base64")}"}`);
  }

  private welcome(through: number): void {
    this.acknowledged = through;
    this.sent = through;
    this.isLive = true;
    this.watcher.live(this);
    this.pump();
  }

  private accept(order: OrderId): void {
    this.running = order;
    this.watcher.accepted();
    this.own.set(++this.wanted, `{"kind":"order-accepted","orderId":"${order}"}`);
    this.pump();
  }

  private pump(): void {
    while (this.isLive && this.sent < this.wanted && this.sent - this.acknowledged < this.window) {
      const sequence = ++this.sent;
      this.send(reportFrame(this.epoch, sequence, this.own.get(sequence)));
    }
  }

  private send(text: string): void {
    this.socket?.write(textFrame(text));
  }

  private gone(because: string): void {
    this.socket?.destroy();
    this.socket = null;
    if (this.isLive) this.acknowledgedAtLoss = this.acknowledged;
    this.isLive = false;
    this.watcher.lost(this, because);
  }
}
