/**
 * What a TLS front on this machine says of a request: who asks, and that it came encrypted.
 *
 * Anybody can write such headers. They are believed where an administrator said that there is a front, and from this
 * machine alone; everywhere else they are taken off before anyone looks at the request.
 */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

const HEADERS = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded"] as const;

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/** @param behindFront did an administrator say that TLS ends in a front on this machine? */
export function stripUntrusted(request: IncomingMessage, behindFront: boolean): void {
  const isTrusted = behindFront && LOOPBACK.test(request.socket.remoteAddress ?? "");
  for (const name of isTrusted ? HEADERS.slice(2) : HEADERS) delete request.headers[name];
}

/** Of a stripped request. The last address is the one that the front itself saw; those before it are hearsay. */
export function addressOf({ headers, socket }: IncomingMessage): string {
  const said = headers["x-forwarded-for"];
  const last = (Array.isArray(said) ? said.join(",") : said)?.split(",").at(-1)?.trim();
  return last === undefined || last === "" ? (socket.remoteAddress ?? "") : last;
}

/** Of a stripped request. */
export const isEncrypted = ({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): boolean =>
  socket instanceof TLSSocket || headers["x-forwarded-proto"] === "https";
