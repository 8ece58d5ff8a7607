/** One line a request in the log, without its query, body or credentials; changes and refusals stand out by level. */
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import type { Instant } from "../../protocol/time.ts";
import { REQUEST_ID } from "./problems.ts";

export function logRequests(log: Logger, now: () => Instant): RequestHandler {
  return (request, response, next) => {
    const { method, path } = request;
    const startedAt = now();
    response.on("close", () => {
      const level = response.statusCode >= 400 ? "warn" : method === "GET" || method === "HEAD" ? "debug" : "info";
      log[level](
        { requestId: response.get(REQUEST_ID), method, path, status: response.statusCode, tookMs: now() - startedAt },
        "request",
      );
    });
    next();
  };
}
