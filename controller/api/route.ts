/**
 * What a route is, as data. The Express router and the OpenAPI document are both made from a list of these, so that
 * what is served and what is described cannot drift apart.
 */
import type { z } from "zod";
import type { Access } from "../ports/access.ts";
import type { Administration } from "../ports/administration.ts";

export interface Services {
  readonly administration: Administration;
  readonly access: Access;
  readonly version: string;
  readonly caSha256: string | null;
  readonly approvalOrigin: () => string;
}

/** A request that has been checked: its parts are of the route's schemas, and `by` is who asks ("" on public routes). */
interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly by: string;
}

export interface Reply<Body = unknown> {
  readonly status: 200 | 201 | 204;
  readonly body: Body;
  /** The same as JSON in pieces, of a body that is too large to be written at once. */
  readonly pieces?: AsyncIterable<string>;
  /** Where the thing that was made can be read, below /api/v1. */
  readonly location?: string;
  /** Signs the browser in with this token, or out with null. */
  readonly session?: string | null;
}

interface Common {
  /** In OpenAPI's form, below /api/v1: `/plans/{id}`. */
  readonly path: string;
  /** The operation's name for generated clients; never changes. */
  readonly operation: string;
  readonly summary: string;
  /** What more a caller must know. */
  readonly description?: string;
  /** `public` routes are for callers who cannot have a credential yet. Left out, a credential is needed. */
  readonly access?: "public";
  readonly query?: z.ZodObject;
}

/** A request with one answer. */
export interface AnswerRoute extends Common {
  readonly kind: "answer";
  readonly method: "get" | "post" | "put" | "delete";
  readonly params?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What each status means that the handler may answer. */
  readonly answers: Partial<Record<Reply["status"], string>>;
  /** Of the body of every answer; null if there is none. */
  readonly schema: z.ZodType | null;
  /** The Idempotency-Key header is honoured: making the thing twice would matter. */
  readonly repeatable?: true;
  /** Tries of guessing a secret: few are allowed in a minute. */
  readonly guarded?: true;
  /** False: the route is not there, like any path that never was. */
  readonly isThere?: (services: Services) => Promise<boolean>;
  readonly handle: (input: Input<unknown, unknown, unknown>, services: Services) => Promise<Reply>;
}

/** A stream of notices, for as long as the caller listens. */
interface StreamRoute extends Common {
  readonly kind: "stream";
  readonly method: "get";
}

export type Route = AnswerRoute | StreamRoute;

type Of<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

interface Typed<P, Q, B, S> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly schema: S;
  readonly handle: (
    input: Input<Of<P>, Of<Q>, Of<B>>,
    services: Services,
  ) => Promise<Reply<S extends z.ZodType ? z.output<S> : null>>;
}

/** Checks that a handler takes what the schemas give and answers what they say; then forgets the types. */
export function route<
  S extends z.ZodType | null,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(definition: Omit<AnswerRoute, "kind" | keyof Typed<P, Q, B, S>> & Typed<P, Q, B, S>): AnswerRoute {
  // The router hands a handler only what the schemas beside it have parsed.
  return { ...definition, kind: "answer" } as unknown as AnswerRoute;
}

export const ok = <Body>(body: Body): Reply<Body> => ({ status: 200, body });
export const created = <Body>(body: Body, location: string): Reply<Body> => ({ status: 201, body, location });
export const done = (): Reply<null> => ({ status: 204, body: null });
