/** What load clients report: boots, each began and then healthy, as agents do all day. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { ContentVersion } from "../../../protocol/content.ts";
import { ReportBody } from "../../../protocol/frames.ts";

/** The text before and after the boot's id. */
function halves(body: z.input<typeof ReportBody>): readonly [string, string] {
  const [before, after] = JSON.stringify(ReportBody.parse(body)).split("BOOT");
  if (before === undefined || after === undefined) throw new Error("a report names its boot once");
  return [before, after];
}

/** On the disk of every device. */
export const CONTENT: ContentVersion = ContentVersion.parse({
  source: "crowdstrike.channel-291",
  sha256: createHash("sha256").update("a channel file").digest("hex"),
  label: "00000031",
  path: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000031.sys",
  sizeBytes: 41_004,
  modifiedAt: 1_795_345_740_000,
});

const BEGAN = halves({
  kind: "boot-began",
  boot: {
    bootId: "BOOT",
    bootedAt: 1_795_348_682_000,
    uptimeMs: 4_210,
    kind: "cold",
    mode: "normal",
    tries: 1,
    previousEnd: { kind: "clean" },
    content: [CONTENT],
    agentVersion: "0.1.0",
  },
});
const HEALTHY = halves({
  kind: "boot-healthy",
  healthy: {
    bootId: "BOOT",
    afterMs: 120_000,
    services: [
      { name: "CSFalconService", running: true },
      { name: "Spooler", running: true },
    ],
  },
});

/**
 * The frame of a device's report with this number: the same bytes whenever it is sent.
 *
 * @param own what it says, as JSON; without it, a boot began (odd numbers) or was found healthy (even ones)
 */
export function reportFrame(epoch: string, sequence: number, own?: string): string {
  const [before, after] = sequence % 2 === 1 ? BEGAN : HEALTHY;
  const body = own ?? `${before}2026-11-22T11:58:02.113Z-${(sequence + 1) >> 1}${after}`;
  return `{"type":"report","epoch":"${epoch}","sequence":${sequence},"body":${body}}`;
}
