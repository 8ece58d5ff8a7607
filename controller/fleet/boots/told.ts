/**
 * Sorts a device's reports by the boot that they are of. Pure.
 *
 * A boot is its kernel's boot id: told again (the agent was installed anew, or its outbox was lost) it is the same boot.
 * Boots stand in the order in which the controller first received a report of them.
 */
import type { BootHealthy, BootId, BootReport } from "../../../protocol/boot.ts";
import type { ContentChange } from "../../../protocol/content.ts";
import type { EpochId } from "../../../protocol/ids.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { IngestReport, ReportKey } from "../../store/reports.ts";

/** One report that the boot had begun. */
export interface Telling {
  readonly boot: BootReport;
  readonly epoch: EpochId;
  readonly receivedAt: Instant;
}
interface Received<Value> {
  readonly receivedAt: Instant;
  readonly value: Value;
}

/** A boot as its agent told of it. */
export interface ToldBoot {
  readonly kind: "told";
  readonly id: BootId;
  readonly key: ReportKey;
  /** Never empty; the first is what the boot is shown by. */
  readonly tellings: Telling[];
  heardUntil: Instant;
  good: Received<BootHealthy> | null;
  readonly changes: Received<ContentChange>[];
  /** Announced, and nothing was heard of this boot since. */
  leaving: Received<"shutdown" | "restart"> | null;
}

/** @param reports oldest first, as stored; those that came before any boot began are left out */
export function sortIntoBoots(reports: readonly IngestReport[]): readonly ToldBoot[] {
  const boots = new Map<BootId, ToldBoot>();
  const current = new Map<EpochId, ToldBoot>();
  let newest: ToldBoot | undefined;
  const inOrderOfReceipt = reports.toSorted((a, b) => a.receivedAt - b.receivedAt); // stable: equal ones stay as stored
  for (const report of inOrderOfReceipt) {
    const { body, epoch, receivedAt } = report;
    if (body.kind === "boot-began") {
      const boot = boots.get(body.boot.bootId) ?? firstTold(report, body.boot);
      boots.set(boot.id, boot);
      boot.tellings.push({ boot: body.boot, epoch, receivedAt });
      current.set(epoch, boot);
      newest = boot;
    }
    const of = body.kind === "boot-healthy" ? boots.get(body.healthy.bootId) : (current.get(epoch) ?? newest);
    if (of !== undefined) hear(of, body, receivedAt);
  }
  return [...boots.values()];
}

const firstTold = ({ epoch, sequence, receivedAt }: IngestReport, { bootId }: BootReport): ToldBoot => ({
  kind: "told",
  id: bootId,
  key: { epoch, sequence },
  tellings: [],
  heardUntil: receivedAt,
  good: null,
  changes: [],
  leaving: null,
});

function hear(boot: ToldBoot, body: IngestReport["body"], receivedAt: Instant): void {
  boot.heardUntil = receivedAt;
  boot.leaving = null; // whoever speaks has not gone
  switch (body.kind) {
    case "boot-healthy":
      boot.good ??= { receivedAt, value: body.healthy };
      break;
    case "content-changed":
      boot.changes.push({ receivedAt, value: body.entry });
      break;
    case "leaving": // neither sleep nor a service that stops ends a boot
      if (body.reason === "shutdown" || body.reason === "restart") boot.leaving = { receivedAt, value: body.reason };
      break;
    case "boot-began":
    case "order-accepted":
    case "order-refused":
    case "step-progress":
    case "order-ended":
    case "trust-changed":
    case "trust-refused":
    case "emergency":
    case "hold-changed":
      break;
  }
}
