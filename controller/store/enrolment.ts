/** Tokens with which devices enrol, and the one transaction that makes a device known. */
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Binding, DeviceStanding, TokenAcceptance } from "../../protocol/enrolment.ts";
import type { DeviceId, StreamId, TokenId } from "../../protocol/ids.ts";
import type { GroupName, Image, Role, Site } from "../../protocol/names.ts";
import type { PublicKey } from "../../protocol/public-key.ts";
import type { Instant } from "../../protocol/time.ts";

/** A token with which devices enrol, as it is stored: never the token itself. */
export interface EnrolmentTokenRow {
  readonly id: TokenId;
  readonly hash: Sha256;
  readonly group: GroupName;
  readonly site: Site;
  readonly role: Role;
  /** For machines that are made from an image and thrown away again. */
  readonly pool: boolean;
  readonly acceptance: TokenAcceptance;
  /** So many devices may become known by it. */
  readonly usesMax: number;
  readonly uses: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly revokedBy: string | null;
}

/** A device that shows a token and has proven its key. */
export interface Enrolment {
  readonly tokenHash: Sha256;
  readonly deviceId: DeviceId;
  readonly publicKey: PublicKey;
  readonly name: string;
  readonly group: GroupName;
  readonly image: Image | null;
  readonly binding: Binding;
  /** What the token's rule says of this device. */
  readonly standing: "pending" | "accepted";
  readonly because: string;
}

/**
 * `used-up`: the token is good, but all its uses are taken. `taken`: the id belongs to another key. `refused`: nothing
 * was stored; why is for the log alone.
 */
export type EnrolmentResult =
  | {
      readonly kind: "enrolled";
      /** The id that the key has had before, if it is known. */
      readonly deviceId: DeviceId;
      readonly standing: DeviceStanding;
      readonly isNew: boolean;
    }
  | { readonly kind: "used-up" | "taken" }
  | { readonly kind: "refused"; readonly because: string };

export interface EnrolmentStore {
  addEnrolmentToken(token: EnrolmentTokenRow): Promise<void>;
  /** Newest first, at most `limit`. */
  enrolmentTokens(limit: number): Promise<readonly EnrolmentTokenRow[]>;
  enrolmentToken(hash: Sha256): Promise<EnrolmentTokenRow | undefined>;
  /** False if there is no such token, or it was revoked before. */
  revokeEnrolmentToken(id: TokenId, at: Instant, by: string): Promise<boolean>;
  /**
   * Counts the use and stores the device, in one transaction. A key that is known keeps its id and takes no use: a
   * device that did not hear the answer asks again, and no device more becomes known by that.
   */
  enrol(stream: StreamId, enrolment: Enrolment, now: Instant): Promise<EnrolmentResult>;
}
