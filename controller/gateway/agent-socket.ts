/**
 * The WebSocket of one agent: ws's own, with the session it belongs to and a reason in every close frame.
 *
 * The session hangs on the socket and hears what happens without listeners, so that nothing is made for one connection.
 */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { channelOf } from "./channel.ts";
import { AGENT_FRAME_BYTES_MAX, CLOSE } from "../../protocol/frames.ts";

/** RFC 6455 5.5.1: a control frame holds 125 bytes, two of them the code. */
const REASON_BYTES_MAX = 123;

/** ws closes by itself, without a reason, when bytes are no WebSocket message. Agents' logs should say what it was. */
const REASONS: Readonly<Record<number, string>> = {
  1002: "these bytes are not a WebSocket frame",
  [CLOSE.notUtf8]: "text must be UTF-8",
  1008: "a message came in too many pieces",
  [CLOSE.tooLarge]: `a frame holds at most ${AGENT_FRAME_BYTES_MAX} bytes; anything larger goes by upload`,
};

/** RFC 6455 5.2: a text frame that is the whole message; two bytes of length follow for anything over 125. */
const WHOLE_TEXT = 0x81;
const LENGTH_IN_TWO_BYTES = 126;
const TWO_BYTES_MAX = 0xffff;

/** Who a socket tells what happens to it. */
export interface SocketOwner {
  onMessage(message: Buffer, isBinary: boolean): void;
  onPing(): void;
  /** `payload` is what was in the ping that is answered, if the peer is honest. */
  onPong(payload: Buffer): void;
  /** What came was no WebSocket message; the close frame is on its way. */
  onBroken(): void;
  /** The socket is gone. Always the last call. */
  onEnded(): void;
}

/** What a session asks of its socket; the simulator brings one without a network. */
export interface SessionSocket {
  readonly bufferedAmount: number;
  attach(owner: SocketOwner): void;
  /**
   * What both ends of the TLS connection that brought the newest message can compute, and nobody else (`CHANNEL` in
   * protocol/frames.ts), in base64. Empty without TLS 1.3.
   */
  channel(): string;
  send(message: string): void;
  ping(payload?: Buffer): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export class AgentSocket extends WebSocket implements SessionSocket {
  /** Null until the upgrade is complete. */
  owner: SocketOwner | null = null;
  /** What ws writes to; null until the upgrade is complete. */
  stream: Duplex | null = null;

  /** From now on the owner hears what happens. Called once. */
  attach(owner: SocketOwner): void {
    this.owner = owner;
  }

  /** ws tells everything by events. The owner hears them from here: a list of listeners would be kept for each socket. */
  override emit(event: string | symbol, ...args: readonly unknown[]): boolean {
    const { owner } = this;
    if (owner === null) return super.emit(event, ...args);
    // ws's default binary type is "nodebuffer": a message is one Buffer
    if (event === "message") owner.onMessage(args[0] as Buffer, args[1] as boolean);
    else if (event === "ping") owner.onPing();
    else if (event === "pong") owner.onPong(args[0] as Buffer);
    else if (event === "error") owner.onBroken();
    else if (event === "close") owner.onEnded();
    else return super.emit(event, ...args);
    return true;
  }

  channel(): string {
    return channelOf(this.stream);
  }

  /**
   * ws hands a frame to the socket in two pieces, head and text. What we send is ASCII: as one string it costs a quarter
   * less. Without compression ws writes at once too, so its pings and our frames keep their order.
   */
  override send(message: Parameters<WebSocket["send"]>[0]): void {
    if (typeof message !== "string" || this.stream === null || !isShortAscii(message)) super.send(message);
    else if (this.readyState === WebSocket.OPEN) this.stream.write(frameHead(message.length) + message, "latin1");
  }

  override close(code?: number, reason?: string | Buffer): void {
    const text = reason ?? (code === undefined ? undefined : REASONS[code]);
    super.close(code, typeof text === "string" ? closeReason(text) : text);
  }
}

const isShortAscii = (text: string): boolean => text.length <= TWO_BYTES_MAX && Buffer.byteLength(text) === text.length;

const frameHead = (length: number): string =>
  length < LENGTH_IN_TWO_BYTES
    ? String.fromCharCode(WHOLE_TEXT, length)
    : String.fromCharCode(WHOLE_TEXT, LENGTH_IN_TWO_BYTES, length >> 8, length & 0xff);

/** Cuts a reason to what a close frame holds, never inside a character: ws throws if it is longer. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= REASON_BYTES_MAX) return text;
  let end = REASON_BYTES_MAX - 3; // room for the ellipsis
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString("utf8", 0, end)}…`;
}
