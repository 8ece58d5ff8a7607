/** What devices would not do or believe. */
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";

/** What a device would not do or believe. */
export type RefusalBody = Extract<ReportBody, { kind: "order-refused" | "trust-refused" }>;

export interface RefusalRow {
  readonly device: DeviceId;
  readonly sequence: number;
  readonly at: Instant;
  readonly body: RefusalBody;
}

export interface RefusalStore {
  /** What devices refused, newest first, those before the one that is named. */
  refusals(limit: number, before?: Pick<RefusalRow, "at" | "device" | "sequence">): Promise<readonly RefusalRow[]>;
}
