/**
 * How this agent connects: by WebSocket, and by plain requests where something in between lets no WebSocket through.
 *
 * Falling back gives nothing away: the login over it is the same, and so is what a device is bound to. What falls back
 * goes on asking for a WebSocket, since one costs both sides less.
 */
import { CLOSE } from "../../protocol/frames.ts";
import type { Connection, ConnectionEvents, Dial } from "../ports.ts";
import { longPollDial } from "./dial-poll.ts";
import { tryWebSocket, dialWebSocket } from "./dial-ws.ts";
import type { Way } from "./way.ts";

export interface DialOptions {
  readonly way: Way;
  /** How often a WebSocket is tried while requests take its place. */
  readonly retryMs?: number;
}

const RETRY_MS = 15 * 60_000;

export function dialWithFallback({ way, retryMs = RETRY_MS }: DialOptions): Dial {
  /** Addresses at which WebSockets are known not to get through. */
  const barred = new Set<string>();
  const byWebSocket = dialWebSocket(way);
  const byRequests = longPollDial(way);

  const polled = (url: string, events: ConnectionEvents): Connection => {
    let isOpen = false;
    let isGone = false;
    let forgetTry: () => void = () => undefined;
    const connection = byRequests(url, {
      onOpen: () => {
        isOpen = true;
        events.onOpen();
      },
      onMessage: (message) => events.onMessage(message),
      onClose(code, reason) {
        isGone = true;
        clearInterval(timer);
        forgetTry();
        if (!isOpen) barred.delete(url); // it is not better than what it stands in for
        events.onClose(code, reason);
      },
    });
    const timer = setInterval(() => {
      forgetTry();
      forgetTry = tryWebSocket(url, way, () => {
        barred.delete(url);
        if (!isGone) connection.close(CLOSE.goingAway, "WebSockets get through again");
      });
    }, retryMs);
    timer.unref();
    return connection;
  };

  return (url, events) => {
    if (barred.has(url)) return polled(url, events);
    let hasHeard = false;
    let isOpen = false;
    let isOurs = false;
    let current = byWebSocket(url, {
      onOpen() {
        isOpen = true;
        events.onOpen();
      },
      onMessage(message) {
        hasHeard = true;
        events.onMessage(message);
      },
      onClose(code, reason, isBarred) {
        if (isBarred === true && !isOurs) {
          barred.add(url);
          current = polled(url, events);
          return;
        }
        // Let through and then nothing came: what stands in between swallows frames.
        if (isOpen && !hasHeard) barred.add(url);
        events.onClose(code, reason);
      },
    });
    return {
      send: (message) => current.send(message),
      get bufferedBytes() {
        return current.bufferedBytes;
      },
      get channel() {
        return current.channel;
      },
      close(code, reason) {
        isOurs = true;
        current.close(code, reason);
      },
    };
  };
}
