/** Problem details (RFC 9457) with a stable `code`, and the path of each fault in a request. */
import { z } from "zod";

export const PROBLEM_CODES = [
  "invalid-request",
  "not-found",
  "not-signed-in",
  "not-allowed",
  "conflict",
  "wrong-state",
  "nothing-selected",
  "method-not-allowed",
  "too-large",
  "unsupported-media-type",
  "wrong-host",
  "too-many-requests",
  "unavailable",
  "internal",
] as const;

export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(PROBLEM_CODES),
  /** What happened, what it means and what to do next. */
  detail: z.string(),
  requestId: z.string().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
