/**
 * Tokens and the one-time set-up code: 256 random bits each, of which the controller keeps the SHA-256 only.
 *
 * They are opaque: nothing can be read out of one, and whoever reads the database can use none. A plain hash is enough,
 * because there is nothing to guess in 256 bits.
 */
import { createHash } from "node:crypto";
import type { Sha256 } from "../../protocol/canonical.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { Random } from "../ports.ts";
import type { Access } from "../ports/access.ts";
import type { AccessStore } from "../store/access.ts";
import { StoreFailed } from "../store/failures.ts";

const SECRET_BYTES = 32;
const CODE_VALID_MS = 24 * 3_600_000;
/** People who are remembered for a time without the record. */
const SEEN_MAX = 1_000;
/** So that a token is known for what it is where it should not be: in a log, a repository, a chat. */
const TOKEN_PREFIX = "ringback_";

export interface SetupAccess extends Access {
  /**
   * Makes a set-up code and the link that holds it, good once and for 24 hours; for the terminal only.
   *
   * The code stands in the fragment, which a browser sends to no server and writes into no log.
   * @param url of the controller, without a path
   */
  makeSetupLink(url: string): Promise<string>;
}

export function createAccess(store: AccessStore, now: () => Instant, random: Random): SetupAccess {
  let setUpOnce = false; // set-up is never undone, so a yes needs no second question
  let linkOpenUntil = 0;
  /** Who came before: while the record is away they can still stop everything. */
  const seen = new Map<Sha256, string>();
  const owner = async (hash: Sha256): Promise<string | undefined> => {
    try {
      const name = await store.tokenOwner(hash);
      seen.delete(hash);
      if (name !== undefined) seen.set(hash, name);
      for (const oldest of seen.keys()) if (seen.size > SEEN_MAX) seen.delete(oldest);
      return name;
    } catch (error) {
      const name = error instanceof StoreFailed ? seen.get(hash) : undefined;
      if (name === undefined) throw error;
      return name;
    }
  };
  const isSetUp = async (): Promise<boolean> => {
    setUpOnce ||= await store.isSetUp();
    return setUpOnce;
  };
  return {
    isSetUp,
    takesSetup: async () => now() < linkOpenUntil || !(await isSetUp()),
    owner: (token) => owner(hashOf(token)),
    async setUp(code, name) {
      const token = TOKEN_PREFIX + secret(random);
      const redeemed = await store.redeemSetupCode(hashOf(code), now(), { hash: hashOf(token), name });
      if (!redeemed) return undefined;
      linkOpenUntil = 0;
      return { token };
    },
    async makeSetupLink(url) {
      const code = secret(random);
      linkOpenUntil = later(now(), CODE_VALID_MS);
      await store.addSetupCode(hashOf(code), later(now(), CODE_VALID_MS));
      return `${url}/setup#code=${code}`;
    },
  };
}

/** Letters, digits, - and _: fits a URL, a header and a cookie. `Random` may give more than was asked for. */
const secret = (random: Random): string =>
  Buffer.from(random(SECRET_BYTES).subarray(0, SECRET_BYTES)).toString("base64url");

const hashOf = (text: string): Sha256 => createHash("sha256").update(text).digest("hex") as Sha256;
