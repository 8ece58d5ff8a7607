/**
 * Safe mode of a lab machine: one word in `safe-mode.json`, which whoever plays the kernel takes away as it starts so. What
 * led to a start is not to be seen afterwards.
 */
import { z } from "zod";
import type { SafeModes } from "../../machine-parts.ts";
import { JsonFile } from "./json-file.ts";
import { SAFE_MODE } from "./layout.ts";

const Next = z.strictObject({ next: z.enum(["minimal", "network"]).nullable() });

export function labSafeModes(machine: string): SafeModes {
  const file = new JsonFile<z.infer<typeof Next>>(machine, SAFE_MODE, Next, { next: null });
  return {
    forbiddenBecause: async () => undefined,
    next: () => file.look("look at safe mode", ({ next }) => next ?? undefined),
    setOnce: (next) => file.change("set safe mode", () => ({ next })),
    clear: () => file.change("clear safe mode", () => ({ next: null })),
    hasLedHere: async () => ({ kind: "ok", value: false }),
  };
}
