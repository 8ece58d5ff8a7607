/**
 * The HTTP requests of agents whose network lets no WebSocket through (protocol/long-poll.ts): which are taken, and whose.
 *
 * The way in is the WebSockets': the same limits, the same refusals, and no page of any origin. Who holds the session's
 * secret is believed to be who opened it, so a login over it is bound to the TLS connection of the request that brought
 * it; the requests after it are bound by the secret alone, which has been nowhere but inside such connections.
 */
import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { SUBPROTOCOL } from "../../protocol/frames.ts";
import {
  LONG_POLL_PATH,
  LONG_POLL_TYPE,
  NUMBER_HEADER,
  PROTOCOL_HEADER,
  SESSION_SCHEME,
} from "../../protocol/long-poll.ts";
import type { Random } from "../ports.ts";
import type { SessionSocket } from "./agent-socket.ts";
import { NO_STORE, PollSocket } from "./poll-socket.ts";
import type { UpgradeRefusal } from "./upgrade.ts";

export interface LongPollHost {
  readonly random: Random;
  /** Why no connection is taken now; undefined if one is. */
  noRoom(): UpgradeRefusal | undefined;
  accept(socket: SessionSocket, request: IncomingMessage): void;
  refused(): void;
  /** Calls back when a close has taken long enough. */
  afterClose(call: () => void): () => void;
}

const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const NUMBER = /^[1-9][0-9]{0,14}$/;

export class LongPoll {
  private readonly host: LongPollHost;
  /** By the digest of their secret: what takes how long to find says nothing of a secret. */
  private readonly sockets = new Map<string, PollSocket>();

  constructor(host: LongPollHost) {
    this.host = host;
  }

  get size(): number {
    return this.sockets.size;
  }

  /** True if the request is an agent's, and is or will be answered. */
  takes(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split("?")[0];
    if (path !== LONG_POLL_PATH) return false;
    response.on("error", () => undefined); // the peer may be gone; "close" says it
    request.on("error", () => undefined);
    const refusal = this.answer(request, response);
    if (refusal !== undefined) {
      this.host.refused();
      refuse(response, refusal);
    }
    return true;
  }

  private answer(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const { method, headers, url } = request;
    if (url !== LONG_POLL_PATH) return { status: 404, because: `agents connect at ${LONG_POLL_PATH}` };
    if (headers.origin !== undefined) return { status: 403, because: "this address is for agents, not for pages" };
    if (method !== "POST" && method !== "GET" && method !== "DELETE")
      return { status: 405, because: "POST, GET, DELETE" };
    if (headers[PROTOCOL_HEADER] !== SUBPROTOCOL) return { status: 400, because: `this address speaks ${SUBPROTOCOL}` };
    if (method === "POST" && headers["content-type"] !== LONG_POLL_TYPE) {
      return { status: 415, because: `frames come as ${LONG_POLL_TYPE}` };
    }
    if (headers.authorization === undefined) {
      if (method === "POST") return this.open(request, response);
      return { status: 401, because: "open a session first" };
    }
    const socket = this.socketOf(headers.authorization);
    if (socket === undefined) return { status: 401, because: "there is no such session (any more); open another one" };
    return serve(socket, request, response);
  }

  private open(request: IncomingMessage, response: ServerResponse): Refusal | undefined {
    const full = this.host.noRoom();
    if (full !== undefined) return { status: 503, because: full.because, retryAfterSeconds: full.retryAfterSeconds };
    request.resume(); // nothing is expected in it
    const secret = Buffer.from(this.host.random(SECRET_BYTES).subarray(0, SECRET_BYTES)).toString("base64url");
    const name = nameOf(secret);
    const socket = new PollSocket(
      () => this.sockets.delete(name),
      (call) => this.host.afterClose(call),
    );
    this.sockets.set(name, socket);
    this.host.accept(socket, request);
    response
      .writeHead(201, { ...NO_STORE, "content-type": "application/json" })
      .end(JSON.stringify({ session: secret }));
    return undefined;
  }

  private socketOf(authorization: string): PollSocket | undefined {
    const [scheme, secret = ""] = authorization.split(" ");
    return scheme === SESSION_SCHEME && SECRET.test(secret) ? this.sockets.get(nameOf(secret)) : undefined;
  }
}

const nameOf = (secret: string): string => hash("sha256", secret, "base64");

interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 415 | 503;
  readonly because: string;
  readonly retryAfterSeconds?: number | undefined;
}

function serve(socket: PollSocket, request: IncomingMessage, response: ServerResponse): Refusal | undefined {
  if (request.method === "DELETE") {
    request.resume();
    response.writeHead(204, NO_STORE).end();
    socket.takeDelete();
    return undefined;
  }
  const text = request.headers[NUMBER_HEADER];
  const number = typeof text === "string" && NUMBER.test(text) ? Number(text) : 0;
  const isNext =
    request.method === "POST" ? socket.takePost(number, request, response) : socket.takeGet(number, response);
  return isNext ? undefined : { status: 409, because: "this request is not the next one of its session" };
}

/** What is still to come of the request is not read: the connection ends with the answer. */
function refuse(response: ServerResponse, { status, because, retryAfterSeconds }: Refusal): void {
  response
    .writeHead(status, {
      ...NO_STORE,
      "content-type": "text/plain; charset=utf-8",
      connection: "close",
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    })
    .end(`${because}\n`);
}
