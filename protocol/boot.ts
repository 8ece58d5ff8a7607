/** What a device says of one boot. A boot's identity is the kernel's, not the agent process's. */
import { z } from "zod";
import { ContentVersion } from "./content.ts";
import { text } from "./names.ts";
import { DurationMs, Instant } from "./time.ts";

/** The kernel's boot id, as text: boot time and boot id on Windows. Opaque to everyone but the device. */
export const BootId = z
  .string()
  .regex(/^[0-9A-Za-z:._-]{1,80}$/)
  .brand<"BootId">();
export type BootId = z.infer<typeof BootId>;

/** Lower-case hex without leading zeros, as WinDbg would print it without `0x`. */
export const Hex = z.string().regex(/^(?:0|[1-9a-f][0-9a-f]{0,15})$/);

export const Bugcheck = z.strictObject({ code: Hex, parameters: z.array(Hex).max(4) });
export type Bugcheck = z.infer<typeof Bugcheck>;

/** How a boot ended, as far as the evidence goes. */
export const BootEnd = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("clean") }),
  z.strictObject({ kind: z.literal("planned-restart") }),
  z.strictObject({ kind: z.literal("power-loss") }),
  z.strictObject({ kind: z.literal("bugcheck"), bugcheck: Bugcheck }),
  z.strictObject({ kind: z.literal("unknown") }),
]);
export type BootEnd = z.infer<typeof BootEnd>;

export const BootKind = z.enum(["cold", "hybrid", "hibernate-resume", "unknown"]);
export type BootKind = z.infer<typeof BootKind>;
export const BootMode = z.enum(["normal", "safe-minimal", "safe-network", "recovery"]);

/** So much evidence goes with a report; what is older stays on the machine. */
export const EVIDENCE_MAX = { earlierBoots: 20, crashDumps: 5, rootCauses: 10 } as const;

/**
 * A boot as the event log shows it. `startedAt` is null where the log does not reach back so far, `endedAt` while the
 * boot runs or where nothing says when it ended. Both are the device's clock, for display only.
 */
export const LoggedBoot = z.strictObject({
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  kind: BootKind,
  ended: BootEnd,
});
export type LoggedBoot = z.infer<typeof LoggedBoot>;

/** What a kernel crash dump says; `suspect` is the driver that its evidence points at, with the reason in words. */
export const CrashDump = z.strictObject({
  file: text(260),
  bugcheck: Bugcheck,
  crashedAt: Instant.nullable(),
  uptimeMs: DurationMs.nullable(),
  /** The build of Windows, 19041 for instance. */
  build: z.int().min(0),
  suspect: z.strictObject({ driver: text(260), because: text(500) }).nullable(),
});
export type CrashDump = z.infer<typeof CrashDump>;

/** What Windows' Startup Repair found when it last ran; its words are those of the machine's language. */
export const StartupRepair = z.strictObject({
  sessions: z.int().min(0),
  repairAttempts: z.int().min(0).nullable(),
  rootCauses: z.array(text(500)).max(EVIDENCE_MAX.rootCauses),
});
export type StartupRepair = z.infer<typeof StartupRepair>;

/** What a machine holds as evidence of the boots that ended before this one; sent with the report of the boot. */
export const BootEvidence = z.strictObject({
  /** Boots that ended since the last report, oldest first, those included in which the agent never ran. The newest if more. */
  earlierBoots: z.array(LoggedBoot).max(EVIDENCE_MAX.earlierBoots),
  crashDumps: z.array(CrashDump).max(EVIDENCE_MAX.crashDumps),
  startupRepair: StartupRepair.nullable(),
});
export type BootEvidence = z.infer<typeof BootEvidence>;

/** Of a machine that holds none, or whose evidence could not be read. */
export const NO_EVIDENCE: BootEvidence = { earlierBoots: [], crashDumps: [], startupRepair: null };

/** What a machine is, as far as it says so; null: not known. For telling apart what only some machines suffer from. */
export const MachineFacts = z.strictObject({
  /** Of Windows, as 10.0.19045, with the revision where it is known: 10.0.19045.5487. */
  build: text(40).nullable(),
  /** Of the hardware, as its firmware says. */
  maker: text(120).nullable(),
  model: text(120).nullable(),
  /** `server`: by its Windows, on hardware or not. `virtual`: any other virtual machine. */
  chassis: z.enum(["desktop", "portable", "server", "virtual", "other"]).nullable(),
  /**
   * Since minor 5: how far its clock is ahead of UTC in winter, in minutes. Machines of one office keep the same hours;
   * with those of another time zone they must not be compared.
   */
  utcOffsetMinutes: z
    .int()
    .min(-14 * 60)
    .max(14 * 60)
    .nullable()
    .optional(),
});
export type MachineFacts = z.infer<typeof MachineFacts>;

/**
 * A boot began. `content` is what was on the disk when the agent started in this boot; `uptimeMs` is measured by the
 * kernel when the report was written; `bootedAt` is the device's wall clock and is for display only.
 */
export const BootReport = z.strictObject({
  bootId: BootId,
  bootedAt: Instant,
  uptimeMs: DurationMs,
  kind: BootKind,
  mode: BootMode,
  /** Boots whose ledger entry stands but of which none was good since the last good one, this one included. */
  tries: z.int().min(0).max(100_000),
  previousEnd: BootEnd,
  content: z.array(ContentVersion).max(100),
  agentVersion: text(40),
  /** Since minor 1; left out by older agents, and towards older controllers. */
  evidence: BootEvidence.optional(),
  /** Since minor 4; left out by older agents, and towards older controllers. */
  machine: MachineFacts.optional(),
});
export type BootReport = z.infer<typeof BootReport>;

export const ServiceState = z.strictObject({ name: text(256), running: z.boolean() });
export type ServiceState = z.infer<typeof ServiceState>;

/** The declared services run and the time has passed: this boot is good. */
export const BootHealthy = z.strictObject({
  bootId: BootId,
  afterMs: DurationMs,
  services: z.array(ServiceState).max(50),
});
export type BootHealthy = z.infer<typeof BootHealthy>;
