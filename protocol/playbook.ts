/** Playbooks: typed, undoable steps, written once and reused. There is no step that takes a command line. */
import { z } from "zod";
import { Sha256 } from "./canonical.ts";
import { ContentSourceId } from "./content.ts";
import { PlanId } from "./ids.ts";
import { Slug, text } from "./names.ts";
import { RegistryKey, RegistryValue, RegistryValueName } from "./registry.ts";
import { DurationMs, Instant } from "./time.ts";
import { WindowsGlob, WindowsPath } from "./windows-path.ts";

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

/**
 * Puts files of known contents back where they were: out of the quarantine of an earlier plan or, since minor 3, one file
 * out of the device's own copies of what was there in good boots.
 */
export const RestoreFile = z
  .strictObject({
    kind: z.literal("restore-file"),
    files: WindowsGlob,
    sha256: Sha256,
    from: z.union([z.strictObject({ quarantineOf: PlanId }), z.strictObject({ knownGood: z.literal(true) })]),
  })
  .refine(({ files, from }) => "quarantineOf" in from || !/[*?]/.test(files), {
    path: ["files"],
    message: "must name one file, without * or ?, where its contents come out of the known-good copies",
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
  /** Since minor 3: so long, in all, a logged-on user may put it off. Left out: not at all. */
  deferMs: DurationMs.min(1)
    .max(24 * HOUR)
    .optional(),
});

/** Waits until a boot after the last change is good: up for `settleMs`, with these services running. */
export const AwaitHealthy = z.strictObject({
  kind: z.literal("await-healthy"),
  services: z.array(ServiceName).max(50),
  settleMs: DurationMs.max(HOUR),
  /** Measured by the device over its up-time; past it the step has failed. */
  withinMs: DurationMs.min(1).max(24 * HOUR),
});

// All that follows: since minor 3.

/** Stops a service and starts it again; it must run afterwards. */
export const RestartService = z.strictObject({
  kind: z.literal("restart-service"),
  service: ServiceName,
  withinMs: DurationMs.min(1_000).max(10 * MINUTE),
});

/** Sets one value of the registry, or removes it (null). The old one is remembered with the promise. */
export const SetRegistryValue = z.strictObject({
  kind: z.literal("set-registry-value"),
  key: RegistryKey,
  name: RegistryValueName,
  value: RegistryValue.nullable(),
});

export const UpdateName = z.string().regex(/^KB\d{6,8}$/, "expected an update's number as KB5034441");
const servicingMs = DurationMs.min(MINUTE).max(2 * HOUR);

/** Takes an update of Windows off. Whatever offers updates would bring it back: `block-update` follows in every playbook. */
export const RemoveUpdate = z.strictObject({
  kind: z.literal("remove-update"),
  update: UpdateName,
  withinMs: servicingMs,
});

/** Keeps Windows Update from offering an update again. */
export const BlockUpdate = z.strictObject({ kind: z.literal("block-update"), update: UpdateName });

/** Installs an update out of a file that lies on the machine, if it is exactly this file. */
export const InstallUpdate = z.strictObject({
  kind: z.literal("install-update"),
  update: UpdateName,
  file: WindowsPath.refine((path) => /\.(?:msu|cab)$/i.test(path), "expected an .msu or .cab file"),
  sha256: Sha256,
  withinMs: servicingMs,
});

export const DefinitionsVersion = z.string().regex(/^\d{1,5}(?:\.\d{1,10}){3}$/, "expected a version as 1.415.231.0");

/** Takes Microsoft Defender back to its definitions before these, where the installed ones are among them. */
export const RevertDefinitions = z.strictObject({
  kind: z.literal("revert-definitions"),
  /** Definitions that are to go. */
  versions: z.array(DefinitionsVersion).min(1).max(20),
  withinMs: DurationMs.min(10_000).max(30 * MINUTE),
});

