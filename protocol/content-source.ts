/**
 * A content source as data: what belongs to it, how its versions are called, and what its vendor's protection lets anybody
 * do to it. Those of known products come with the agent; one's own are written in its settings.
 */
import { z } from "zod";
import { ContentSourceId } from "./content.ts";
import { text } from "./names.ts";
import { ServiceName } from "./playbook.ts";
import { RegistryKey, RegistryValue, RegistryValueName } from "./registry.ts";
import { WindowsGlob } from "./windows-path.ts";

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "i").source !== "";
  } catch {
    return false;
  }
}

/** Steps that touch a product, and that its protection may therefore stand against. */
const ProtectedKind = z.enum([
  "quarantine-file",
  "restore-file",
  "set-service-start",
  "restart-service",
  "set-registry-value",
  "remove-update",
  "block-update",
  "install-update",
  "revert-definitions",
  "restore-from-quarantine",
  "remove-driver",
]);
export type ProtectedKind = z.infer<typeof ProtectedKind>;
const kinds = z.array(ProtectedKind).max(20);

/** What keeps a source from getting new contents, undone when it is released. */
const HoldBy = z.discriminatedUnion("kind", [
  /** These values are set; what stood there before comes back. */
  z.strictObject({
    kind: z.literal("registry"),
    values: z
      .array(z.strictObject({ key: RegistryKey, name: RegistryValueName, value: RegistryValue }))
      .min(1)
      .max(10),
  }),
  /** This service is stopped and disabled; how it started before comes back. */
  z.strictObject({ kind: z.literal("service"), service: ServiceName }),
  /** Only the vendor's own console or interface can: the agent says so and holds nothing. */
  z.strictObject({ kind: z.literal("vendor"), how: text(500) }),
]);

/** What belongs to a source. A file's digest is its identity; `label` is for people. */
export const ContentSource = z.strictObject({
  id: ContentSourceId,
  title: text(120),
  /** None: its folder is not known for sure, or it has no files of its own; `notes` say so. No file is watched then. */
  files: z.array(WindowsGlob).max(20),
  label: z.discriminatedUnion("kind", [
    /** The first capture group of `pattern`, matched against the file's name, names the version. */
    z.strictObject({
      kind: z.literal("file-name"),
      pattern: z.string().max(200).refine(isPattern, "expected a regular expression"),
    }),
    z.strictObject({ kind: z.literal("digest") }),
  ]),

  // Since minor 3; a source of before has none of these.

  product: text(120).optional(),
  /**
   * Where the product writes its versions into the registry. Each value is watched, as a version of its own: one that
   * differs from machine to machine, or changes without an update, must not stand here.
   */
  registry: z
    .array(z.strictObject({ key: RegistryKey, name: RegistryValueName, what: text(120) }))
    .max(20)
    .optional(),
  /**
   * Steps that the vendor's protection permits while Windows runs normally, in safe mode, and while another system looks at
   * its disk. A kind that is not named fails at once and says where it is possible. Left out: nothing is known.
   */
  permits: z.strictObject({ normal: kinds, safe: kinds, offline: kinds }).optional(),
  hold: HoldBy.optional(),
  /** The vendor documents that older contents may be put back. Otherwise they are put away only, and the product fetches. */
  isRestorable: z.boolean().optional(),
  /** Who reads it first. What a driver of the boot reads cannot be moved by a rename at the next start: that comes too late. */
  readBy: z.enum(["boot-start-driver", "system-start-driver", "service"]).optional(),
  /** Must run while the product protects. */
  services: z.array(ServiceName).max(20).optional(),
  /** Facts for whoever plans: from the vendor's documentation, with what is not known for sure. */
  notes: z.array(text(1_000)).max(20).optional(),
});
export type ContentSource = z.infer<typeof ContentSource>;
