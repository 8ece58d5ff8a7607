/**
 * A way through an HTTP proxy: CONNECT, and from there on bytes that the proxy only passes.
 *
 * TLS is made inside, with the controller itself, so the proxy is told nothing but a name and a port and is believed in
 * nothing. Names are looked up by the proxy, not here. It is given no name and no password: this agent has none.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { httpRequest } from "../node-http.ts";

export interface Proxy {
  readonly host: string;
  readonly port: number;
}

/** A proxy could not be used. The message says what it did and what to do about it. */
class ProxyFault extends Error {
  override readonly name = "ProxyFault";
  readonly code: "proxy-unreachable" | "proxy-refused";
  constructor(code: ProxyFault["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
/** HOST:PORT, as it stands in a CONNECT and in messages. */
export const authorityOf = (host: string, port: number): string => `${bracketed(host)}:${port}`;
export const nameOf = (proxy: Proxy): string => authorityOf(proxy.host, proxy.port);

/** @param host without brackets. @throws ProxyFault */
export function openTunnel(proxy: Proxy, host: string, port: number, withinMs: number): Promise<Socket> {
  const target = authorityOf(host, port);
  return new Promise((resolve, reject) => {
    const { host: proxyHost, port: proxyPort } = proxy;
    const asked = httpRequest({
      host: proxyHost,
      port: proxyPort,
      method: "CONNECT",
      path: target,
      headers: { host: target },
      agent: false,
    });
    const fail = (error: ProxyFault): void => {
      clearTimeout(timer);
      asked.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(silent(proxy, `nothing within ${withinMs / 1000} s`)), withinMs);
    asked.once("connect", (answer: IncomingMessage, socket: Socket, early: Buffer) => {
      socket.on("error", () => undefined); // whoever uses it sees it close
      const because = refusalOf(proxy, target, answer, early);
      if (because !== undefined) {
        socket.destroy();
        fail(new ProxyFault("proxy-refused", because));
        return;
      }
      clearTimeout(timer);
      resolve(socket);
    });
    asked.once("error", (error) => fail(unanswered(proxy, error)));
    asked.end();
  });
}

/** Why there is no tunnel though the proxy answered; undefined where there is one. */
function refusalOf(proxy: Proxy, target: string, answer: IncomingMessage, early: Buffer): string | undefined {
  const status = answer.statusCode ?? 0;
  const name = `the proxy ${nameOf(proxy)}`;
  if (status >= 200 && status < 300) {
    if (early.length === 0) return undefined;
    return `${name} says something of its own where only the controller may speak: it is no plain HTTP proxy, or not for CONNECT`;
  }
  if (status === 407) {
    const schemes = (answer.headersDistinct["proxy-authenticate"] ?? []).map((line) => line.split(/\s/, 1)[0] ?? "");
    const by = schemes.length > 0 ? `, by ${[...new Set(schemes)].join(", ")}` : "";
    return `${name} says 407: it asks for a name and a password${by}, and this agent gives none to any proxy. Let connections to ${target} through without`;
  }
  if (status === 403 || status === 405 || status === 400)
    return `${name} does not let CONNECT to ${target} through (${status}): allow this name and port there`;
  if (status >= 500)
    return `${name} says ${status}: it could not reach ${target} itself. See that it can look the name up and connect from where it stands`;
  return `${name} answers CONNECT to ${target} with ${status}, which makes no tunnel: see that it is an HTTP proxy and lets CONNECT through`;
}

function unanswered(proxy: Proxy, error: Error): ProxyFault {
  const code = "code" in error ? String(error.code) : error.message;
  if (!code.startsWith("HPE_")) return silent(proxy, code, error);
  const because = `what listens at ${nameOf(proxy)} does not answer as an HTTP proxy does: correct the proxy's address`;
  return new ProxyFault("proxy-refused", because, { cause: error });
}

const silent = (proxy: Proxy, what: string, cause?: Error): ProxyFault =>
  new ProxyFault(
    "proxy-unreachable",
    `the proxy ${nameOf(proxy)} does not answer (${what}): see that it runs and that this machine reaches it, or correct its address`,
    { cause },
  );
