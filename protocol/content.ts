/** Names of content sources, the versions of them found on a machine, and the ledger of changes that each agent keeps. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { text } from "./names.ts";
import { RegistryPlace } from "./registry-version.ts";
import { Instant } from "./time.ts";
import { WindowsPath } from "./windows-path.ts";

/** A stream of updates of one product: `crowdstrike.channel-291`, `defender.definitions`. */
export const ContentSourceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, "expected lower-case letters, digits, dots and hyphens")
  .brand<"ContentSourceId">();
export type ContentSourceId = z.infer<typeof ContentSourceId>;

/**
 * One file of a source as it is on a disk or, since minor 4, one value of the registry in which a product writes its version.
 * `label` is for people; `sha256` is what is compared: of a file's contents, or `registryVersionDigest`.
 */
export const ContentVersion = z.strictObject({
  source: ContentSourceId,
  sha256: Sha256,
  label: text(120),
  path: z.union([WindowsPath, RegistryPlace]),
  /** Of a value: those of its canonical text. */
  sizeBytes: z.int().min(0),
  /** When a file was written, or the key that holds a value. */
  modifiedAt: Instant,
});
export type ContentVersion = z.infer<typeof ContentVersion>;

/** One line of the content ledger: on the device's disk before it is reported. Times are the device's clock. */
export const ContentChange = z.strictObject({
  change: z.enum(["appeared", "disappeared"]),
  noticedAt: Instant,
  version: ContentVersion,
});
export type ContentChange = z.infer<typeof ContentChange>;
