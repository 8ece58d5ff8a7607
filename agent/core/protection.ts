/**
 * What the protection of a product lets anybody do to it in the mode that the machine is in, as its content source says.
 *
 * Pure. A source that says nothing forbids nothing here; whatever then stands in the way is met by the step itself.
 */
import type { ContentSource, ProtectedKind } from "../../protocol/content-source.ts";
import type { Step } from "../../protocol/playbook.ts";
import type { BootMode } from "./safe-mode.ts";

/** Why the step is not possible here and now, in words; undefined if nothing is known against it. */
export function forbiddenBecause(source: ContentSource | undefined, step: Step, mode: BootMode): string | undefined {
  if (source?.permits === undefined || !touches(source, step)) return undefined;
  const state = mode === "normal" ? "normal" : mode === "recovery" ? "offline" : "safe";
  if (namesKind(source.permits[state], step)) return undefined;
  const elsewhere = STATES.filter((other) => namesKind(source.permits?.[other], step));
  const instead =
    elsewhere.length === 0
      ? "nor in any other: use what the vendor offers"
      : `it is possible ${elsewhere.map((other) => WORDS[other]).join(" or ")}`;
  return `${source.title}: as far as is known, ${step.kind} is not permitted there ${WORDS[state]}; ${instead}`;
}

const STATES = ["normal", "safe", "offline"] as const;
const WORDS = { normal: "in normal mode", safe: "in safe mode", offline: "while Windows does not run" } as const;

/**
 * Is the step about the product itself? Services of others are not protected by it; neither are updates of Windows, unless
 * the source speaks of them.
 */
function touches(source: ContentSource, step: Step): boolean {
  if ("service" in step) return source.services?.some((name) => same(name, step.service)) === true;
  return OF_ANY_PRODUCT.has(step.kind) || STATES.some((state) => namesKind(source.permits?.[state], step));
}
const OF_ANY_PRODUCT: ReadonlySet<string> = new Set<ProtectedKind>([
  "quarantine-file",
  "restore-file",
  "set-registry-value",
  "remove-driver",
]);
const namesKind = (kinds: readonly ProtectedKind[] | undefined, { kind }: Step): boolean =>
  kinds?.some((named) => named === kind) === true;
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
