/** Keeps a boot's report within a frame: evidence is worth less than the report that carries it. Pure. */
import type { BootEvidence, BootReport } from "../../protocol/boot.ts";
import { AGENT_FRAME_BYTES_MAX } from "../../protocol/frames.ts";

/** Left for what the frame says around the report: type, epoch, sequence, kind. */
const AROUND_BYTES = 1_024;

/** The report with as much of its evidence as fits, the bulkiest part left out first. */
export function fitBoot(boot: BootReport): BootReport {
  const { evidence, ...bare } = boot;
  if (evidence === undefined) return boot;
  const lean: BootEvidence = {
    earlierBoots: evidence.earlierBoots.slice(-5),
    crashDumps: evidence.crashDumps.slice(-1),
    startupRepair: null,
  };
  const tries = [boot, { ...bare, evidence: { ...evidence, startupRepair: null } }, { ...bare, evidence: lean }];
  return tries.find(fits) ?? bare;
}

const fits = (boot: BootReport): boolean =>
  new TextEncoder().encode(JSON.stringify(boot)).length <= AGENT_FRAME_BYTES_MAX - AROUND_BYTES;
