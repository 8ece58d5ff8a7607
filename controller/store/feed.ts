/** The change feed: what happened, as every reader hears it, in streams without gaps. */
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, StreamId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";

/** Presence is durable too, but it is the gateway that says it. */
export type Presence =
  | {
      readonly kind: "connected";
      /** The network that it speaks from, as "192.0.2.0/24"; left out where it is not known. */
      readonly segment?: string;
      /** The newest schema minor that the agent speaks; left out in rows of before it was kept. */
      readonly minor?: number;
      /** When the connection was heard last whose place this one takes: nobody had noticed that it was gone. */
      readonly replacedHeardAt?: Instant;
    }
  | {
      readonly kind: "dropped";
      /** Measured by the gateway; left out in rows of before it was. */
      readonly lastHeardAt?: Instant;
    };

/** A person, a rule or the gateway said what a device is to count for. */
interface StandingChange {
  readonly kind: "standing";
  readonly standing: DeviceStanding;
}

/** One line of a stream of the change feed. Sequences of a stream have no gaps; streams have no order between them. */
export interface Change {
  readonly stream: StreamId;
  readonly sequence: number;
  readonly at: Instant;
  readonly deviceId: DeviceId;
  readonly body: ReportBody | Presence | { readonly kind: "registered" } | StandingChange;
}

/** How far a reader has come: stream to the last sequence it has read. */
export type Cursor = Readonly<Record<string, number>>;

export interface FeedStore {
  /** Changes after the cursor, oldest first in each stream, at most `limit`. */
  changesAfter(
    cursor: Cursor,
    limit: number,
  ): Promise<{ readonly changes: readonly Change[]; readonly cursor: Cursor }>;
  /** The end of the feed now. */
  feedEnd(): Promise<Cursor>;
}
