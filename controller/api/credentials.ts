/**
 * Who asks: a bearer token of the CLI, or the cookie of a browser.
 *
 * The browser adds the cookie by itself, so a request with it counts only where it cannot have been made by a foreign
 * page. A bearer token is added by a program that has it; a page cannot.
 */
import type { RequestHandler, Response } from "express";
import type { Access } from "../ports/access.ts";
import { Refused } from "../ports/refused.ts";
import { isEncrypted } from "./front.ts";
import { isForeign } from "./hosts.ts";

/**
 * Without TLS a browser takes neither `Secure` nor the `__Host-` prefix for this name, and the controller runs without
 * it on loopback: the cookie is `Secure` wherever the request came encrypted. Cookies do not know ports: another program that listens on this machine's loopback can be handed it, as it could read the disk.
 */
const COOKIE = "ringback_session";
const COOKIE_LIFE_MS = 30 * 86_400_000;

const TOKEN = /^[A-Za-z0-9_-]{20,200}$/;
const SAFE = new Set(["GET", "HEAD"]);

/** Refuses what a foreign page had a browser send, whoever is signed in and also where nobody needs to be. */
export const refuseForeignPages: RequestHandler = (request, _response, next) => {
  if (isForeign(request) === true) {
    throw new Refused(
      "not-allowed",
      "A page of another site sent this request, so it was not carried out. Use the console of this controller, or the command line.",
    );
  }
  next();
};

export interface Authentication {
  /** Refuses who is not signed in. */
  readonly check: RequestHandler;
  /** Who asks, once checked; "" where nobody needs to be signed in. */
  readonly nameOf: (request: object) => string;
}

export function authentication(access: Access): Authentication {
  const names = new WeakMap<object, string>();
  const check: RequestHandler = async (request, _response, next) => {
    const bearer = request.headers.authorization;
    const cookie = bearer === undefined ? cookieOf(request.headers.cookie) : undefined;
    if (cookie !== undefined && !SAFE.has(request.method) && isForeign(request) !== false) {
      throw new Refused(
        "not-allowed",
        "The browser did not say that this request comes from the controller's own console, so it was not carried out. Use a current browser, or a token.",
      );
    }
    const token = bearer === undefined ? cookie : /^Bearer +(\S+)$/i.exec(bearer)?.[1];
    const name = token === undefined || !TOKEN.test(token) ? undefined : await access.owner(token);
    if (name === undefined) throw new Refused("not-signed-in", adviceFor(bearer, cookie));
    names.set(request, name);
    next();
  };
  return { check, nameOf: (request) => names.get(request) ?? "" };
}

function adviceFor(bearer: string | undefined, cookie: string | undefined): string {
  if (bearer !== undefined) return "The token is not known here. Sign in again with `ringback login`.";
  if (cookie !== undefined) return "This browser's session is not known here any more. Sign in again with a token.";
  return "This needs a token. Open the one-time set-up link that the controller printed at its first start, or sign in with the token you got from it.";
}

export function setSession(response: Response, token: string | null): void {
  const secure = isEncrypted(response.req);
  const attributes = { httpOnly: true, sameSite: "strict", path: "/", secure } as const;
  if (token === null) response.clearCookie(COOKIE, attributes);
  else response.cookie(COOKIE, token, { ...attributes, maxAge: COOKIE_LIFE_MS });
}

function cookieOf(header: string | undefined): string | undefined {
  const found = header
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1);
}
