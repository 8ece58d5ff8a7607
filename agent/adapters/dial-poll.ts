/**
 * Connections made of plain HTTP requests (protocol/long-poll.ts), for networks that let no WebSocket through.
 *
 * Frames go out in order, one POST at a time, and come in by one GET that waits. A request that fails ends the
 * connection: what it carried may or may not have arrived, which is what a broken socket leaves behind, too.
 */
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { CLOSE, CONTROLLER_FRAME_BYTES_MAX, SUBPROTOCOL } from "../../protocol/frames.ts";
import {
  Ended,
  LONG_POLL_TYPE,
  NUMBER_HEADER,
  Opened,
  PROTOCOL_HEADER,
  SESSION_SCHEME,
} from "../../protocol/long-poll.ts";
import type { Connection, ConnectionEvents, Dial } from "../ports.ts";
import { channelOf } from "./channel.ts";
import { HttpAgent, httpRequest } from "./node-http.ts";
import { connectionOver, type Way } from "./way.ts";

const OPEN_MS = 15_000;
/** The controller answers every 20 s, if only with nothing. */
const ANSWER_MS = 60_000;
/** A controller that cannot store now lets frames wait. */
const TAKEN_MS = 120_000;
/** Of one POST; proxies take a megabyte as a rule. */
const POST_BYTES = 256 * 1024;
/** Of one answer: what the controller lets wait for an agent, with one frame more. */
const ANSWER_BYTES_MAX = 1024 * 1024 + 2 * CONTROLLER_FRAME_BYTES_MAX;
const ABNORMAL = 1006;

export const longPollDial =
  (way: Way): Dial =>
  (url, events) => {
    const connection = new LongPollConnection(url, way, events);
    connection.open();
    return connection;
  };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly socket: Socket;
}

class LongPollConnection implements Connection {
  private readonly address: URL;
  private readonly way: Way;
  private readonly events: ConnectionEvents;
  /** One each: the answer to a GET is waited for while frames go out. */
  private readonly out: Agent;
  private readonly in: Agent;
  private readonly underWay = new Set<ClientRequest>();
  private session: string | undefined;
  /** Carried the first request, and what is signed for it: the login goes over no other one. */
  private line: Socket | undefined;
  private isSignedFor = false;
  private queue: string[] = [];
  private queuedBytes = 0;
  private isSending = false;
  private posts = 0;
  private gets = 0;
  private isClosed = false;

  constructor(url: string, way: Way, events: ConnectionEvents) {
    const address = new URL(url);
    const isSecure = address.protocol === "wss:";
    address.protocol = isSecure ? "https:" : "http:";
    address.pathname += "/poll";
    this.address = address;
    this.way = way;
    this.events = events;
    this.out = this.requestsOver(true);
    this.in = this.requestsOver(true);
  }

  get bufferedBytes(): number {
    return this.queuedBytes;
  }

  get channel(): string {
    this.isSignedFor = true;
    return channelOf(this.line);
  }

  open(): void {
    this.ask("POST", {}, "", OPEN_MS).then(
      ({ status, text, socket }) => {
        const opened = status === 201 ? Opened.safeParse(parseJson(text)) : undefined;
        if (opened?.success !== true) return this.end(ABNORMAL, refusalOf(status, text));
        this.session = opened.data.session;
        this.line = socket;
        this.events.onOpen();
        this.poll();
        this.pump();
      },
      (error: unknown) => this.fail(error),
    );
  }

  send(message: string): void {
    if (this.isClosed) return;
    this.queue.push(message);
    this.queuedBytes += Buffer.byteLength(message) + 1;
    if (this.session !== undefined) this.pump();
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    if (this.session !== undefined) {
      // Over a connection of its own: the others may be waiting, and are let go of.
      this.request("DELETE", {}, this.requestsOver(false))
        .on("error", () => undefined)
        .end();
    }
    this.end(code, reason);
  }

