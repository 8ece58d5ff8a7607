/**
 * The first act of the process: "this boot began" is on the disk before anything else is tried.
 *
 * Imports nothing but the ledger, so that it can be run before the rest of the agent is loaded.
 */
import { type BootLedger, type BootRecord, compactBoots, foldBoots } from "../core/boot-ledger.ts";
import type { Machine, RecordLog } from "../ports.ts";

/** Safe to call again: a boot that is in the ledger is not entered twice. */
export async function recordBoot(boots: RecordLog, machine: Pick<Machine, "kernelBoot">): Promise<BootLedger> {
  const boot = await machine.kernelBoot();
  const records = (await boots.read()) as readonly BootRecord[]; // our own ledger; the fold skips what it does not know
  const ledger = foldBoots(records);
  if (ledger.last?.bootId === boot.bootId) return ledger;
  const began: BootRecord = { event: "began", n: ledger.n + 1, boot };
  await boots.append(began);
  const compact = compactBoots([...records, began]);
  if (compact !== undefined) await boots.replace(compact);
  return foldBoots([...records, began]);
}
