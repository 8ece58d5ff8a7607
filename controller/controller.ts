/**
 * The controller put together: one process that is gateway, orchestrator, API and console.
 *
 * The only place, besides main.ts, that chooses adapters. Started once, stopped once; stopping is graceful, and being
 * killed at any moment is survived.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { schedule } from "node-cron";
import type { Logger } from "pino";
import { newId } from "../protocol/ids.ts";
import type { Instant } from "../protocol/time.ts";
import { createAccess } from "./access/tokens.ts";
import { openAdministration } from "./administration/administration.ts";
import { enforceStop } from "./administration/emergency-desk.ts";
import { createApi } from "./api/api.ts";
import { LOOPBACK_HOSTS } from "./api/hosts.ts";
import { inProcessBus } from "./bus/in-process.ts";
import type { ControllerConfig } from "./config.ts";
import { attachGateway } from "./gateway/gateway.ts";
import { deviceVerifier } from "./gateway/verify.ts";
import { Orchestrator, type OrchestratorDeps } from "./orchestrator/orchestrator.ts";
import type { Store, TrustKeeper } from "./ports.ts";
import { openPostgresStore } from "./storage/postgres.ts";
import { openSqliteStore } from "./storage/sqlite.ts";
import { systemClock, systemRandom } from "./system.ts";
import { openTrustKeeper } from "./trust/keeper.ts";
import { openPrecautions } from "./trust/precautions.ts";
import { stopFile } from "./trust/stop-file.ts";
import { loadStarterKeys } from "./trust/starter-keys.ts";
import { verifyRaw } from "./trust/verify-raw.ts";

export interface Controller {
  /** Where console and API are. */
  readonly url: string;
  /** A new one-time link for the first administrator; each is good once and for a day. */
  makeSetupLink(): Promise<string>;
  readonly isSetUp: boolean;
  stop(): Promise<void>;
}

export interface ControllerParts {
  readonly version: string;
  readonly consoleFolder: string;
  readonly log: Logger;
  /** See OrchestratorDeps: for showing that gates are needed. */
  readonly decide?: OrchestratorDeps["decide"];
}

/** How long a graceful stop waits for answers under way. A peer that never finishes its request does not hold it up. */
const ANSWERS_MAX_MS = 5_000;
/** Every ten seconds, in UTC: node-cron skips an hour at the autumn clock change in local zones. */
const TRUST_SWEEP = "30 * * * * *";
const SAFETY_SWEEP = "*/10 * * * * *";

export async function startController(config: ControllerConfig, parts: ControllerParts): Promise<Controller> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const store = await openStore(config);
  try {
    const isFirstStart = (await store.trustDocuments()).length === 0;
    const keys = await loadStarterKeys(join(config.dataFolder, "keys"), isFirstStart);
    const trust = await openTrustKeeper({ store, keys, clock: systemClock, verify: verifyRaw });
    return await startOver(store, trust, config, parts);
  } catch (error) {
    await store.close(); // its threads would keep a controller alive that could not start
    throw error;
  }
}

async function startOver(
  store: Store,
  trust: TrustKeeper,
  config: ControllerConfig,
  { version, consoleFolder, log, decide }: ControllerParts,
): Promise<Controller> {
  const now = (): Instant => systemClock.now();
  const stream = newId("stream", now(), systemRandom(10));
  const bus = inProcessBus();
  const verify = deviceVerifier();
  // Only WebSockets are upgrades; anything else (HTTP/2 over clear text, say) is answered as an ordinary request.
  const server = createServer({
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
  });
  const stopping = new AbortController();
  const file = stopFile(join(config.dataFolder, "emergency-stops.json"));
  const precautions = await openPrecautions({ store, file, clock: systemClock, trust, log });

  const gateway = attachGateway(server, {
    store,
    stream,
    clock: systemClock,
    random: systemRandom,
    verify,
    bus,
    trust,
    precautions,
    log,
  });
  const orchestrator = new Orchestrator({
    store,
    stream,
    clock: systemClock,
    random: systemRandom,
    gateway,
    bus,
    verifyDevice: verify,
    online: trust.online,
    log,
    isLive: (candidate) => candidate === stream,
    settings: config,
    ...(decide === undefined ? {} : { decide }),
  });
  const access = createAccess(store, now, systemRandom);
  const isSetUp = await access.isSetUp();
  const desk = { orchestrator, trust, precautions };
  const administration = openAdministration(desk);
  const forgetPrecautions = precautions.onTell((frames) => gateway.tellPrecautions(frames));
  server.on(
    "request",
    createApi({
      administration,
      access,
      log,
      version,
      consoleFolder,
      now,
      allowedHosts: LOOPBACK_HOSTS,
      stopping: stopping.signal,
    }),
  );
  try {
    await orchestrator.start();
    await listen(server, config);
  } catch (error) {
    await orchestrator.stop(); // it must not lead where nobody can reach it
    await gateway.drain();
    throw error;
  }
  const forgetTrust = trust.onChange(() => gateway.tellTrust());
  const sweep = schedule(
    SAFETY_SWEEP,
    () => {
      orchestrator.poke();
      // What was pressed while the database was down, or at another controller.
      const work = precautions.refresh().then(() => enforceStop(desk));
      work.catch((error: unknown) => log.error({ err: error }, "stops and holds could not be read again"));
    },
    { timezone: "UTC" },
  );
  const trustSweep = schedule(
    TRUST_SWEEP,
    () => {
      const work = trust.refresh().then(() => trust.renewIfDue());
      work.catch((error: unknown) => log.error({ err: error }, "the trust documents could not be read again"));
    },
    { timezone: "UTC" },
  );
  const url = urlOf(server.address() as AddressInfo); // it listens on a port, not on a pipe

  return {
    url,
    isSetUp,
    makeSetupLink: () => access.makeSetupLink(url),
    async stop() {
      await sweep.stop();
      await trustSweep.stop();
      forgetTrust();
      forgetPrecautions();
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      await gateway.drain();
      await orchestrator.stop();
      const forget = systemClock.after(ANSWERS_MAX_MS, () => server.closeAllConnections());
      server.closeIdleConnections();
      await closed;
      forget();
      await store.close();
    },
  };
}

function listen(server: Server, { port, host }: ControllerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

async function openStore({ databaseFile, dataFolder }: ControllerConfig): Promise<Store> {
  const store =
    databaseFile === undefined
      ? await openSqliteStore({ file: join(dataFolder, "ringback.sqlite") })
      : await openPostgresStore({ url: (await readFile(databaseFile, "utf8")).trim() });
  try {
    await store.migrate();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
