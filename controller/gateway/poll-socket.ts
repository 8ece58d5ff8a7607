/**
 * A connection made of HTTP requests: what a WebSocket is to a session, for an agent whose network lets none through.
 *
 * A request that breaks ends it, as a broken socket would. Back-pressure is HTTP's own: a POST is answered, and read on,
 * only as fast as the session takes its lines. Nothing is kept but what waits to be fetched.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AGENT_FRAME_BYTES_MAX, CLOSE } from "../../protocol/frames.ts";
import { LONG_POLL_TYPE } from "../../protocol/long-poll.ts";
import { closeReason, type SessionSocket, type SocketOwner } from "./agent-socket.ts";
import { channelOf } from "./channel.ts";

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Read and not handed over yet: part of a line, or lines behind a pause. */
  unread: Buffer;
  isWhole: boolean;
  isEmpty: boolean;
}

export class PollSocket implements SessionSocket {
  private readonly onEnd: () => void;
  private readonly afterClose: (call: () => void) => () => void;
  private owner: SocketOwner | null = null;
  private outgoing: string[] = [];
  private outgoingBytes = 0;
  private waiting: ServerResponse | null = null;
  private incoming: Incoming | null = null;
  /** The connection that brought the newest lines. */
  private line: Socket | null = null;
  private isPaused = false;
  private isEnded = false;
  private ending: { readonly code: number; readonly reason: string } | null = null;
  private forgetClose: (() => void) | null = null;
  /** Of a ping: `told` once a GET was answered after it, so that the next GET comes from somebody who lives. */
  private question: { payload: Buffer; told: boolean } | null = null;
  private posts = 0;
  private gets = 0;

  /** @param afterClose calls back when a close has taken long enough */
  constructor(onEnd: () => void, afterClose: (call: () => void) => () => void) {
    this.onEnd = onEnd;
    this.afterClose = afterClose;
  }

  get bufferedAmount(): number {
    return this.outgoingBytes;
  }

  attach(owner: SocketOwner): void {
    this.owner = owner;
  }

  channel(): string {
    return channelOf(this.line);
  }

  // ---- requests ----------------------------------------------------------------------------------------------------

  /** Frames come. False if this is not the next POST. */
  takePost(number: number, request: IncomingMessage, response: ServerResponse): boolean {
    if (number !== this.posts + 1 || this.incoming !== null) return false;
    this.posts = number;
    if (this.ending !== null) {
      answerEnded(response, this.ending);
      request.resume();
      return true;
    }
    this.line = request.socket;
    const incoming: Incoming = { request, response, unread: NOTHING, isWhole: false, isEmpty: true };
    this.incoming = incoming;
    request.on("data", (bytes: Buffer) => {
      if (this.incoming !== incoming) return;
      incoming.unread = incoming.unread.length === 0 ? bytes : Buffer.concat([incoming.unread, bytes]);
      this.read();
    });
    request.on("end", () => {
      incoming.isWhole = true;
      if (this.incoming === incoming) this.read();
    });
    response.on("close", () => {
      if (this.incoming === incoming) this.end(); // it broke before it was answered
    });
    if (this.isPaused) request.pause();
    return true;
  }

  /** Somebody waits for frames. False if this is not the next GET. */
  takeGet(number: number, response: ServerResponse): boolean {
    if (number !== this.gets + 1 || this.waiting !== null) return false;
    this.gets = number;
    this.waiting = response;
    response.on("close", () => {
      if (this.waiting === response) this.end(); // it broke while it waited
    });
    const { question } = this;
    if (question?.told === true) {
      this.question = null;
      this.owner?.onPong(question.payload);
    } else {
      this.owner?.onPing();
    }
    this.flush();
    return true;
  }

  /** The agent ends it. */
  takeDelete(): void {
    this.terminate();
  }

  // ---- what the session asks ---------------------------------------------------------------------------------------

