/**
 * Every refusal leaves the API as problem details (RFC 9457) with a stable code and the id of the request.
 *
 * What was expected is a `Refused` and is told in full. Anything else is a fault of ours: the caller learns the request
 * id, the log learns the cause, and nothing of it is in the answer.
 */
import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { Problem } from "../../protocol/problem.ts";
import { Refused } from "../ports/refused.ts";
import { StoreFailed } from "../store/failures.ts";

type Code = Problem["code"];

export const PROBLEMS: Readonly<Record<Code, { readonly status: number; readonly title: string }>> = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  "not-signed-in": { status: 401, title: "Not signed in" },
  "not-allowed": { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  conflict: { status: 409, title: "Conflict" },
  "wrong-state": { status: 409, title: "Not possible in this state" },
  "too-large": { status: 413, title: "The request is too large" },
  "unsupported-media-type": { status: 415, title: "Not JSON" },
  "wrong-host": { status: 421, title: "Not an address of this controller" },
  "nothing-selected": { status: 422, title: "No device is selected" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "The controller failed" },
  unavailable: { status: 503, title: "Not available now" },
};

export const REQUEST_ID = "X-Request-Id";

/** The last handler of all: turns what was thrown into an answer. */
export function answerProblems(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const refusal = asRefusal(error);
    const requestId = response.get(REQUEST_ID);
    if (refusal === undefined) {
      log.error({ err: error, requestId, method: request.method, path: request.path }, "a request failed");
    }
    if (response.headersSent) {
      response.destroy(); // an answer that broke off must not look whole
      return;
    }
    sendProblem(response, refusal ?? new Refused("internal", INTERNAL));
  };
}

const INTERNAL =
  "Something went wrong inside the controller, so it is not known whether what was asked has been done. Look at the state before you try again; the controller's log has the cause under this request id.";

const DATABASE_FAILED =
  "The controller cannot read or write its database now, so it is not known whether what was asked has been done. Look at the state before you try again. If this lasts, see to the database's disk and connection; agents keep their reports meanwhile.";

function sendProblem(response: Response, { code, message, errors }: Refused): void {
  const { status, title } = PROBLEMS[code];
  const requestId = response.get(REQUEST_ID);
  const problem: Problem = {
    type: `urn:ringback:problem:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  };
  if (code === "not-signed-in") response.set("WWW-Authenticate", 'Bearer realm="ringback"');
  response.status(status).type("application/problem+json").send(JSON.stringify(problem));
}

/** One answer for every address without anything, so that it does not tell what has been there. */
export const nothingHere = (): Refused =>
  new Refused("not-found", "There is nothing at this address. The API is described at /api/v1/openapi.json.");

/** Undefined for what nobody expected. Faults that Express and its body parser find are the caller's. */
function asRefusal(error: unknown): Refused | undefined {
  if (error instanceof Refused) return error;
  if (error instanceof StoreFailed && error.code !== "unexpected") return new Refused("unavailable", DATABASE_FAILED);
  if (!(error instanceof Error)) return undefined;
  const type = "type" in error ? error.type : undefined;
  switch (type) {
    case "entity.too.large":
      return new Refused("too-large", "The body is larger than the controller takes. Nothing was changed.");
    case "entity.parse.failed":
      return new Refused("invalid-request", "The body is not valid JSON. Nothing was changed.", [
        { path: "", message: "not valid JSON" },
      ]);
    case "encoding.unsupported":
    case "charset.unsupported":
      return new Refused("unsupported-media-type", "Send the body as plain JSON in UTF-8, not compressed.");
    case "request.aborted":
    case "request.size.invalid":
      return new Refused("invalid-request", "The body did not arrive whole. Nothing was changed; send it again.");
    default:
  }
  // Express and its file server mark what the caller did wrong: a broken % sequence, a range outside the file.
  const status = "status" in error && typeof error.status === "number" ? error.status : 500;
  return status >= 400 && status < 500
    ? new Refused("invalid-request", "The address or a header of the request is not valid. Nothing was changed.")
    : undefined;
}
