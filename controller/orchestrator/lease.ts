/**
 * Who decides: exactly one orchestrator. The lease keeps two from trying at once; that only one can write is the store's
 * doing, which refuses every epoch but the newest, whatever the clocks say.
 */
import type { StreamId } from "../../protocol/ids.ts";
import type { Clock, Log } from "../ports.ts";
import type { Store } from "../store.ts";

export interface LeaseDeps {
  readonly store: Pick<Store, "lead">;
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly log: Log;
}

export class Lease {
  private readonly deps: LeaseDeps;
  private readonly leaseMs: number;
  private held: { readonly epoch: number; readonly until: number } | undefined;
  private isAsked = false;

  constructor(deps: LeaseDeps, leaseMs: number) {
    this.deps = deps;
    this.leaseMs = leaseMs;
  }

  /** The epoch to write under; undefined while another one leads, as far as is known here. */
  get epoch(): number | undefined {
    return this.held?.epoch;
  }

  /** Renews the lease in good time, or takes it when it is free. Answers the epoch to write under. */
  async keep(): Promise<number | undefined> {
    const { store, stream, clock, log } = this.deps;
    const now = clock.now();
    const isFresh = this.held !== undefined && now < this.held.until - this.leaseMs / 2;
    if (isFresh && !this.isAsked) return this.held?.epoch;
    const before = this.held?.epoch;
    const { leads, epoch, until } = await store.lead(stream, now, this.leaseMs);
    this.held = leads ? { epoch, until } : undefined;
    this.isAsked = false;
    if (leads && before !== epoch) log.info({ epoch }, "this controller leads");
    if (!leads && before !== undefined) log.warn({ until }, "another controller leads; this one only watches");
    return this.held?.epoch;
  }

  /** The store has refused a write: who leads has to be asked again, however fresh the lease looks by this clock. */
  doubt(): void {
    this.isAsked = true;
  }

  /** Whoever waits for the lease need not wait until it runs out. */
  async release(): Promise<void> {
    const { store, stream, clock } = this.deps;
    const now = clock.now();
    const { held } = this;
    this.held = undefined;
    if (held !== undefined && now < held.until) await store.lead(stream, now, 0);
  }
}
