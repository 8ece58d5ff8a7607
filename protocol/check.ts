/** Asking a device what steps would do there, before anybody approves them. Nothing is changed by it. */
import { z } from "zod";
import { ContentSourceId } from "./content.ts";
import { text } from "./names.ts";
import { Step } from "./playbook.ts";
import { RefusalRule } from "./progress.ts";

/** The steps of a playbook for `source`. What a policy does not allow as an order is not looked at either. */
export const CheckQuestion = z.strictObject({
  source: ContentSourceId,
  steps: z.array(Step).min(1).max(20),
});
export type CheckQuestion = z.infer<typeof CheckQuestion>;

/** `fail`: it would not do it, as things are; `because` says why. */
export const CheckResult = z.strictObject({
  step: z.int().min(0).max(19),
  would: z.enum(["change", "nothing", "fail"]),
  because: text(500),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const CheckAnswer = z.discriminatedUnion("kind", [
  /** One result a step, in their order. */
  z.strictObject({ kind: z.literal("looked"), results: z.array(CheckResult).min(1).max(20) }),
  /** `busy`: an order is under way here, or another check is or has just been; ask later. */
  z.strictObject({
    kind: z.literal("refused"),
    rule: z.union([RefusalRule, z.literal("busy")]),
    because: text(1_000),
  }),
]);
export type CheckAnswer = z.infer<typeof CheckAnswer>;
