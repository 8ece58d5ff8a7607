/**
 * What can go wrong between the console and the API. Each error says what happened and what to do next; a page shows
 * `message` as it is.
 */
import type { Problem } from "../../../protocol/problem.ts";

/** The API answered with a problem document (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: Problem["code"];
  readonly status: number;
  readonly title: string;
  readonly requestId: string | undefined;
  readonly faults: NonNullable<Problem["errors"]>;
  constructor(problem: Problem) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.requestId = problem.requestId;
    this.faults = problem.errors ?? [];
  }
}

/** No answer: the controller is down, the network is cut, or it took too long. What was asked may have been done. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Somebody answered, but not in the words of the API: a proxy, or a controller of another version. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export const isNotSignedIn = (error: unknown): boolean => error instanceof ApiProblem && error.code === "not-signed-in";
