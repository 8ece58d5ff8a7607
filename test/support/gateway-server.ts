/** The gateway as it runs, over real WebSockets on a free port of loopback, with a store whose commits a test can hold. */
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { attachGateway, type GatewayDeps, type GatewayServer } from "../../controller/gateway/gateway.ts";
import type { GatewayLimits } from "../../controller/gateway/limits.ts";
import { deviceVerifier } from "../../controller/gateway/verify.ts";
import type { Bus } from "../../controller/ports.ts";
import type { ResumeKey } from "../../controller/ports/trust.ts";
import type { Store } from "../../controller/store.ts";
import type { Change } from "../../controller/store/feed.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { type DeviceId, newId, type StreamId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import { at } from "../../protocol/time.ts";
import { type AgentIdentity, registrationOf } from "./agent-client.ts";
import { aTrustKeeper } from "./trust.ts";
import { ManualClock } from "./manual-clock.ts";

type GatewayStore = GatewayDeps["store"];

/** A real store behind a tap: calls can be held back, or made to fail, before they reach it. */
class TappedStore implements GatewayStore {
  private readonly store: Store;
  private hold: PromiseWithResolvers<void> | null = null;
  private broken: ((method: keyof GatewayStore, reports: readonly { readonly sequence: number }[]) => boolean) | null =
    null;
  /** What lies in every mailbox; null for what the store says. */
  mailbox: readonly Order[] | null = null;
  private underWay = 0;
  /** The most calls that were under way at once. */
  atOnceMax = 0;
  /** Calls that came, by method. */
  readonly calls: Record<keyof GatewayStore, number> = {
    loginFacts: 0,
    ingest: 0,
    takeMailbox: 0,
    setStanding: 0,
  };
  /** Devices that the record has as bound to their connection. */
  readonly direct = new Set<DeviceId>();
  /** The most logins that were looked up in one call. */
  loginsAtOnceMax = 0;

  constructor(store: Store) {
    this.store = store;
  }

  /** From now on every call waits. */
  close(): void {
    this.hold ??= Promise.withResolvers<void>();
  }

  open(): void {
    this.hold?.resolve();
    this.hold = null;
  }

  /** Calls for which this is true fail, as a store does that is gone. */
  breakWhen(broken: TappedStore["broken"]): void {
    this.broken = broken;
  }

  loginFacts: Store["loginFacts"] = (asked) => {
    this.loginsAtOnceMax = Math.max(this.loginsAtOnceMax, asked.length);
    return this.pass("loginFacts", async () => {
      const facts = await this.store.loginFacts(asked);
      return facts.map((known, i) => {
        const isDirect = known !== undefined && this.direct.has(asked[i]?.deviceId as DeviceId);
        return isDirect ? { ...known, binding: "direct" as const } : known;
      });
    });
  };
  setStanding: Store["setStanding"] = (...args) => this.pass("setStanding", () => this.store.setStanding(...args));
  takeMailbox: Store["takeMailbox"] = (...args) =>
    this.pass("takeMailbox", async () => this.mailbox ?? (await this.store.takeMailbox(...args)));
  ingest: Store["ingest"] = (stream, reports, presence) =>
    this.pass("ingest", () => this.store.ingest(stream, reports, presence), reports);

  private async pass<Value>(
    method: keyof GatewayStore,
    call: () => Promise<Value>,
    reports: readonly { readonly sequence: number }[] = [],
  ): Promise<Value> {
    this.calls[method]++;
    this.atOnceMax = Math.max(this.atOnceMax, ++this.underWay);
    try {
      await this.hold?.promise;
      if (this.broken?.(method, reports) === true) throw new Error("the disk is gone");
      return await call();
    } finally {
      this.underWay--;
    }
  }
}

export interface TestGateway {
  /** Stops and holds that agents are told of at their login. */
  readonly precautions: { frames: string[] };
  readonly url: string;
  readonly gateway: GatewayServer;
  readonly store: Store;
  readonly tap: TappedStore;
  readonly clock: ManualClock;
  readonly stream: StreamId;
  /** How often the bus was told that the feed grew. */
  readonly wakeUps: () => number;
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  /** Makes a new key for resume tickets and keeps so many of the old ones. */
  rotateResumeKeys(keep: number): void;
  register(...agents: readonly AgentIdentity[]): Promise<void>;
  /** Everything in the feed after the registrations. */
  feed(): Promise<readonly Change[]>;
  stop(): Promise<void>;
}

/** @param tls key and certificate in PEM; without them, agents come in clear */
export async function startGateway(
  limits: Partial<GatewayLimits> = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestGateway> {
  const store = openSqliteStoreInThread(":memory:");
  await store.migrate();
  const tap = new TappedStore(store);
  const clock = new ManualClock();
  const stream = newId("stream", at("2026-11-22T11:00:00Z"), randomBytes(10));
  const logged: TestGateway["logged"][number][] = [];
  const note = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });
  let wakeUps = 0;
  const bus: Bus = { feedGrew: () => void wakeUps++, onFeedGrew: () => () => {} };
  const server = tls === undefined ? createServer() : createTlsServer({ ...tls, minVersion: "TLSv1.3" });
  let resumeKeys = [aResumeKey(clock)];
  const precautions = { frames: [] as string[] };
  const gateway = attachGateway(server, {
    store: tap,
    stream,
    clock,
    random: randomBytes,
    verify: deviceVerifier(),
    resumeKeys: () => resumeKeys,
    bus,
    trust: await aTrustKeeper(store, clock),
    precautions,
    log: { info: note("info"), warn: note("warn"), error: note("error") },
    // The clock stands still until a test moves it: nothing else is to wait for it.
    limits: { presenceLingerMs: 0, ...limits },
  });
  server.on("request", (request, response) => {
    if (!gateway.takes(request, response)) response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    gateway,
    precautions,
    store,
    tap,
    clock,
    stream,
    wakeUps: () => wakeUps,
    rotateResumeKeys(keep) {
      resumeKeys = [aResumeKey(clock), ...resumeKeys.slice(0, keep)];
    },
    logged,
    async register(...agents) {
      for (const agent of agents) await store.registerDevice(stream, registrationOf(agent), clock.now());
    },
    async feed() {
      const { changes } = await store.changesAfter({}, 100_000);
      return changes.filter(({ body }) => body.kind !== "registered");
    },
    async stop() {
      tap.breakWhen(null);
      tap.open();
      server.closeAllConnections();
      server.close();
      let stopped = false;
      void gateway.drain().then(() => {
        stopped = true;
      });
      await until(() => {
        clock.advance(100); // a store that failed is tried again only when time goes on
        return stopped;
      });
      await store.close();
    },
  };
}

const aResumeKey = (clock: ManualClock): ResumeKey => ({ madeAt: clock.now(), secret: randomBytes(32) });

/** Waits until something is so, letting sockets and promises go on meanwhile. The test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Lets sockets and promises go on for so many turns of the event loop: time for what should not happen. */
export async function turns(count: number): Promise<void> {
  let left = count;
  await until(() => left-- === 0);
}
