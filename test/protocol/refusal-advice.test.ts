/** Every rule by which something can be refused says what to do next. */
import { expect, test } from "vitest";
import { RefusalRule, TrustRefusalRule } from "../../protocol/progress.ts";
import { adviceFor } from "../../protocol/refusal-advice.ts";
import type { OrderId } from "../../protocol/ids.ts";

const orderId = "order_01m81j18g0nz4v67cz7wv4bbjp" as OrderId;
const because = "a test";

test.each([
  ...RefusalRule.options.map((rule) => ({ kind: "order-refused", orderId, rule, because }) as const),
  ...TrustRefusalRule.options.map((rule) => ({ kind: "trust-refused", what: "hold", rule, because }) as const),
])("$kind by $rule", (refusal) => {
  expect(adviceFor(refusal)).toMatch(/^[A-Z].{30,}\.$/);
});
