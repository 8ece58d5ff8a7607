/**
 * One request to the API, its answer parsed by the schema that the API itself answers with.
 *
 * Resolves only with what the schema allows; everything else is one of the errors in `errors.ts`.
 */
import type { z } from "zod";
import { Problem } from "../../../protocol/problem.ts";
import { ApiProblem, UnexpectedAnswer, Unreachable } from "./errors.ts";

export const API_ROOT = "/api/v1";

/** Long enough for a loaded controller, short enough that a person is told before giving up. */
const ANSWER_WITHIN_MS = 10_000;

export interface Ask<S extends z.ZodType> {
  readonly answer: S;
  /** Below the root of the API, with the query string. */
  readonly path: string;
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** The same key again is answered with what the first request did. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export async function ask<S extends z.ZodType>(request: Ask<S>): Promise<z.infer<S>> {
  const { answer, path, signal } = request;
  const { status, text } = await exchange(`${API_ROOT}${path}`, requestInit(request), signal);
  const json = parseJson(text);
  if (status >= 400) throw problemIn(status, json);
  const parsed = answer.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UnexpectedAnswer(
    status,
    "The controller answered in a form that this page does not know. It was probably updated: reload the page.",
    { cause: parsed.error },
  );
}

function requestInit({ method, body, idempotencyKey, signal }: Omit<Ask<z.ZodType>, "answer" | "path">): RequestInit {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
  return {
    method: method ?? "GET",
    headers,
    credentials: "same-origin",
    cache: "no-store",
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

async function exchange(
  url: string,
  request: RequestInit,
  signal: AbortSignal | undefined,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, request);
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted === true) throw cause; // the page no longer wants the answer
    throw new Unreachable(
      "The controller does not answer. It may be stopped or restarting, or the network between here and it is down.",
      { cause },
    );
  }
}

function problemIn(status: number, json: unknown): Error {
  const problem = Problem.safeParse(json);
  if (problem.success) return new ApiProblem(problem.data);
  return new UnexpectedAnswer(
    status,
    `Something between here and the controller answered with HTTP status ${status}. If there is a proxy, look there first.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
