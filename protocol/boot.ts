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
export const BootMode = z.enum(["normal", "safe-minimal", "safe-network", "recovery"]);

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
