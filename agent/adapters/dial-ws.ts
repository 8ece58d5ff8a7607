/** Connections by the `ws` client. A peer that no longer answers is noticed and let go. */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE, CONTROLLER_FRAME_BYTES_MAX, SUBPROTOCOL } from "../../protocol/frames.ts";
import type { Connection, ConnectionEvents } from "../ports.ts";
import { channelOf } from "./channel.ts";
import { connectionOver, type Way } from "./way.ts";

const HANDSHAKE_MS = 15_000;
/** The controller pings every 20 s; three missed pings, or as long without any answer to ours, and the line is dead. */
const PING_EVERY_MS = 30_000;
/** How long a WebSocket that is only tried may take to answer a ping. */
const TRIAL_MS = 10_000;

export interface WebSocketEvents extends Omit<ConnectionEvents, "onClose"> {
  /** `isBarred`: a server was reached, and it or what stands before it made no WebSocket of it. */
  onClose(code: number, reason: string, isBarred?: boolean): void;
}

const open = (url: string, way: Way): WebSocket =>
  new WebSocket(url, SUBPROTOCOL, {
    createConnection: connectionOver(url, way),
    perMessageDeflate: false,
    maxPayload: CONTROLLER_FRAME_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  });

export const dialWebSocket =
  (way: Way) =>
  (url: string, events: WebSocketEvents): Connection => {
    const socket = open(url, way);
    let isAlive = true;
    let closed = false;
    let reason = "";
    let isBarred = false;
    let wasOpen = false;
    let line: Duplex | undefined;
    const alive = (): void => {
      isAlive = true;
    };
    const pings = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (!isAlive) {
        reason = "the controller no longer answers";
        socket.terminate();
        return;
      }
      isAlive = false;
      socket.ping();
    }, PING_EVERY_MS);
    const close = (code: number, why: string): void => {
      if (closed) return;
      closed = true;
      clearInterval(pings);
      events.onClose(code, why, isBarred);
    };
    socket.on("upgrade", (response) => {
      line = response.socket;
    });
    socket.on("open", () => {
      wasOpen = true;
      events.onOpen();
    });
    socket.on("pong", alive);
    socket.on("ping", alive);
    socket.on("message", (data, isBinary) => {
      alive();
      if (isBinary) socket.close(CLOSE.unsupportedData, "frames are text");
      else events.onMessage(textOf(data));
    });
    socket.on("error", (error) => {
      reason = error.message;
      isBarred = !wasOpen && isNoUpgrade(error);
    });
    socket.on("close", (code, why) => close(code, why.length > 0 ? why.toString() : reason));
    return {
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(message);
      },
      get channel() {
        return channelOf(line);
      },
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      close: (code, why) => {
        if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
        else socket.close(code, Buffer.from(why).subarray(0, 123).toString());
      },
    };
  };

/**
 * Calls back if a WebSocket gets through, both ways: a ping over it is answered. Nothing is said over it.
 *
 * @returns how to give it up
 */
export function tryWebSocket(url: string, way: Way, getsThrough: () => void): () => void {
  const socket = open(url, way);
  const timer = setTimeout(() => socket.terminate(), HANDSHAKE_MS + TRIAL_MS);
  socket.on("error", () => undefined);
  socket.on("close", () => clearTimeout(timer));
  socket.on("open", () => socket.ping());
  socket.on("pong", () => {
    socket.close(1000);
    getsThrough();
  });
  return () => socket.terminate();
}

/**
 * As proxies do it: another answer than 101, an answer that is no handshake, or the end of the connection once it was
 * asked for. A controller that has no room says 503: requests would find no more of it.
 */
function isNoUpgrade(error: Error): boolean {
  const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
  if (status !== undefined) return status !== "503";
  if (/^(?:Invalid (?:Upgrade|Sec-WebSocket)|Server sent|Opening handshake has timed out)/.test(error.message))
    return true;
  return "code" in error && error.code === "ECONNRESET";
}

function textOf(data: WebSocket.RawData): string {
  if (Buffer.isBuffer(data)) return data.toString("utf8");
  return Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]).toString("utf8");
}
