/**
 * Which names this controller answers to, and whose pages may act through a browser.
 *
 * A page of a foreign site can reach the controller through the visitor's browser by having its own name resolve to the
 * controller's address (DNS rebinding); such a request carries the foreign name in Host, and is refused before anything
 * else is looked at.
 */
import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { Refused } from "../ports/refused.ts";
import { isEncrypted } from "./front.ts";

/** Where passkeys approve, on loopback: a name of its own, which browsers resolve to this machine (RFC 6761). */
export const LOOPBACK_APPROVALS = "approve.localhost";
export const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost", "[::1]", LOOPBACK_APPROVALS];

/**
 * @param allowed names as in a URL (`localhost`, `[::1]`), which stand for the port the request came in at, or names
 * with a port (`localhost:9000`, for a tunnel), or with any (`ringback.example:*`, an administrator's own name).
 * @param origins answered to as browsers name them, whatever port the request came in at: there is a front before it
 */
export function onlyFor(allowed: readonly string[], origins: readonly string[] = []): RequestHandler {
  const fronts = new Set(origins.map((origin) => new URL(origin).host));
  return (request, _response, next) => {
    if (!isAllowed(request, allowed) && !fronts.has(request.headers.host?.toLowerCase() ?? "")) {
      throw new Refused(
        "wrong-host",
        "This controller does not answer to the name in the address. Use the address it printed when it started, or add the name to its allowed hosts.",
      );
    }
    next();
  };
}

function isAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const host = request.headers.host?.toLowerCase() ?? "";
  const { localPort, localAddress = "" } = request.socket;
  const usualPort = isEncrypted(request) ? 443 : 80;
  const here = (name: string): string => (localPort === usualPort ? name : `${name}:${localPort}`);
  // The very address it came in at is no name that anybody could have made up.
  const own = localAddress.includes(":") ? `[${localAddress}]` : localAddress;
  if (host === here(own)) return true;
  return allowed.some((name) =>
    name.endsWith(":*") ? withoutPort(host) === name.slice(0, -2) : host === (hasPort(name) ? name : here(name)),
  );
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, "");

const hasPort = (name: string): boolean => /:\d+$/.test(name.replace(/^\[.*\]/, ""));

/**
 * Does the request come from a page of another origin? Undefined when nothing says so: no browser sent it, or one too
 * old to be trusted with a cookie.
 *
 * Sec-Fetch-Site is set by the browser and no page can forge it; `same-site` is foreign too, since ports of one host are
 * one site and any program on this machine may serve a page on another port.
 */
export function isForeign(request: IncomingMessage): boolean | undefined {
  const { headers } = request;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const scheme = isEncrypted(request) ? "https" : "http";
  if (headers.origin !== undefined)
    return headers.origin.toLowerCase() !== `${scheme}://${headers.host?.toLowerCase()}`;
  return undefined;
}
