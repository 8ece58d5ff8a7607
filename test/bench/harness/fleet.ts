/**
 * A fleet of load clients in front of servers of one kind: as many pairs of a server and a crowd as the files that one
 * process may open demand. Each server has a folder and a database of its own.
 */
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CrowdCalls } from "../load/crowd-process.ts";
import type { CrowdCounts } from "../load/crowd.ts";
import { deviceIdOf } from "../load/identity.ts";
import { DATABASE_NAME, makeDatabase, reportsIn } from "../servers/database.ts";
import type { ServerCalls } from "../servers/server-process.ts";
import { BenchProcess, type Calls } from "./processes.ts";

/** A process may open some 20,000 files; a few are the server's own. */
const SOCKETS_MAX = 19_000;
/** The database as it was when its server was killed. */
const AT_KILL = "at-kill.sqlite";
const LOOK_EVERY_MS = 10;
const CROWD = new URL("../load/crowd-process.ts", import.meta.url);

interface Share {
  readonly first: number;
  readonly count: number;
}

/** The devices of a bench and their databases as they are before anyone has logged in. Made once, copied for each run. */
export class Devices implements AsyncDisposable {
  readonly shares: readonly Share[];
  readonly folder: string;
  private runs = 0;

  private constructor(folder: string, shares: readonly Share[]) {
    this.folder = folder;
    this.shares = shares;
  }

  /** @param spares devices more in each share: for warming up */
  static async make(agents: number, spares: number): Promise<Devices> {
    const parts = Math.ceil(agents / SOCKETS_MAX);
    const size = Math.ceil(agents / parts);
    const shares = Array.from({ length: parts }, (_, i) => ({
      first: i * (SOCKETS_MAX + spares),
      count: Math.min(size, agents - i * size),
    }));
    const folder = await mkdtemp(join(tmpdir(), "ringback-bench-"));
    for (const { first, count } of shares) await makeDatabase(join(folder, `${first}.sqlite`), first, count + spares);
    return new Devices(folder, shares);
  }

