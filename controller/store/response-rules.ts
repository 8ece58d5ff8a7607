/** What the controller may do about incidents by itself, as a person set it. */
import type { ResponseRule as ResponseRuleSchema } from "../../protocol/api-incidents.ts";
import type { Instant } from "../../protocol/time.ts";
import type { z } from "zod";

/** What the controller may do by itself, as a person set it. */
export type ResponseRule = z.infer<typeof ResponseRuleSchema>;

interface ResponseRulesRow {
  readonly rules: readonly ResponseRule[];
  readonly changedAt: Instant;
  readonly changedBy: string;
}

export interface ResponseRuleStore {
  /** Undefined until somebody has set any. */
  responseRules(): Promise<ResponseRulesRow | undefined>;
  putResponseRules(row: ResponseRulesRow): Promise<void>;
}
