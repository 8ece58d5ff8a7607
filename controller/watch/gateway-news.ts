/**
 * What is known of gateways, as detection has to hear it: that one is lost, that its machines have had time to come back,
 * and that one goes on whose machines were connected when detection was saved. Pure.
 *
 * A machine whose gateway is gone has not fallen silent: nobody listens to it.
 */
import type { StreamId } from "../../protocol/ids.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { GatewayLoss, GatewayRow } from "../store/gateways.ts";

export type GatewayNews =
  /** `from`: its last sign of life. */
  | { readonly kind: "lost"; readonly stream: StreamId; readonly at: number; readonly from: number }
  /** `from`: when it was found to be lost. */
  | { readonly kind: "had-time"; readonly stream: StreamId; readonly at: number; readonly from: number }
  | { readonly kind: "goes-on"; readonly stream: StreamId; readonly at: number };

/** Of the agents' backoff: by then those that can come back have. */
const COME_BACK_MS = 5 * 60_000;
/** A process counts every two seconds; a database that fails over stands still for some. */
const LOST_AFTER_MS = 10_000;

export const lossNews = (stream: StreamId, { from, at }: Pick<GatewayLoss, "from" | "at">): readonly GatewayNews[] => [
  { kind: "lost", stream, at, from },
  { kind: "had-time", stream, at: later(at, COME_BACK_MS), from: at },
];

/** What was stored of losses and is not told yet by `since`, and who was never heard to live: of a process before this. */
export function untoldNews(
  rows: readonly GatewayRow[],
  streams: Iterable<string>,
  since: Instant,
  now: Instant,
): readonly GatewayNews[] {
  const known = new Set<string>(rows.map(({ stream }) => stream));
  const told = rows.flatMap(({ stream, lost }) => (lost === null ? [] : lossNews(stream, lost)));
  const unknown = [...streams].filter((stream) => !known.has(stream)) as StreamId[]; // names of streams
  return [
    ...told.filter(({ at }) => at > since),
    ...unknown.flatMap((each) => lossNews(each, { from: since, at: now })),
  ];
}

interface Seen {
  readonly beats: number;
  /** By the clock of whoever looks. */
  readonly movedAt: Instant;
  readonly hasMoved: boolean;
}

interface Stopped {
  readonly stream: StreamId;
  readonly loss: GatewayLoss;
  /** It has lived while one looked; otherwise it is of a process of before. */
  readonly wasSeen: boolean;
}

/** Whether counts move while one looks: clocks of different machines are not compared. */
export class GatewayLooks {
  private seen = new Map<StreamId, Seen>();
  private lookedAt: Instant | undefined;

  /** @returns who goes on, told once, and who has stopped */
  look(
    rows: readonly GatewayRow[],
    own: StreamId,
    now: Instant,
  ): { readonly goOn: readonly StreamId[]; readonly stopped: readonly Stopped[] } {
    // Whoever did not look himself for long knows of no one whether he stood still meanwhile.
    const looks = this.lookedAt !== undefined && now >= this.lookedAt && now - this.lookedAt < LOST_AFTER_MS;
    this.lookedAt = now;
    const goOn: StreamId[] = [];
    const stopped: Stopped[] = [];
    const next = new Map<StreamId, Seen>();
    for (const { stream, beats, aliveAt, lost } of rows) {
      const before = this.seen.get(stream);
      const moves = before !== undefined && before.beats !== beats;
      if (moves && !before.hasMoved) goOn.push(stream);
      const movedAt = before === undefined || moves || !looks ? now : before.movedAt;
      const hasMoved = before?.hasMoved === true || moves;
      next.set(stream, { beats, movedAt, hasMoved });
      if (stream === own || lost?.beats === beats || now - movedAt < LOST_AFTER_MS) continue;
      const loss = { beats, from: aliveAt < movedAt ? aliveAt : movedAt, at: now };
      stopped.push({ stream, loss, wasSeen: hasMoved });
    }
    this.seen = next;
    return { goOn, stopped };
  }
}