/** Has Microsoft Defender put back a file that it took away by mistake. It must be this very file. */
export const RestoreFromQuarantine = z.strictObject({
  kind: z.literal("restore-from-quarantine"),
  /** As Defender names it: Trojan:Win32/Wacatac.B!ml. */
  threat: text(200).regex(/^[A-Za-z0-9:/_.!-]+$/, "expected a threat's name as Trojan:Win32/Wacatac.B!ml"),
  file: WindowsPath,
  sha256: Sha256,
});

/** Removes a driver package from the driver store, in these versions only. */
export const RemoveDriver = z.strictObject({
  kind: z.literal("remove-driver"),
  /** The package's own name, as it came: csagent.inf. Its name in the store differs from machine to machine. */
  original: z.string().regex(/^[A-Za-z0-9_.-]{1,100}\.inf$/i, "expected a name as acme.inf"),
  provider: text(120),
  versions: z
    .array(z.string().regex(/^\d{1,5}(?:\.\d{1,5}){3}$/, "expected a version as 10.0.19041.1"))
    .min(1)
    .max(20),
});

/** Keeps a source from getting new contents until it is released. What that takes is the source's own data. */
export const HoldContent = z.strictObject({ kind: z.literal("hold-content"), source: ContentSourceId });
export const ReleaseContent = z.strictObject({ kind: z.literal("release-content"), source: ContentSourceId });

/**
 * The next start alone is in safe mode, if a later step has something to do here. Whatever becomes of the order, the
 * machine does not stay in safe mode. BitLocker is not suspended.
 */
export const SetSafeMode = z.strictObject({
  kind: z.literal("set-safe-mode"),
  mode: z.enum(["minimal", "network"]),
});

/** Collects evidence for people into a folder of the agent's own. Changes nothing else. */
export const CollectDiagnostics = z.strictObject({
  kind: z.literal("collect-diagnostics"),
  parts: z
    .array(z.enum(["status", "event-log", "crash-dumps", "inventory", "doctor"]))
    .min(1)
    .max(5),
});

export const Step = z.discriminatedUnion("kind", [
  QuarantineFile,
  RestoreFile,
  SetServiceStart,
  Reboot,
  AwaitHealthy,
  RestartService,
  SetRegistryValue,
  RemoveUpdate,
  BlockUpdate,
  InstallUpdate,
  RevertDefinitions,
  RestoreFromQuarantine,
  RemoveDriver,
  HoldContent,
  ReleaseContent,
  SetSafeMode,
  CollectDiagnostics,
]);
export type Step = z.infer<typeof Step>;
export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

/**
 * The first step that must not stand as it does, or nothing: an update that is taken off and not blocked is offered again.
 * Asked of playbooks as they are written, and again by each device of what was signed.
 */
export function unpaired(steps: readonly Step[]): { readonly step: number; readonly because: string } | undefined {
  const step = steps.findIndex((each, i) => {
    const next = steps[i + 1];
    return each.kind === "remove-update" && (next?.kind !== "block-update" || next.update !== each.update);
  });
  const because = "takes an update off, and block-update of the same update does not follow directly";
  return step < 0 ? undefined : { step, because };
}

export const Playbook = z
  .strictObject({
    name: Slug,
    title: text(120),
    /** The source whose faulty version this playbook undoes. */
    source: ContentSourceId,
    steps: z.array(Step).min(1).max(20),
  })
  .superRefine(({ steps }, context) => {
    const fault = unpaired(steps);
    if (fault !== undefined)
      context.addIssue({ code: "custom", path: ["steps", fault.step], message: fault.because, input: steps });
  });
export type Playbook = z.infer<typeof Playbook>;

/** Where a step says that it works: its files, or its one file. */
export const pathsOf = (step: Step): readonly (WindowsGlob | WindowsPath)[] => {
  if ("files" in step) return [step.files];
  return "file" in step ? [step.file] : [];
};

/** How many files a step may put away or bring back, at most. */
export const filesTouchedBy = (step: Step): number =>
  step.kind === "quarantine-file" ? step.filesMax : kindsThatBringBack.has(step.kind) ? 1 : 0;
const kindsThatBringBack: ReadonlySet<StepKind> = new Set(["restore-file", "restore-from-quarantine"]);
