/**
 * Says in the store that this process lives, so that whoever leads knows at once when it does not. A process that was
 * taken for dead and is not says again who is connected to it.
 */
import type { StreamId } from "../../protocol/ids.ts";
import type { Clock, Log } from "../ports.ts";
import type { Gateway } from "../ports/gateway.ts";
import type { Store } from "../store.ts";

export const BEAT_MS = 2_000;

export interface PulseDeps {
  readonly store: Pick<Store, "beat">;
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly gateway: Pick<Gateway, "announce">;
  readonly log: Log;
}

export class Pulse {
  private readonly deps: PulseDeps;
  private beatAt: number | undefined;

  constructor(deps: PulseDeps) {
    this.deps = deps;
  }

  /** Cheap to call often. */
  async keep(): Promise<void> {
    const { store, stream, clock, gateway, log } = this.deps;
    const now = clock.now();
    if (this.beatAt !== undefined && now >= this.beatAt && now < this.beatAt + BEAT_MS) return;
    const found = await store.beat(stream, now);
    this.beatAt = now;
    if (found === "alive") return;
    log.warn({}, "the other controllers took this one for dead; it says again which agents are connected here");
    gateway.announce();
  }
}
