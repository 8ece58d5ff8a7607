/** Who may ask: set-up codes and tokens, stored as SHA-256 only. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";

export interface AccessStore {
  /** Set-up codes and tokens are stored as SHA-256 only. */
  addSetupCode(hash: Sha256, expiresAt: Instant): Promise<void>;
  /** Uses up the code and stores the token, in one transaction. False if the code is unknown, used or expired. */
  redeemSetupCode(
    hash: Sha256,
    now: Instant,
    token: { readonly hash: Sha256; readonly name: string },
  ): Promise<boolean>;
  /** Has set-up ever been completed? */
  isSetUp(): Promise<boolean>;
  /** Whose token this is. */
  tokenOwner(hash: Sha256): Promise<string | undefined>;
}
