/** The web side of the controller: REST under /api/v1, its description, live notices, and the console's files. */
import express, { type Express } from "express";
import type { Logger } from "pino";
import type { Instant } from "../../protocol/time.ts";
import type { Access } from "../ports/access.ts";
import type { Administration } from "../ports/administration.ts";
import { consolePages } from "./console.ts";
import { stripUntrusted } from "./front.ts";
import { neverStored, requestIds, securityHeaders } from "./headers.ts";
import { onlyFor } from "./hosts.ts";
import { type LiveLimits, LiveStreams } from "./live.ts";
import { logRequests } from "./log.ts";
import { openApiDocument } from "./openapi.ts";
import { answerProblems, nothingHere } from "./problems.ts";
import { Repeats } from "./repeats.ts";
import { routerOf } from "./router.ts";
import { ROUTES } from "./routes.ts";

export interface ApiLimits extends LiveLimits {
  readonly bodyBytesMax: number;
  /** Tries of set-up codes and tokens from one address. */
  readonly guessesPerMinuteMax: number;
}

const LIMITS: ApiLimits = {
  bodyBytesMax: 1024 * 1024,
  guessesPerMinuteMax: 10,
  streamsMax: 100,
  heartbeatMs: 15_000,
  bufferedBytesMax: 256 * 1024,
};

export interface ApiDependencies {
  readonly administration: Administration;
  readonly access: Access;
  readonly log: Logger;
  readonly version: string;
  /** Where the built console is; without it a page says how to build it. */
  readonly consoleFolder?: string;
  readonly now: () => Instant;
  /** Names to answer to: `LOOPBACK_HOSTS` of hosts.ts, and those that an administrator gave. See `onlyFor`. */
  readonly allowedHosts: readonly string[];
  /** Where passkeys approve. Asked for late: a free port is known only when the server listens. */
  readonly approvalOrigin: () => string;
  /** As the administrator named it, where it is not the one on loopback. */
  readonly namedApprovalOrigin?: string;
  /** Aborted when the controller stops: live streams end, so that the server can close. */
  readonly stopping?: AbortSignal;
  readonly limits?: Partial<ApiLimits>;
  /** TLS ends in a front on this machine, whose word about requests counts. */
  readonly behindFront?: boolean;
  /** SHA-256 of the certificate that agents pin; null where TLS does not end here. */
  readonly caSha256?: string | null;
}

export function createApi(dependencies: ApiDependencies): Express {
  const { administration, access, log, version, now, allowedHosts, approvalOrigin, namedApprovalOrigin } = dependencies;
  const fronts = namedApprovalOrigin === undefined ? [] : [namedApprovalOrigin];
  const limits: ApiLimits = { ...LIMITS, ...dependencies.limits };
  const stopping = dependencies.stopping ?? new AbortController().signal;
  const description = openApiDocument(ROUTES);

  const app = express();
  app.disable("x-powered-by");
  app.disable("etag"); // answers say as of when, so no two are the same
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.use((request, _response, next) => {
    stripUntrusted(request, dependencies.behindFront === true);
    next();
  });
  app.use(requestIds, securityHeaders(), logRequests(log, now), onlyFor(allowedHosts, fronts));
  app.use("/api", neverStored);
  app.get("/api/v1/openapi.json", (_request, response) => void response.json(description));
  app.use(
    "/api/v1",
    routerOf(ROUTES, {
      services: { administration, access, version, approvalOrigin, caSha256: dependencies.caSha256 ?? null },
      live: new LiveStreams(administration, limits, stopping),
      repeats: new Repeats(now),
      bodyBytesMax: limits.bodyBytesMax,
      guessesPerMinuteMax: limits.guessesPerMinuteMax,
    }),
  );
  app.use(consolePages(dependencies.consoleFolder));
  app.use(() => {
    throw nothingHere();
  });
  app.use(answerProblems(log));
  return app;
}
