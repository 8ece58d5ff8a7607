/** How vendors are asked to stop, take back or keep what they give out. */
import type { z } from "zod";
import type { ConnectorView } from "../../protocol/api-incidents.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";

/** What one connector's vendor answered. `failed`: `because` says why, and what a person can do at the vendor. */
export interface VendorOutcome {
  /** A slug: the connector's name. */
  readonly connector: string;
  readonly outcome: "done" | "failed";
  readonly because: string;
}

/**
 * Ways to the vendors of content sources. A call asks every connector that serves the source, and answers one outcome
 * each; none, where no connector serves it. It takes seconds at most, never throws for what a vendor does, and may be
 * made again: asking twice for the same changes nothing.
 */
export interface VendorConnectors {
  list(): readonly z.infer<typeof ConnectorView>[];
  /** No update of this source is given out any more. */
  pause(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
  /** The version before is given out in the place of the newest. */
  revert(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
  /** Devices stay on the version of this digest, where the vendor knows it. */
  pin(source: ContentSourceId, sha256: Sha256, because: string): Promise<readonly VendorOutcome[]>;
  /** What was paused or pinned goes on. */
  resume(source: ContentSourceId, because: string): Promise<readonly VendorOutcome[]>;
}
