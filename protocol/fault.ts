/** What is wrong with a value, in one line that fits a close reason and a log. */
import type { z } from "zod";

/**
 * The first fault with its path, as "body.boot.tries: expected number". At most 100 characters of printable ASCII,
 * because names in it may come from an attacker, and a close reason holds 123 bytes.
 */
export function firstFault(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join(".") ?? "";
  return `${where === "" ? "frame" : where}: ${issue?.message ?? "invalid"}`
    .slice(0, 100)
    .replace(/[^\x20-\x7e]/g, "?");
}
