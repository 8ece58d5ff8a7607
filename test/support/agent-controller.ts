/**
 * The controller as an agent sees it: a small real WebSocket server that a test steers.
 *
 * It keeps the bytes of every report as they came, so that a resend can be compared.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import {
  AGENT_PATH,
  AgentFrame,
  type ControllerFrame,
  loginBytes,
  type Report,
  SCHEMA_MINOR,
  SUBPROTOCOL,
} from "../../protocol/frames.ts";
import { fromBase64 } from "../../protocol/dsse.ts";
import type { CheckAnswer } from "../../protocol/check.ts";
import type { CheckId, DeviceId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import { aFreshWord } from "./trust.ts";

export interface Heard {
  readonly text: string;
  readonly report: Report;
}

export class AgentController implements AsyncDisposable {
  /** Every report of every connection, in the order it came. */
  readonly heard: Heard[] = [];
  readonly keys = new Map<DeviceId, PublicKey>();
  mailbox: readonly Order[] = [];
  /** False: reports are taken and never acknowledged. */
  acknowledges = true;
  /** True: a nudge follows the welcome without a pause. */
  nudgesAtOnce = false;
  /** True: it asks for the key a second time, which no honest controller does. */
  asksTwice = false;
  /** Close codes that agents gave. */
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  /** The schema minor that it speaks. */
  minor: number = SCHEMA_MINOR.newest;
  /** What was answered to questions what steps would do. */
  readonly checked = new Map<CheckId, CheckAnswer>();
  logins = 0;
  pulls = 0;
  private readonly server: WebSocketServer;
  private readonly throughs = new Map<string, number>();
  private readonly live = new Set<WebSocket>();
  private readonly waiters = new Set<() => void>();

  private constructor(server: WebSocketServer) {
    this.server = server;
    server.on("connection", (socket) => this.serve(socket));
  }

  static async start(port = 0): Promise<AgentController> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port,
      path: AGENT_PATH,
      handleProtocols: () => SUBPROTOCOL,
    });
    await once(server, "listening");
    return new AgentController(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `ws://127.0.0.1:${this.port}${AGENT_PATH}`;
  }
  /** Bodies of distinct reports, by epoch and sequence. */
  get bodies(): readonly Report["body"][] {
    return [...new Map(this.heard.map(({ report }) => [`${report.epoch} ${report.sequence}`, report.body])).values()];
  }
  bodiesOf<K extends Report["body"]["kind"]>(kind: K): readonly Extract<Report["body"], { kind: K }>[] {
    return this.bodies.filter((body): body is Extract<Report["body"], { kind: K }> => body.kind === kind);
  }

  /** Resolves when `test` holds; looked at after everything that happens. */
  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!test()) return;
        this.waiters.delete(look);
        resolve();
      };
      this.waiters.add(look);
      look();
    });
  }

  send(frame: ControllerFrame | string): void {
    for (const socket of this.live) socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }
  /** Puts orders into the mailbox and says so. */
  post(...orders: Order[]): void {
    this.mailbox = orders;
    this.send({ type: "nudge" });
  }
  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.live) socket.terminate();
  }
  closeAll(code: number, reason: string): void {
    for (const socket of this.live) socket.close(code, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: WebSocket): void {
    const nonce = Buffer.alloc(32, this.logins + 1).toString("base64");
    let device: DeviceId | undefined;
    let epoch = "";
    const answer = (frame: ControllerFrame): void => socket.send(JSON.stringify(frame));
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => {
      this.live.delete(socket);
      this.closes.push({ code, reason: reason.toString() });
      this.happened();
    });
    socket.on("message", (data) => {
      const text = (data as Buffer).toString("utf8");
      const frame = AgentFrame.parse(JSON.parse(text));
      if (frame.type === "hello") {
        device = frame.deviceId;
        epoch = frame.epoch;
        answer({ type: "challenge", nonce, minor: this.minor });
      } else if (frame.type === "login") {
        const key = device === undefined ? undefined : this.keys.get(device);
        const isKnown = device !== undefined && key !== undefined;
        if (!isKnown || !verifyRaw("p256", key, loginBytes(nonce, device as DeviceId), fromBase64(frame.signature))) {
          socket.close(4401, "not registered");
          return;
        }
        if (this.asksTwice) {
          answer({ type: "challenge", nonce, minor: this.minor });
          return;
        }
        this.live.add(socket);
        this.logins++;
        answer({ type: "welcome", through: this.throughs.get(epoch) ?? 0, now: Date.now() as Instant });
        if (this.nudgesAtOnce) answer({ type: "nudge" });
      } else if (frame.type === "pull") {
        this.pulls++;
        const { nonce } = frame;
        const word =
          nonce === undefined || device === undefined
            ? {}
            : { freshness: aFreshWord(device, nonce, Date.now() as Instant) };
        answer({ type: "orders", orders: [...this.mailbox], ...word });
      } else if (frame.type === "checked") {
        this.checked.set(frame.checkId, frame.answer);
      } else {
        this.heard.push({ text, report: frame });
        if (this.acknowledges) {
          this.throughs.set(epoch, frame.sequence);
          answer({ type: "ack", through: frame.sequence });
        }
      }
      this.happened();
    });
  }

  private happened(): void {
    for (const look of this.waiters) look();
  }
}
