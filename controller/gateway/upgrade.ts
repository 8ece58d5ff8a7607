/**
 * Which HTTP upgrades become agent connections, and how the others are told no: before any WebSocket exists.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { AGENT_PATH, SUBPROTOCOL } from "../../protocol/frames.ts";

export interface UpgradeRefusal {
  readonly status: "400 Bad Request" | "403 Forbidden" | "404 Not Found" | "503 Service Unavailable";
  readonly because: string;
  readonly retryAfterSeconds?: number;
}

/** Undefined if the request asks for what we offer. */
export function refusalOf({ url, headers }: Pick<IncomingMessage, "url" | "headers">): UpgradeRefusal | undefined {
  if (url !== AGENT_PATH) return { status: "404 Not Found", because: `agents connect at ${AGENT_PATH}` };
  // Browsers always send it with a WebSocket, and agents never: a page must not reach the gateway with a person's network.
  if (headers.origin !== undefined)
    return { status: "403 Forbidden", because: "this address is for agents, not for pages" };
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) {
    return { status: "400 Bad Request", because: `this address speaks the WebSocket subprotocol ${SUBPROTOCOL}` };
  }
  return undefined;
}

export function refuseUpgrade(socket: Duplex, { status, because, retryAfterSeconds }: UpgradeRefusal): void {
  const body = `${because}\n`;
  const head = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSeconds === undefined ? [] : [`Retry-After: ${retryAfterSeconds}`]),
  ];
  socket.on("error", destroyThis); // the peer may be gone already
  socket.once("finish", destroyThis);
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function destroyThis(this: Duplex): void {
  this.destroy();
}