  /** A folder for one server's share, with a fresh copy of the database. */
  async freshFolder({ first }: Share): Promise<string> {
    const folder = join(this.folder, `run-${++this.runs}`);
    await mkdir(folder);
    await copyFile(join(this.folder, `${first}.sqlite`), join(folder, DATABASE_NAME));
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Pair<Server extends Calls<Server>> {
  readonly share: Share;
  readonly folder: string;
  readonly crowd: BenchProcess<CrowdCalls>;
  server: BenchProcess<Server>;
  /** Where the server listens. */
  port: number;
}

export interface FleetSpec<Server> {
  readonly script: URL;
  readonly pingEveryMs: number;
  /** Reports of one agent that may be under way at once. */
  readonly window: number;
  /** Whether agents pull when they are nudged. */
  readonly pulls?: boolean;
  /** What a server is told before it starts. */
  readonly before?: (server: Server) => Promise<void>;
}

const newCrowd = (): BenchProcess<CrowdCalls> => new BenchProcess<CrowdCalls>(CROWD);
let crowds = 0;
/** No two crowds come from the same address, so that ports of one run never meet those of the one before. */
const nextAddress = (): string => `127.${1 + (++crowds % 250)}.${1 + (process.pid % 250)}.${1 + (crowds >> 8)}`;

export class Fleet<Server extends ServerCalls & Calls<Server>> implements AsyncDisposable {
  readonly pairs: readonly Pair<Server>[];
  private readonly spec: FleetSpec<Server>;

  private constructor(pairs: readonly Pair<Server>[], spec: FleetSpec<Server>) {
    this.pairs = pairs;
    this.spec = spec;
  }

  /** Servers run, crowds are gathered but have not come yet. */
  static async start<Server extends ServerCalls & Calls<Server>>(
    devices: Devices,
    spec: FleetSpec<Server>,
  ): Promise<Fleet<Server>> {
    const pairs: Pair<Server>[] = [];
    const fleet = new Fleet(pairs, spec);
    try {
      for (const share of devices.shares) {
        const folder = await devices.freshFolder(share);
        const pair = { share, folder, server: new BenchProcess<Server>(spec.script), crowd: newCrowd(), port: 0 };
        pairs.push(pair);
        const { window, pulls = false } = spec;
        await pair.crowd.calls.gather({ ...share, localAddress: nextAddress(), window, pulls });
        await fleet.startServer(pair);
      }
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  private async startServer(pair: Pair<Server>): Promise<void> {
    const { folder, port, crowd } = pair;
    const { calls } = pair.server;
    await this.spec.before?.(calls);
    pair.port = await calls.start({ folder, port, pingEveryMs: this.spec.pingEveryMs });
    if (port === 0) await crowd.calls.server(pair.port);
  }

  /**
   * Kills every server as a power cut would, and keeps a copy of what was on the disk. Nobody is connected any more when
   * it resolves.
   */
  async kill(): Promise<void> {
    await this.each(async (pair) => {
      const { crowd, folder, share } = pair;
      const before = await crowd.calls.counts();
      await pair.server.kill();
      while ((await crowd.calls.counts()).lost - before.lost < share.count) await sleep(LOOK_EVERY_MS);
      for (const end of ["", "-wal"]) {
        await copyFile(join(folder, `${DATABASE_NAME}${end}`), join(folder, `${AT_KILL}${end}`));
      }
    });
  }

  /** Starts the servers again, in the same places. */
  async restart(): Promise<void> {
    await this.each(async (pair) => {
      await pair.crowd.calls.server(pair.port); // from here on logins are timed anew
      pair.server = new BenchProcess<Server>(this.spec.script);
      await this.startServer(pair);
    });
  }

  /** Reports that agents were told are durable, and that were not on the disk when the servers were killed. */
  async lostAtKill(): Promise<number> {
    return this.sum(async ({ crowd, folder, share }) => {
      const stored = reportsIn(join(folder, AT_KILL));
      const told = await crowd.calls.acknowledgedAtLoss();
      return told.reduce((lost, acknowledged, i) => {
        const { through } = stored.get(deviceIdOf(share.first + i)) ?? { through: 0 };
        return lost + Math.max(0, acknowledged - through);
      }, 0);
    });
  }

  /** Reports that are missing of the first `each` of every agent. */
  missing(each: number): number {
    let missing = 0;
    for (const { share, folder } of this.pairs) {
      const stored = reportsIn(join(folder, DATABASE_NAME));
      for (let number = share.first; number < share.first + share.count; number++) {
        missing += each - (stored.get(deviceIdOf(number))?.count ?? 0);
      }
    }
    return missing;
  }

  /** Devices that come before the others and go again, so that no figure holds what a process needs once. */
  async warmUp(spares: number, reports: number): Promise<void> {
    await this.each(async ({ share, server, port }) => {
      await using crowd = newCrowd();
      const { calls } = crowd;
      const first = share.first + share.count;
      await calls.gather({ first, count: spares, localAddress: nextAddress(), window: 4, pulls: false });
      await calls.server(port);
      await calls.come();
      await calls.report(reports);
      await calls.settled();
      await calls.leave();
      await server.calls.cpuWhenQuiet();
    });
  }

  /** All log in; resolves when all are welcomed. */
  async come(): Promise<void> {
    await this.each(async ({ crowd: { calls } }) => {
      await calls.come();
      await calls.settled();
    });
  }

  /** So many reports of each; resolves when all are acknowledged. */
  async report(each: number): Promise<void> {
    await this.each(async ({ crowd: { calls } }) => {
      await calls.report(each);
      await calls.settled();
    });
  }

  /** Resolves when all are logged in and all reports are acknowledged. */
  async settle(): Promise<void> {
    await this.each(({ crowd }) => crowd.calls.settled());
  }

  /** Of all servers, in microseconds, once they have nothing more to do. */
  cpuUs(): Promise<number> {
    return this.sum(({ server }) => server.calls.cpuWhenQuiet());
  }

  /** The same, whatever they do. */
  cpuNowUs(): Promise<number> {
    return this.sum(({ server }) => server.calls.cpuNow());
  }

  /** Of all servers, in bytes. */
  rss(): Promise<number> {
    return this.sum(({ server }) => server.calls.rss());
  }

  async counts(name: keyof CrowdCounts): Promise<number> {
    return this.sum(async ({ crowd }) => (await crowd.calls.counts())[name]);
  }

  /** Resolves when the counts of all crowds have come to this many. */
  async reaches(name: keyof CrowdCounts, count: number): Promise<void> {
    while ((await this.counts(name)) < count) await sleep(LOOK_EVERY_MS);
  }

  each(work: (pair: Pair<Server>) => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.pairs.map(work));
  }

  async sum(of: (pair: Pair<Server>) => Promise<number>): Promise<number> {
    return (await Promise.all(this.pairs.map(of))).reduce((sum, one) => sum + one, 0);
  }

  /** @throws if a database does not hold exactly these reports of each of its devices */
  countReports(each: number): void {
    for (const { share, folder } of this.pairs) {
      const stored = reportsIn(join(folder, DATABASE_NAME));
      for (let number = share.first; number < share.first + share.count; number++) {
        const { count, through } = stored.get(deviceIdOf(number)) ?? { count: 0, through: 0 };
        if (count === each && through === each) continue;
        throw new Error(`agent ${number} has ${count} durable reports up to ${through}, not ${each}`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.each(async ({ server, crowd }) => {
      await crowd[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
  }
}
