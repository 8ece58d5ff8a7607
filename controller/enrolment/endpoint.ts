/**
 * `POST /enrol/v1` by itself, beside the API: devices know nothing of sessions, and people nothing of this address.
 *
 * The body is read only so far, in only so long a time; what is refused is answered in the same words, whyever.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { ENROLMENT_PATH, EnrolmentRequest } from "../../protocol/enrolment.ts";
import { CHANNEL } from "../../protocol/frames.ts";
import { StoreFailed } from "../store/failures.ts";
import { type EnrolmentDeps, enrol, type Outcome } from "./enrol.ts";

export interface EndpointLimits {
  /** From one address; a whole site may stand behind one. */
  readonly triesPerMinuteMax: number;
  /** Refusals, from one address. */
  readonly refusalsPerMinuteMax: number;
}
const LIMITS: EndpointLimits = { triesPerMinuteMax: 3_000, refusalsPerMinuteMax: 60 };
/** A claim is about 700 bytes. */
const BODY_BYTES_MAX = 8 * 1024;

export interface EndpointDeps extends EnrolmentDeps {
  /** Who asks: the socket's address, or what the TLS front in front of the controller says. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly limits?: Partial<EndpointLimits>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly retryAfterSeconds?: number;
}

const REFUSED: Answer = {
  status: 401,
  body: {
    code: "not-allowed",
    detail:
      "The enrolment was refused; nothing was stored. The controller's log says why, under this device's id. Ask an administrator for a token for this device's group; a token works for a day at most.",
  },
};
const ANSWERS: Readonly<Record<Exclude<Outcome["kind"], "enrolled">, Answer>> = {
  refused: REFUSED,
  "says-front": {
    status: 401,
    body: {
      code: "not-allowed",
      detail:
        "The device was told that a TLS front stands before the controller, and this controller ends TLS itself; nothing was stored. Enrol again without --binding front.",
    },
  },
  "says-direct": {
    status: 401,
    body: {
      code: "not-allowed",
      detail:
        "The device was told that the controller ends TLS itself, and a front does; nothing was stored. Enrol again with --binding front.",
    },
  },
  "used-up": {
    status: 409,
    body: {
      code: "conflict",
      detail: "All uses of this token are taken; nothing was stored. Ask an administrator for another one.",
    },
  },
  taken: {
    status: 409,
    body: {
      code: "conflict",
      detail: "This id belongs to another key; nothing was stored. Run seal, so that the device makes a new one.",
    },
  },
};
const invalid = (detail: string, status = 400): Answer => ({ status, body: { code: "invalid-request", detail } });

/** Answers requests to enrol; false for every other request, which is left alone. */
export function enrolmentEndpoint(deps: EndpointDeps): (request: IncomingMessage, response: ServerResponse) => boolean {
  const limits = { ...LIMITS, ...deps.limits };
  const tries = new RateLimiterMemory({ points: limits.triesPerMinuteMax, duration: 60 });
  const refusals = new RateLimiterMemory({ points: limits.refusalsPerMinuteMax, duration: 60 });

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    if (request.method !== "POST") return invalid("This address takes POST.", 405);
    const address = deps.addressOf(request);
    await tries.consume(address);
    const refused = await refusals.get(address);
    if (refused !== null && refused.consumedPoints >= limits.refusalsPerMinuteMax) return slowDown(refused);
    const asked = EnrolmentRequest.safeParse(await bodyOf(request));
    if (!asked.success) return invalid("The body is no enrolment as this controller knows it. Nothing was stored.");
    const outcome = await enrol(deps, { request: asked.data, channel: channelOf(request), address });
    if (outcome.kind === "enrolled") return { status: 200, body: outcome.answer };
    if (outcome.kind === "refused" || outcome.kind === "says-front" || outcome.kind === "says-direct")
      await refusals.consume(address).catch(() => undefined); // asked above, next time
    return ANSWERS[outcome.kind];
  }

  return (request, response) => {
    if (request.url !== ENROLMENT_PATH) return false;
    void answerTo(request)
      .catch((error: unknown) => failure(error, deps))
      .then((answer) => send(response, answer));
    return true;
  };
}

function slowDown({ msBeforeNext }: RateLimiterRes): Answer {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  const detail = `Too many tries. Try again in ${retryAfterSeconds} seconds.`;
  return { status: 429, body: { code: "too-many-requests", detail }, retryAfterSeconds };
}

function failure(error: unknown, { log }: EndpointDeps): Answer {
  if (error instanceof RateLimiterRes) return slowDown(error);
  if (error instanceof BodyRefused) return invalid(error.message, error.status);
  const known = error instanceof StoreFailed;
  log.error({ error: known ? error.message : String(error) }, "an enrolment could not be carried out");
  const detail = "The controller cannot enrol devices now. Nothing is lost: try again in a while.";
  return {
    status: known ? 503 : 500,
    body: { code: known ? "unavailable" : "internal", detail },
    retryAfterSeconds: 10,
  };
}

function send(response: ServerResponse, { status, body, retryAfterSeconds }: Answer): void {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    ...(retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify(body));
}

/** Empty without TLS of our own. */
function channelOf({ socket }: IncomingMessage): string {
  if (!(socket instanceof TLSSocket)) return "";
  return socket.exportKeyingMaterial(CHANNEL.bytes, CHANNEL.label, Buffer.alloc(0)).toString("base64");
}

class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new BodyRefused(413, "The body is larger than any enrolment. Nothing was stored.");
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
  } catch {
    throw new BodyRefused(400, "The body is not JSON. Nothing was stored.");
  }
}
