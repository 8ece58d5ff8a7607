/**
 * Follows notices by event stream where that gets through, and by polling where a proxy holds it back.
 *
 * Notices are hints: a missed one is made up for by `reset`, a doubled one only makes the caller ask once more.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Notice } from "../../protocol/api.ts";
import type { ApiClient } from "./client.ts";
import { ApiProblem } from "./errors.ts";

interface FollowTimes {
  readonly pollMs: number;
  /** Polls before the stream is tried again. */
  readonly pollsBetweenStreams: number;
}
const TIMES: FollowTimes = { pollMs: 2_000, pollsBetweenStreams: 15 };

/** Ends when `signal` is aborted. @throws ApiProblem if the controller does not know who asks (any more) */
export async function* follow(client: ApiClient, signal: AbortSignal, times = TIMES): AsyncGenerator<Notice, void> {
  let last = (await client.notices()).last;
  while (!signal.aborted) {
    try {
      for await (const notice of client.events(last, signal)) {
        last = notice.id;
        yield notice;
      }
    } catch (error) {
      endIfNotSignedIn(error);
    }
    for (let polls = 0; polls < times.pollsBetweenStreams && !signal.aborted; polls++) {
      await sleep(times.pollMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const { items, last: newest } = await client.notices(last);
        last = newest;
        yield* items;
      } catch (error) {
        endIfNotSignedIn(error); // anything else may pass: the controller restarts, the network comes back
      }
    }
  }
}

function endIfNotSignedIn(error: unknown): void {
  if (error instanceof ApiProblem && (error.code === "not-signed-in" || error.code === "wrong-host")) throw error;
}
