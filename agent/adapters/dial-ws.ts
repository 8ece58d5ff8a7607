/** Connections by the `ws` client. A peer that no longer answers is noticed and let go. */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE, CONTROLLER_FRAME_BYTES_MAX, SUBPROTOCOL } from "../../protocol/frames.ts";
import type { Dial } from "../ports.ts";
import { channelOf } from "./channel.ts";

const HANDSHAKE_MS = 15_000;
/** The controller pings every 20 s; three missed pings, or as long without any answer to ours, and the line is dead. */
const PING_EVERY_MS = 30_000;

export const dialWebSocket: Dial = (url, events) => {
  const socket = new WebSocket(url, SUBPROTOCOL, {
    perMessageDeflate: false,
    maxPayload: CONTROLLER_FRAME_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  });
  let isAlive = true;
  let closed = false;
  let reason = "";
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
    events.onClose(code, why);
  };
  socket.on("upgrade", (response) => {
    line = response.socket;
  });
  socket.on("open", () => events.onOpen());
  socket.on("pong", alive);
  socket.on("ping", alive);
  socket.on("message", (data, isBinary) => {
    alive();
    if (isBinary) socket.close(CLOSE.unsupportedData, "frames are text");
    else events.onMessage(textOf(data));
  });
  socket.on("error", (error) => {
    reason = error.message;
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

function textOf(data: WebSocket.RawData): string {
  if (Buffer.isBuffer(data)) return data.toString("utf8");
  return Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]).toString("utf8");
}
