/** Builders for what devices report; name only what the test is about. */
import type { BootHealthy, BootReport } from "../../protocol/boot.ts";
import { sha256Hex } from "../../protocol/canonical.ts";
import { type ContentVersion, ContentVersion as ContentVersionSchema } from "../../protocol/content.ts";
import { type DeviceId, newId, type StreamId } from "../../protocol/ids.ts";
import { at, type Instant } from "../../protocol/time.ts";

export const NOON: Instant = at("2026-11-22T12:00:00Z");

/** The standing of a device that a person registered. */
export const ACCEPTED = { standing: "accepted", group: null, image: null } as const;
export const REGISTERED = {
  ...ACCEPTED,
  standingSince: NOON,
  standingBecause: "A person registered it.",
  binding: "front",
} as const;

const bytes = (n: number): Uint8Array =>
  Uint8Array.from({ length: 10 }, (_, i) => (i === 9 ? n & 255 : i === 8 ? n >> 8 : 0));
export const device = (n: number): DeviceId => newId("dev", NOON, bytes(n));
export const stream = (n: number): StreamId => newId("stream", NOON, bytes(n));

export function aVersion(n: number): ContentVersion {
  return ContentVersionSchema.parse({
    source: "acme.channel-7",
    sha256: sha256Hex(bytes(n)),
    label: String(n),
    path: `C:\\Windows\\System32\\drivers\\Acme\\C-00000007-00000000-0000000${n}.sys`,
    sizeBytes: 1_024,
    modifiedAt: NOON,
  });
}

export function aBoot(over: Partial<BootReport> = {}): BootReport {
  return {
    bootId: "boot-1" as BootReport["bootId"],
    bootedAt: NOON,
    uptimeMs: 1_000,
    kind: "cold",
    mode: "normal",
    tries: 1,
    previousEnd: { kind: "clean" },
    content: [],
    agentVersion: "0.1.0",
    ...over,
  };
}

export function aHealthyBoot(over: Partial<BootHealthy> = {}): BootHealthy {
  return { bootId: "boot-1" as BootHealthy["bootId"], afterMs: 60_000, services: [], ...over };
}
