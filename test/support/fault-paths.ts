/** Where a schema finds fault with a value: the path of each issue, those inside a union's variants too. */
import type { z } from "zod";

export function faultPaths(schema: z.ZodType, value: unknown): readonly string[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => pathsOf(issue, []));
}

function pathsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return issue.errors.flat().flatMap((inner) => pathsOf(inner, path));
  }
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key].join("."));
  return [path.join(".")];
}
