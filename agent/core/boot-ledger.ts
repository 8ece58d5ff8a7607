/**
 * The boot ledger: which boots began, and which of them turned out good.
 *
 * Invariant: a boot is counted once, however often the agent's process starts in it, because its identity is the
 * kernel's. `tries` counts the boots since the last good one, so that a boot loop is known without any network.
 * Pure and without zod: this is read and written before anything else is loaded.
 */
import type { BootId, BootReport, ServiceState } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";

interface LedgerBoot {
  readonly bootId: BootId;
  readonly bootedAt: Instant;
  readonly kind: BootReport["kind"];
  readonly mode: BootReport["mode"];
}

/** `n` numbers the records for ever; `earlier` stands for records that were dropped to keep the file small. */
export type BootRecord =
  | { readonly event: "began"; readonly n: number; readonly boot: LedgerBoot }
  | {
      readonly event: "good";
      readonly n: number;
      readonly bootId: BootId;
      readonly afterMs: number;
      readonly services: readonly ServiceState[];
    }
  | { readonly event: "earlier"; readonly n: number; readonly boots: number; readonly tries: number };

export interface BootLedger {
  /** Boots that began, as far as the ledger reaches back. */
  readonly boots: number;
  /** Boots since the last good one, the current one included; 0 once it is good. */
  readonly tries: number;
  readonly last: LedgerBoot | undefined;
  /** The boot before the last one. */
  readonly before: LedgerBoot | undefined;
  readonly lastIsGood: boolean;
  /** The number of the newest record. */
  readonly n: number;
}

const EMPTY: BootLedger = { boots: 0, tries: 0, last: undefined, before: undefined, lastIsGood: false, n: 0 };

/** Folds the ledger. A record it does not know is left out: the count of boots must never stop an agent. */
export function foldBoots(records: readonly unknown[]): BootLedger {
  return (records as readonly BootRecord[]).reduce(evolve, EMPTY);
}

function evolve(ledger: BootLedger, record: BootRecord): BootLedger {
  switch (record.event) {
    case "began":
      if (record.boot.bootId === ledger.last?.bootId) return { ...ledger, n: record.n };
      return {
        boots: ledger.boots + 1,
        tries: ledger.tries + 1,
        last: record.boot,
        before: ledger.last,
        lastIsGood: false,
        n: record.n,
      };
    case "good":
      if (record.bootId !== ledger.last?.bootId) return { ...ledger, n: record.n };
      return { ...ledger, tries: 0, lastIsGood: true, n: record.n };
    case "earlier":
      return { ...EMPTY, boots: record.boots, tries: record.tries, n: record.n };
    default:
      return ledger;
  }
}

/** Some two years of daily boots; the sums of what is older are kept. */
const RECORDS_KEPT = 1_500;
/** Compacting rewrites the file, so it is done seldom. */
const RECORDS_MAX = 2_000;

/** The same ledger in fewer records, or nothing if it is short enough. */
export function compactBoots(records: readonly BootRecord[]): readonly BootRecord[] | undefined {
  if (records.length <= RECORDS_MAX) return undefined;
  const cut = records.length - RECORDS_KEPT;
  const { boots, tries, n } = foldBoots(records.slice(0, cut));
  return [{ event: "earlier", n, boots, tries }, ...records.slice(cut)];
}
