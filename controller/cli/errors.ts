/** What can go wrong between a client and the controller, and the exit code that tells a script which it was. */
import type { Problem } from "../../protocol/problem.ts";

/** The controller refused, in its own words (RFC 9457). Nothing was changed. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: Problem["code"];
  readonly status: number;
  readonly requestId: string | undefined;
  readonly faults: NonNullable<Problem["errors"]>;
  constructor({ code, status, detail, requestId, errors }: Problem) {
    super(detail);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.faults = errors ?? [];
  }
}

/** No answer. What was asked may have been done. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Whoever answers cannot be believed, so nothing was sent. */
export class ControllerNotTrusted extends Error {
  override readonly name = "ControllerNotTrusted";
}

/** Somebody answered, but not in the words of this API. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

/** The command line cannot be carried out as it was typed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** This machine holds no credential that may be sent there. */
export class NotSignedIn extends Error {
  override readonly name = "NotSignedIn";
}

export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  conflict: 5,
  timedOut: 6,
  rolloutStopped: 7,
  waitsForApproval: 8,
  /** 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_PROBLEM: Readonly<Record<Problem["code"], ExitCode>> = {
  "invalid-request": EXIT.usage,
  "not-found": EXIT.notFound,
  "not-signed-in": EXIT.notAllowed,
  "not-allowed": EXIT.notAllowed,
  "wrong-host": EXIT.notAllowed,
  conflict: EXIT.conflict,
  "wrong-state": EXIT.conflict,
  "nothing-selected": EXIT.conflict,
  "method-not-allowed": EXIT.error,
  "too-large": EXIT.error,
  "unsupported-media-type": EXIT.error,
  "too-many-requests": EXIT.error,
  unavailable: EXIT.error,
  internal: EXIT.error,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ApiProblem) return BY_PROBLEM[error.code];
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof NotSignedIn) return EXIT.notAllowed;
  return EXIT.error;
}
