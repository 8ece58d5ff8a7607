/** When a certificate is to be replaced: decided from its times alone, so that it can be asked of any moment. Pure. */
import type { Instant } from "../../protocol/time.ts";

export interface Lifetime {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/**
 * After two thirds of its life: of 90 days, 30 are left in which whatever fails can be seen to.
 * Also before its life began: then this machine's clock was set back, and peers may not take it.
 */
export function isRenewalDue({ notBefore, notAfter }: Lifetime, now: Instant): boolean {
  return now < notBefore || now >= notBefore + ((notAfter - notBefore) * 2) / 3;
}
