/** What a thread and the one that holds its database say to each other. Everything is structured-cloned. */
import { StoreFailed } from "../store/failures.ts";
import type { Method } from "./store-methods.ts";

/** Opens the file; answered as a call is. It comes before any call. */
export interface Open {
  readonly kind: "open";
  readonly id: number;
  readonly file: string;
  readonly readonly: boolean;
}
export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}
/** What is left of an error on the way: classes do not cross. */
export interface ErrorMessage {
  readonly name: string;
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | null;
  readonly cause: ErrorMessage | null;
}
export type Answer =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: ErrorMessage };

export function toMessage(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { name: "Error", code: null, message: String(error), stack: null, cause: null };
  const { name, message, stack, cause } = error;
  const code = "code" in error ? String(error.code) : null;
  return { name, code, message, stack: stack ?? null, cause: cause === undefined ? null : toMessage(cause) };
}

export function fromMessage({ name, code, message, stack, cause }: ErrorMessage): Error {
  const options = cause === null ? undefined : { cause: fromMessage(cause) };
  // Its own code, which only `StoreFailed` writes.
  if (name === "StoreFailed") return new StoreFailed(code as StoreFailed["code"], message, options);
  const error = new Error(message, options);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return code === null ? error : Object.assign(error, { code });
}
