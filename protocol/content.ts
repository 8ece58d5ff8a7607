/** Content sources, the versions of them found on a disk, and the ledger of changes that each agent keeps. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { text } from "./names.ts";
import { Instant } from "./time.ts";
import { WindowsGlob, WindowsPath } from "./windows-path.ts";

/** A stream of updates of one product: `crowdstrike.channel-291`, `defender.definitions`. */
export const ContentSourceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{1,62}$/, "expected lower-case letters, digits, dots and hyphens")
  .brand<"ContentSourceId">();
export type ContentSourceId = z.infer<typeof ContentSourceId>;

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "i").source !== "";
  } catch {
    return false;
  }
}

/** What belongs to a source, as data: files by glob, and how a file's version is called. The digest is the identity. */
export const ContentSource = z.strictObject({
  id: ContentSourceId,
  title: text(120),
  files: z.array(WindowsGlob).min(1).max(20),
  label: z.discriminatedUnion("kind", [
    /** The first capture group of `pattern`, matched against the file's name, names the version. */
    z.strictObject({
      kind: z.literal("file-name"),
      pattern: z.string().max(200).refine(isPattern, "expected a regular expression"),
    }),
    z.strictObject({ kind: z.literal("digest") }),
  ]),
});
export type ContentSource = z.infer<typeof ContentSource>;

/** One file of a source as it is on a disk. `label` is for people; `sha256` is what is compared. */
export const ContentVersion = z.strictObject({
  source: ContentSourceId,
  sha256: Sha256,
  label: text(120),
  path: WindowsPath,
  sizeBytes: z.int().min(0),
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
