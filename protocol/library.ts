/**
 * The playbook library: for each known kind of faulty update the steps that undo it, with what must be known before they
 * are used. Steps are templates: `${...}` stands for what an incident or a person says.
 *
 * An entry never promises more than the steps do: what cannot be undone by a step has no steps, and says what to do instead.
 */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { Role, Slug, text } from "./names.ts";
import { DefinitionsVersion, ServiceName, UpdateName } from "./playbook.ts";
import { WindowsGlob, WindowsPath } from "./windows-path.ts";

const lines = (max: number) => z.array(text(1_000)).max(max);

/** `*`: any source. `crowdstrike.*`: every source of that product. Otherwise the one source. */
export const SourcePattern = z
  .string()
  .regex(
    /^(?:\*|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*(?:\.\*)?)$/,
    "expected a source, as crowdstrike.channel-291, acme.* or *",
  );

/** What a faulty version does to a machine. */
export const LibraryEffect = z.enum([
  "boot-loop",
  "crash-once",
  "crash-again",
  "no-network",
  "service-lost",
  "data-lost",
  "slow",
  "recovery-prompt",
  "install-fails",
  "none",
]);
export type LibraryEffect = z.infer<typeof LibraryEffect>;

/**
 * What a step may leave open. `incident`: follows from the version that the incident names; the others a person must
 * say, unless the version's label says it.
 */
export const LIBRARY_PARAMETERS = {
  "version.sha256": {
    from: "incident",
    what: "the digests of the faulty contents",
    schema: z.array(Sha256).min(1).max(20),
  },
  "version.path": { from: "incident", what: "where the faulty file lies", schema: WindowsPath },
  "version.files": { from: "incident", what: "the faulty file's folder and kind of file", schema: WindowsGlob },
  update: { from: "person", what: "the number of the faulty update, as KB5009624", schema: UpdateName },
  definitions: { from: "person", what: "the faulty definitions, as 1.381.2140.0", schema: DefinitionsVersion },
  service: { from: "person", what: "the short name of the product's service", schema: ServiceName },
  "lost.file": {
    from: "person",
    what: "the file of Windows that was taken away, with its folder",
    schema: WindowsPath,
  },
  "lost.sha256": {
    from: "person",
    what: "SHA-256 of that file as it was before, from a machine that is well",
    schema: Sha256,
  },
  "lost.threat": { from: "person", what: "the threat that the product took the file for, by name", schema: text(200) },
  "fix.update": { from: "person", what: "the number of the update that mends it", schema: UpdateName },
  "fix.file": {
    from: "person",
    what: "where that update's .msu or .cab file lies on each device",
    schema: WindowsPath,
  },
  "fix.sha256": { from: "person", what: "SHA-256 of that .msu or .cab file", schema: Sha256 },
  "driver.package": { from: "person", what: "the driver package's own name, as acme.inf", schema: text(104) },
  "driver.provider": { from: "person", what: "who made the driver package, as pnputil shows it", schema: text(120) },
  "driver.version": { from: "person", what: "the faulty version of the driver package, as 10.0.1.1", schema: text(40) },
} as const satisfies Record<string, { from: "incident" | "person"; what: string; schema: z.ZodType }>;
export type LibraryParameter = keyof typeof LIBRARY_PARAMETERS;

/** How a version is called by those who report it; names of parameters in requests. */
export const LibraryParameters = z.partialRecord(
  z.enum(Object.keys(LIBRARY_PARAMETERS) as [LibraryParameter, ...LibraryParameter[]]),
  z.string().max(300),
);
export type LibraryParameters = z.infer<typeof LibraryParameters>;

export const LibraryPlaybook = z
  .strictObject({
    name: Slug,
    title: text(120),
    summary: text(1_000),
    /** The incident it was written after. */
    after: text(200),
    sources: z.array(SourcePattern).min(1).max(10),
    /** Of an entry that is about versions with these names alone, as KB5034441. */
    labels: z.array(text(120)).min(1).max(20).optional(),
    effects: z.array(LibraryEffect).min(1).max(10),
    /** What people see. */
    looksLike: text(1_000),
    restarts: z.boolean(),
    /** What must not be done before what. */
    order: lines(10),
    /** What is still lost when every step has succeeded. */
    restoreAfterwards: lines(10),
    roles: z.array(z.strictObject({ role: Role, rule: text(500) })).max(10),
    /** What the vendor's protection permits, as far as it is known. */
    permits: lines(10).min(1),
    /** What has to be there before it can work. */
    needs: lines(10),
    /** The scenario of the simulator that rehearses it. */
    drill: Slug,
    doesNot: lines(10).min(1),
    /** Templates of steps; those that are bound are checked as steps. */
    steps: z.array(z.record(z.string(), z.unknown())).min(1).max(20).optional(),
    noRollback: z.strictObject({ because: text(1_000), instead: lines(10).min(1) }).optional(),
  })
  .refine(({ steps, noRollback }) => (steps === undefined) !== (noRollback === undefined), {
    path: ["steps"],
    message: "has either steps, or noRollback that says why there are none and what to do instead",
  });
export type LibraryPlaybook = z.infer<typeof LibraryPlaybook>;

export const isOfSource = (pattern: string, source: string): boolean =>
  pattern === "*" || pattern === source || (pattern.endsWith(".*") && source.startsWith(pattern.slice(0, -1)));
