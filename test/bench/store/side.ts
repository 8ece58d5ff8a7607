/** A database of the bench: ours over it, the bare statements over it, and how it is taken away again. */
import type { Store } from "../../../controller/store.ts";
import type { IngestReport } from "../../../controller/store/reports.ts";

export interface StoreSide {
  readonly kind: "sqlite" | "postgres";
  readonly store: Store;
  /** The statements that make a batch durable, and nothing around them. */
  bare(reports: readonly IngestReport[]): Promise<void>;
  close(): Promise<void>;
}