  private pump(): void {
    if (this.isSending || this.isClosed || this.queue.length === 0) return;
    this.isSending = true;
    const body = this.nextLines();
    this.ask("POST", { [NUMBER_HEADER]: String(++this.posts) }, body, TAKEN_MS).then(
      ({ status, text }) => {
        if (status !== 204) return this.end(...endOf(status, text));
        this.isSending = false;
        this.isSignedFor = false;
        this.queuedBytes -= Buffer.byteLength(body);
        this.pump();
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** What waits, up to the size of a POST, and one frame at least. */
  private nextLines(): string {
    let lines = "";
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      if (lines !== "" && Buffer.byteLength(lines) + Buffer.byteLength(next) >= POST_BYTES) break;
      lines += `${next}\n`;
      this.queue.shift();
    }
    return lines;
  }

  private poll(): void {
    if (this.isClosed) return;
    this.ask("GET", { [NUMBER_HEADER]: String(++this.gets) }, "", ANSWER_MS).then(
      ({ status, text }) => {
        if (status !== 200 && status !== 204) return this.end(...endOf(status, text));
        for (const line of text.split("\n")) {
          if (line !== "" && !this.isClosed) this.events.onMessage(line);
        }
        this.poll();
      },
      (error: unknown) => this.fail(error),
    );
  }

  private fail(error: unknown): void {
    this.end(ABNORMAL, error instanceof Error ? error.message : String(error));
  }

  private end(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const request of this.underWay) request.destroy();
    this.out.destroy();
    this.in.destroy();
    setImmediate(() => this.events.onClose(code, reason)); // never within the call that ends it
  }

  /** One connection at most, which may serve many requests. */
  private requestsOver(keepAlive: boolean): Agent {
    const agent = new (this.address.protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive, maxSockets: 1 });
    agent.createConnection = connectionOver(this.address.href, this.way);
    return agent;
  }

  private request(method: string, headers: Record<string, string>, agent: Agent): ClientRequest {
    const { session } = this;
    const make = this.address.protocol === "https:" ? httpsRequest : httpRequest;
    return make(this.address, {
      method,
      agent,
      headers: {
        ...headers,
        [PROTOCOL_HEADER]: SUBPROTOCOL,
        ...(method === "POST" ? { "content-type": LONG_POLL_TYPE } : {}),
        ...(session === undefined ? {} : { authorization: `${SESSION_SCHEME} ${session}` }),
      },
    });
  }

  private ask(
    method: "POST" | "GET",
    headers: Record<string, string>,
    body: string,
    withinMs: number,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.request(method, headers, method === "POST" ? this.out : this.in);
      this.underWay.add(request);
      const timer = setTimeout(() => request.destroy(new Error("the controller no longer answers")), withinMs);
      let socket: Socket | undefined;
      request.on("socket", (given) => {
        socket = given;
        if (method === "POST" && this.isSignedFor && given !== this.line) {
          request.destroy(new Error("the connection that a login was signed for is gone"));
        }
      });
      request.on("error", reject);
      let isAnswered = false;
      request.on("close", () => {
        clearTimeout(timer);
        this.underWay.delete(request);
        // An answer that breaks off says so itself.
        if (!isAnswered) reject(new Error("the connection ended before the answer was there"));
      });
      request.on("response", (response) => {
        isAnswered = true;
        readAll(response)
          .then((text) => {
            if (socket === undefined) throw new Error("an answer came without a connection");
            resolve({ status: response.statusCode ?? 0, text, socket });
          })
          .catch(reject);
      });
      request.end(body);
    });
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error("an answer is larger than any that a controller gives");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function endOf(status: number, text: string): [code: number, reason: string] {
  const ended = status === 410 ? Ended.safeParse(parseJson(text)) : undefined;
  if (ended?.success === true) return [ended.data.code, ended.data.reason];
  return [status === 503 ? CLOSE.tryAgainLater : ABNORMAL, refusalOf(status, text)];
}

/** What stands in between may answer with a page: a few words of it are enough. */
const refusalOf = (status: number, text: string): string =>
  `answered with ${status}${/^[\x20-\x7e]{1,200}\n?$/.test(text) ? `: ${text.trim()}` : ""}`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
