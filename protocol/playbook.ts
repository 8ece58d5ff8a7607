/** Playbooks: typed, undoable steps, written once and reused. There is no step that takes a command line. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { PlanId } from "./ids.ts";
import { Slug, text } from "./names.ts";
import { DurationMs, Instant } from "./time.ts";
import { WindowsGlob } from "./windows-path.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const ServiceName = z.string().regex(/^[A-Za-z0-9_.$ -]{1,256}$/, "expected a service's short name");
export const ServiceStart = z.enum(["boot", "system", "automatic", "manual", "disabled"]);
export type ServiceStart = z.infer<typeof ServiceStart>;

/** Moves matching files into the agent's quarantine with their metadata. Every condition given must hold for a file. */
export const QuarantineFile = z.strictObject({
  kind: z.literal("quarantine-file"),
  files: WindowsGlob,
  where: z.strictObject({
    /** The file's contents are one of these. Required: a name alone never condemns a file. */
    sha256: z.array(Sha256).min(1).max(20),
    /** The file begins with these bytes, in hex. */
    header: z
      .string()
      .regex(/^(?:[0-9a-f]{2}){1,64}$/)
      .optional(),
    modifiedFrom: Instant.optional(),
    modifiedBefore: Instant.optional(),
  }),
  /** More matches than this is a surprise: the step fails before it touches any. */
  filesMax: z.int().min(1).max(20),
});

/** Puts files of known contents back where they were: out of the quarantine of an earlier plan. */
export const RestoreFile = z.strictObject({
  kind: z.literal("restore-file"),
  files: WindowsGlob,
  sha256: Sha256,
  from: z.strictObject({ quarantineOf: PlanId }),
});

export const SetServiceStart = z.strictObject({
  kind: z.literal("set-service-start"),
  service: ServiceName,
  start: ServiceStart,
});

/** Restarts the machine, unless it has already restarted since the last step that changed something. */
export const Reboot = z.strictObject({
  kind: z.literal("reboot"),
  /** How long a logged-on user is warned. */
  noticeMs: DurationMs.max(HOUR),
});

/** Waits until a boot after the last change is good: up for `settleMs`, with these services running. */
export const AwaitHealthy = z.strictObject({
  kind: z.literal("await-healthy"),
  services: z.array(ServiceName).max(50),
  settleMs: DurationMs.max(HOUR),
  /** Measured by the device over its up-time; past it the step has failed. */
  withinMs: DurationMs.min(1).max(24 * HOUR),
});

export const Step = z.discriminatedUnion("kind", [QuarantineFile, RestoreFile, SetServiceStart, Reboot, AwaitHealthy]);
export type Step = z.infer<typeof Step>;
export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

export const Playbook = z.strictObject({
  name: Slug,
  title: text(120),
  /** The source whose faulty version this playbook undoes. */
  source: ContentSourceId,
  steps: z.array(Step).min(1).max(20),
});
export type Playbook = z.infer<typeof Playbook>;
