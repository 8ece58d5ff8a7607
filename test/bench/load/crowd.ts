/**
 * Many agents that come back whenever they are cut off, until they are told to leave.
 *
 * An agent is settled when it is logged in and everything it reported is acknowledged.
 */
import { type AgentWatcher, LoadAgent } from "./agent.ts";

export interface CrowdSpec {
  /** Numbers of the agents: `first`, `first + 1`, and so on. */
  readonly first: number;
  readonly count: number;
  /** 127.x.y.z of its own for each crowd: with addresses and ports given one by one, binding does not search. */
  readonly localAddress: string;
  /** Reports of one agent that may be under way at once. */
  readonly window: number;
  /** Whether agents look into their mailboxes when they are told to. */
  readonly pulls: boolean;
}

/** Since the crowd was made. Times are wall-clock milliseconds, 0 for never. */
export interface CrowdCounts {
  /** Reports. */
  readonly acknowledged: number;
  readonly pongs: number;
  readonly accepted: number;
  readonly nudges: number;
  readonly stops: number;
  readonly stopFrameBytes: number;
  readonly lastNudgeAt: number;
  readonly lastStopAt: number;
  /** Attempts that failed, and connections that ended. */
  readonly lost: number;
}

/** Logins under way at once; while nobody has got in, few: a fleet that knocks must not keep the server from starting. */
const AT_ONCE_MAX = 256;
const KNOCKING_MAX = 4;
const RETRY_MIN_MS = 50;
const RETRY_SPREAD_MS = 100;
/** A port is not used again at once: the kernel may still hold the connection that was. */
const PORTS = { first: 10_000, last: 60_000 } as const;

export class Crowd implements AgentWatcher {
  readonly agents: readonly LoadAgent[];
  readonly counts = {
    acknowledged: 0,
    pongs: 0,
    accepted: 0,
    nudges: 0,
    stops: 0,
    stopFrameBytes: 0,
    lastNudgeAt: 0,
    lastStopAt: 0,
    lost: 0,
  };
  /** When the first one and the last one logged in, in wall-clock milliseconds; 0 for never. */
  firstLoginAt = 0;
  lastLoginAt = 0;
  /** Where the server is. */
  port = 0;
  private readonly localAddress: string;
  private readonly pulls: boolean;
  private readonly unsettled = new Set<LoadAgent>();
  private readonly settledWaiters: (() => void)[] = [];
  private readonly away: LoadAgent[] = [];
  private readonly dialling = new Set<LoadAgent>();
  private dials = 0;
  private isHere = false;

  constructor({ first, count, localAddress, window, pulls }: CrowdSpec) {
    this.localAddress = localAddress;
    this.pulls = pulls;
    this.agents = Array.from({ length: count }, (_, i) => new LoadAgent(first + i, window, this));
    for (const agent of this.agents) this.unsettled.add(agent);
  }

  come(): void {
    this.isHere = true;
    this.away.push(...this.agents);
    this.dial();
  }

  leave(): void {
    this.isHere = false;
    this.away.length = 0;
    for (const agent of this.agents) {
      agent.leave();
      this.unsettled.add(agent);
    }
  }

  /** So many more reports of each. */
  report(each: number): void {
    for (const agent of this.agents) {
      this.unsettled.add(agent);
      agent.report(each);
    }
  }

  /** Resolves when all are. */
  settled(): Promise<void> {
    if (this.unsettled.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.settledWaiters.push(resolve);
    });
  }

  // ---- what agents say ---------------------------------------------------------------------------------------------

  live(agent: LoadAgent): void {
    this.lastLoginAt = Date.now();
    if (this.firstLoginAt === 0) this.firstLoginAt = this.lastLoginAt;
    this.dialling.delete(agent);
    this.settle(agent);
    this.dial();
  }

  acknowledged(agent: LoadAgent, reports: number): void {
    this.counts.acknowledged += reports;
    this.settle(agent);
  }

  pong(): void {
    this.counts.pongs++;
  }

  accepted(): void {
    this.counts.accepted++;
  }

  nudged(): boolean {
    this.counts.nudges++;
    this.counts.lastNudgeAt = Date.now();
    return this.pulls;
  }

  stopped(frameBytes: number): void {
    this.counts.stops++;
    this.counts.lastStopAt = Date.now();
    this.counts.stopFrameBytes = frameBytes;
  }

  lost(agent: LoadAgent): void {
    this.counts.lost++;
    this.dialling.delete(agent);
    this.unsettled.add(agent);
    if (!this.isHere) return;
    setTimeout(
      () => {
        this.away.push(agent);
        this.dial();
      },
      RETRY_MIN_MS + Math.random() * RETRY_SPREAD_MS,
    );
  }

  private settle(agent: LoadAgent): void {
    if (!agent.isLive || agent.owes > 0 || !this.unsettled.delete(agent) || this.unsettled.size > 0) return;
    for (const resolve of this.settledWaiters.splice(0)) resolve();
  }

  private dial(): void {
    const atOnceMax = this.lastLoginAt === 0 ? KNOCKING_MAX : AT_ONCE_MAX;
    while (this.isHere && this.dialling.size < atOnceMax) {
      const agent = this.away.shift();
      if (agent === undefined) return;
      this.dialling.add(agent);
      const localPort = PORTS.first + (this.dials++ % (PORTS.last - PORTS.first));
      agent.connect({ host: "127.0.0.1", port: this.port, localAddress: this.localAddress, localPort });
    }
  }
}
