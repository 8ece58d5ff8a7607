/**
 * How the controller is asked: one request and what comes back, or the stream of notices.
 *
 * Every answer is parsed by its schema before anyone sees it, and every failure says what a person can do. A token goes
 * nowhere but where it was meant for.
 * @throws ApiProblem, Unreachable, ControllerNotTrusted, UnexpectedAnswer from every method
 */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { Notice } from "../../protocol/api.ts";
import { Problem } from "../../protocol/problem.ts";
import { ApiProblem, ControllerNotTrusted, UnexpectedAnswer, Unreachable } from "./errors.ts";
import { readEvents } from "./event-stream.ts";
import { fetchPinned } from "./pinned-fetch.ts";
import { tlsFault } from "./tls-fault.ts";

const ROOT = "/api/v1";
/** A loaded controller answers in a second or two; longer than this and it is better to say so. */
const ANSWER_WITHIN_MS = 30_000;
/** Three heartbeats of the controller: some proxies accept a stream and never pass anything on. */
const STREAM_SILENT_MS = 45_000;

export interface ApiClientOptions {
  /** Of the controller, as it printed it: `http://127.0.0.1:8480`. */
  readonly url: string;
  readonly token?: string;
  /** PEM of the only authority that is believed; without it, those that this machine believes. For https alone. */
  readonly ca?: string | undefined;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Query = Readonly<Record<string, string | number | undefined>>;

interface Ask {
  readonly query?: Query;
  readonly body?: unknown;
  /** The thing is made once, also if the request has to be sent again. */
  readonly once?: true;
}

export class Requests {
  readonly url: string;
  private readonly token: string | undefined;
  private readonly ca: string | undefined;

  constructor({ url, token, ca }: ApiClientOptions) {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
    this.ca = url.startsWith("https:") ? ca : undefined;
  }

  /** What comes back, parsed by its schema. */
  async ask<S extends z.ZodType>(method: Method, path: string, answer: S, ask: Ask = {}): Promise<z.output<S>> {
    const response = await this.send(method, path, ask);
    const parsed = answer.safeParse(parseJson(await bodyOf(response)));
    if (parsed.success) return parsed.data;
    throw new UnexpectedAnswer(
      "The controller answered in a form that this version does not know. Use the command line that came with the controller.",
      { cause: parsed.error },
    );
  }

  /** For an answer without a body. */
  async tell(method: Method, path: string): Promise<void> {
    await this.send(method, path, {});
  }

  /** The body as it came. */
  async text(path: string, withinMs: number): Promise<string> {
    return bodyOf(await this.send("GET", path, {}, withinMs));
  }

  private async send(
    method: Method,
    path: string,
    { query = {}, body, once }: Ask,
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (once === true) headers["idempotency-key"] = randomUUID();
    const timeout = AbortSignal.timeout(withinMs);
    const json = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.exchange(method, path + queryText(query), headers, json, timeout);
    if (!response.ok) throw await refusalIn(response);
    return response;
  }

  private async exchange(
    method: Method,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const wish = { method, headers: { ...headers, ...authorization }, signal, ...(body === undefined ? {} : { body }) };
    const address = this.url + ROOT + path;
    try {
      // A token goes nowhere but where it was meant for.
      if (this.ca === undefined) return await fetch(address, { ...wish, redirect: "error" });
      return await fetchPinned(this.ca, address, wish);
    } catch (cause) {
      const fault = tlsFault(this.url, this.ca !== undefined, cause);
      throw fault === undefined ? unreachable(this.url, cause) : new ControllerNotTrusted(fault, { cause });
    }
  }

  /** Notices as they come, until the stream ends or `signal` is aborted. */
  async *events(after: string | undefined, signal: AbortSignal): AsyncGenerator<Notice, void> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (after !== undefined) headers["last-event-id"] = after;
    // One controller, held by its listener and timer: a signal composed of others may be collected before it fires.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    signal.addEventListener("abort", end);
    const timer = setTimeout(end, STREAM_SILENT_MS);
    if (signal.aborted) end();
    try {
      const response = await this.exchange("GET", "/events", headers, undefined, ending.signal);
      if (!response.ok || response.body === null) throw await refusalIn(response);
      for await (const { event, data } of readEvents(response.body, () => timer.refresh())) {
        const notice = event === "notice" ? Notice.safeParse(parseJson(data)) : undefined;
        if (notice?.success === true) yield notice.data;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw isSaid(error) ? error : unreachable(this.url, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }
}

const isSaid = (error: unknown): error is Error =>
  error instanceof ApiProblem || error instanceof UnexpectedAnswer || error instanceof ControllerNotTrusted;

const unreachable = (url: string, cause: unknown): Unreachable =>
  new Unreachable(
    `The controller at ${url} does not answer. It may be stopped, or the address may be wrong. If something was asked for, it is not known whether it was done.`,
    { cause },
  );

async function bodyOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unreachable(response.url, cause);
  }
}

async function refusalIn(response: Response): Promise<Error> {
  const problem = Problem.safeParse(parseJson(await bodyOf(response)));
  if (problem.success) return new ApiProblem(problem.data);
  return new UnexpectedAnswer(
    `Something at this address answered with HTTP status ${response.status}, but not as a Ringback controller does. Check the address.`,
  );
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // no schema accepts it, so the caller's refuses
  }
}
