/**
 * Makes an Express router of the list of routes.
 *
 * The order of the checks is part of their meaning: who asks is settled before the body is read, and the body is whole,
 * JSON and of the schema before a handler sees any of it. Fields that a schema does not know are refused.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { z } from "zod";
import { Refused } from "../ports/refused.ts";
import { authentication, refuseForeignPages, setSession } from "./credentials.ts";
import { addressOf } from "./front.ts";
import { faultsOf } from "./faults.ts";
import type { LiveStreams } from "./live.ts";
import { nothingHere } from "./problems.ts";
import type { Repeats } from "./repeats.ts";
import type { AnswerRoute, Reply, Route, Services } from "./route.ts";

export interface RouterParts {
  readonly services: Services;
  readonly live: LiveStreams;
  readonly repeats: Repeats;
  readonly bodyBytesMax: number;
  readonly guessesPerMinuteMax: number;
}

export function routerOf(routes: readonly Route[], parts: RouterParts): Router {
  // Strict: a path with another case or a slash more is another path, and there is nothing at it.
  const router = express.Router({ caseSensitive: true, strict: true });
  const readJson = express.json({ limit: parts.bodyBytesMax, inflate: false, type: "application/json", strict: false });
  const guesses = limitGuesses(parts.guessesPerMinuteMax);
  const signedIn = authentication(parts.services.access);

  for (const route of routes) {
    const checks: RequestHandler[] = [refuseForeignPages];
    if (route.kind === "answer" && route.guarded === true) checks.push(guesses);
    if (route.access !== "public") checks.push(signedIn.check);
    const path = expressPath(route.path);
    if (route.kind === "stream") {
      router.get(path, ...checks, (request, response) => {
        check(route.query, request.query, "query");
        parts.live.serve(request, response);
      });
      continue;
    }
    if (route.method !== "get") checks.push(requireJson, readJson);
    router[route.method](path, ifThere(route, parts.services), ...checks, async (request, response) => {
      const by = signedIn.nameOf(request);
      const input = {
        params: check(route.params, request.params, "address"),
        query: check(route.query, request.query, "query"),
        body: route.method === "get" ? undefined : check(route.body, bodyOf(request), "body"),
        by,
      };
      const key = route.repeatable === true ? request.get("Idempotency-Key") : undefined;
      const carryOut = (): Promise<Reply> => route.handle(input, parts.services);
      const about = { operation: route.operation, params: input.params ?? null, body: input.body ?? null };
      await send(
        request,
        response,
        key === undefined ? await carryOut() : await parts.repeats.once(key, by, about, carryOut),
      );
    });
  }
  for (const [path, those] of Map.groupBy(routes, ({ path }) => path)) {
    router.all(expressPath(path), refuseMethod(those, parts.services));
  }
  return router;
}

const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

const isThere = async (route: Route, services: Services): Promise<boolean> =>
  route.kind === "stream" || route.isThere === undefined || (await route.isThere(services));

const ifThere =
  (route: AnswerRoute, services: Services): RequestHandler =>
  async (_request, _response, next) => {
    if (!(await isThere(route, services))) throw nothingHere();
    next();
  };

const refuseMethod =
  (routes: readonly Route[], services: Services): RequestHandler =>
  async (request, response) => {
    const there: string[] = [];
    for (const route of routes) {
      if (await isThere(route, services))
        there.push(...(route.method === "get" ? ["GET", "HEAD"] : [route.method.toUpperCase()]));
    }
    if (there.length === 0) throw nothingHere();
    response.set("Allow", there.join(", "));
    throw new Refused("method-not-allowed", `This address takes ${there.join(", ")}, not ${request.method}.`);
  };

/** A form cannot send this type without a preflight, so a foreign page cannot either. */
const requireJson: RequestHandler = (request, _response, next) => {
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  if (hasBody && !/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new Refused("unsupported-media-type", "Send the body as JSON, with Content-Type: application/json.");
  }
  next();
};

/** By the socket's address, or by what a trusted front says of it. */
function limitGuesses(perMinuteMax: number): RequestHandler {
  const limiter = new RateLimiterMemory({ points: perMinuteMax, duration: 60 });
  return async (request, response, next) => {
    try {
      await limiter.consume(addressOf(request));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const seconds = Math.ceil(error.msBeforeNext / 1_000);
      response.set("Retry-After", String(seconds));
      throw new Refused("too-many-requests", `Too many tries from this address. Try again in ${seconds} seconds.`);
    }
    next();
  };
}

/** No body at all is an empty one; `null` is a body of another shape. */
function bodyOf({ body }: Request): unknown {
  return body === undefined ? {} : (body as unknown);
}

function check(schema: z.ZodType | undefined, value: unknown, part: "address" | "query" | "body"): unknown {
  if (schema === undefined) {
    const unknown = Object.keys(value ?? {});
    if (unknown.length === 0) return undefined;
    throw invalid(
      part,
      unknown.map((path) => ({ path, message: "this field is not known here" })),
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(part, faultsOf(parsed.error));
}

function invalid(part: string, faults: ReturnType<typeof faultsOf>): Refused {
  const [first] = faults;
  const where = first === undefined || first.path === "" ? "" : `${first.path}: `;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return new Refused(
    "invalid-request",
    `The ${part} of the request is not valid: ${where}${first?.message ?? "not as described"}${more}. Nothing was changed; correct it and send it again.`,
    faults,
  );
}

async function send(request: Request, response: Response, reply: Reply): Promise<void> {
  if (reply.session !== undefined) setSession(response, reply.session);
  if (reply.location !== undefined) response.location(request.baseUrl + reply.location);
  response.status(reply.status);
  if (reply.status === 204) response.end();
  else if (reply.pieces === undefined) response.json(reply.body);
  else await sendPieces(response, reply.pieces);
}

/** An answer that was begun can only be cut off: whoever asked sees that it is not whole. */
async function sendPieces(response: Response, pieces: AsyncIterable<string>): Promise<void> {
  response.type("json");
  try {
    await pipeline(Readable.from(pieces), response);
  } catch (error) {
    if (!response.destroyed) throw error; // otherwise the asker went away, and hears nothing more
  }
}