  send(message: string): void {
    if (this.isEnded || this.ending !== null) return;
    this.outgoing.push(message);
    this.outgoingBytes += Buffer.byteLength(message) + 1;
    queueMicrotask(() => this.flush()); // what is sent in one go is answered in one go
  }

  ping(payload: Buffer = NOTHING): void {
    // A question that is open is not lost to a mere sign of life; both are answered by the same GET.
    if (this.question === null || payload.length > 0) this.question = { payload, told: false };
    this.flush();
  }

  pause(): void {
    this.isPaused = true;
    this.incoming?.request.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.incoming?.request.resume();
    queueMicrotask(() => this.read()); // as a socket does: nothing comes while its owner is still at it
  }

  close(code: number, reason: string): void {
    if (this.ending !== null || this.isEnded) return;
    this.ending = { code, reason: closeReason(reason) };
    this.forgetClose = this.afterClose(() => this.terminate());
    const { incoming } = this;
    this.incoming = null;
    if (incoming !== null) {
      answerEnded(incoming.response, this.ending);
      incoming.request.resume();
    }
    this.flush();
  }

  terminate(): void {
    this.incoming?.request.destroy();
    this.waiting?.destroy();
    this.end();
  }

  // ---- how -----------------------------------------------------------------------------------------------------------

  private read(): void {
    const { incoming } = this;
    while (incoming !== null && this.incoming === incoming && !this.isPaused) {
      const end = incoming.unread.indexOf(NEWLINE);
      const isLast = end < 0 && incoming.isWhole;
      const length = end < 0 ? incoming.unread.length : end;
      if (length > AGENT_FRAME_BYTES_MAX) {
        return this.broken(CLOSE.tooLarge, `a frame holds at most ${AGENT_FRAME_BYTES_MAX} bytes`);
      }
      if (end < 0 && !isLast) return;
      const message = incoming.unread.subarray(0, length);
      incoming.unread = end < 0 ? NOTHING : incoming.unread.subarray(end + 1);
      if (!isUtf8(message)) return this.broken(CLOSE.notUtf8, "text must be UTF-8");
      if (message.length > 0) {
        incoming.isEmpty = false;
        this.owner?.onMessage(message, false);
      }
      if (isLast) return this.answerPost(incoming);
    }
  }

  private answerPost(incoming: Incoming): void {
    if (incoming.isEmpty) this.owner?.onPing(); // a request costs what a frame costs, also an empty one
    if (this.incoming !== incoming) return; // the last line has closed the connection, which answered
    this.incoming = null;
    incoming.response.writeHead(204, NO_STORE).end();
  }

  private broken(code: number, reason: string): void {
    this.owner?.onBroken();
    this.close(code, reason);
  }

  private flush(): void {
    const { waiting, outgoing, ending, question } = this;
    if (waiting === null || this.isEnded) return;
    if (outgoing.length === 0 && ending === null && (question === null || question.told)) return;
    this.waiting = null;
    if (question !== null) question.told = true;
    if (outgoing.length > 0) {
      this.outgoing = [];
      this.outgoingBytes = 0;
      waiting.writeHead(200, { ...NO_STORE, "content-type": LONG_POLL_TYPE }).end(`${outgoing.join("\n")}\n`);
    } else if (ending === null) {
      waiting.writeHead(204, NO_STORE).end();
    } else {
      answerEnded(waiting, ending);
      waiting.on("finish", () => this.end());
    }
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.forgetClose?.();
    this.outgoing = [];
    this.outgoingBytes = 0;
    this.incoming?.response.destroy();
    this.waiting?.destroy();
    this.incoming = null;
    this.waiting = null;
    this.onEnd();
    this.owner?.onEnded();
  }
}

export const NO_STORE = { "cache-control": "no-store" } as const;

/** Without reading the rest of what comes: the connection is not used again. */
function answerEnded(response: ServerResponse, ended: { readonly code: number; readonly reason: string }): void {
  const headers = { ...NO_STORE, "content-type": "application/json", connection: "close" };
  response.writeHead(410, headers).end(JSON.stringify(ended));
}
