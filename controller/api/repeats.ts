/**
 * Idempotency-Key: the same request again gets the same answer, and the thing is made once.
 *
 * Kept in memory and bounded, since it is for the retry after a lost answer, not for the next day. A request that was
 * refused changed nothing, so its key is free again.
 */
import { digestOf, type Sha256 } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";
import { Refused } from "../ports/refused.ts";
import type { Reply } from "./route.ts";

const KEYS_MAX = 1_000;
const REMEMBERED_MS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,200}$/;

interface Remembered {
  readonly digest: Sha256;
  readonly at: Instant;
  readonly reply: Promise<Reply>;
}

export class Repeats {
  private readonly byKey = new Map<string, Remembered>();
  private readonly now: () => Instant;

  constructor(now: () => Instant) {
    this.now = now;
  }

  /** @param about everything that makes two requests the same: operation, parameters, body. */
  async once(key: string, by: string, about: unknown, carryOut: () => Promise<Reply>): Promise<Reply> {
    if (!KEY.test(key)) {
      throw new Refused("invalid-request", "Idempotency-Key must be 1 to 200 visible ASCII characters.");
    }
    const name = `${by}\n${key}`;
    const digest = digestOf(about);
    const known = this.byKey.get(name);
    if (known !== undefined && this.now() - known.at < REMEMBERED_MS) {
      if (known.digest !== digest) {
        throw new Refused(
          "conflict",
          "This Idempotency-Key was used for another request. Nothing was changed; take a new key for a new request.",
        );
      }
      return known.reply;
    }
    const reply = carryOut();
    this.remember(name, { digest, at: this.now(), reply });
    reply.catch(() => this.byKey.delete(name));
    return reply;
  }

  private remember(name: string, remembered: Remembered): void {
    this.byKey.delete(name);
    this.byKey.set(name, remembered);
    for (const oldest of this.byKey.keys()) {
      if (this.byKey.size <= KEYS_MAX) break;
      this.byKey.delete(oldest);
    }
  }
}
