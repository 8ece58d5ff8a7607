/** What every answer tells a browser: run nothing but our own scripts, show us in no frame, keep nothing of the API. */
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import helmet from "helmet";
import { REQUEST_ID } from "./problems.ts";

/** Nothing is inline: neither scripts nor styles. The console's theme is compiled into its style sheet. */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: "deny" },
    strictTransportSecurity: false, // there is no TLS yet, and browsers ignore it without
  });

/** Each request gets an id of ours; one that a caller sends along is not believed, since it ends up in the log. */
export const requestIds: RequestHandler = (_request, response, next) => {
  response.set(REQUEST_ID, randomUUID());
  next();
};

export const neverStored: RequestHandler = (_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};
