/**
 * The controller put together: one process that is gateway, orchestrator, API and console.
 *
 * The only place, besides main.ts, that chooses adapters. Started once, stopped once; stopping is graceful, and being
 * killed at any moment is survived.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { schedule } from "node-cron";
import type { Logger } from "pino";
import { newId } from "../protocol/ids.ts";
import type { VerifyRaw } from "../protocol/signatures.ts";
import type { Instant } from "../protocol/time.ts";
import { createAccess } from "./access/tokens.ts";
import { openAdministration } from "./administration/administration.ts";
import { voidApprovals } from "./administration/void-approvals.ts";
import { enforceStop } from "./administration/emergency-desk.ts";
import { createApi } from "./api/api.ts";
import { addressOf, stripUntrusted } from "./api/front.ts";
import { LOOPBACK_APPROVALS, LOOPBACK_HOSTS } from "./api/hosts.ts";
import { inProcessBus } from "./bus/in-process.ts";
import type { ControllerConfig } from "./config.ts";
import { enrolmentEndpoint } from "./enrolment/endpoint.ts";
import { attachGateway } from "./gateway/gateway.ts";
import { deviceVerifier } from "./gateway/verify.ts";
import { Orchestrator, type OrchestratorDeps } from "./orchestrator/orchestrator.ts";
import type { Store, TrustKeeper } from "./ports.ts";
import { openPostgresStore } from "./storage/postgres.ts";
import { openSqliteStore } from "./storage/sqlite.ts";
import { systemClock, systemRandom } from "./system.ts";
import { filesTls, ownTls, type ServerTls } from "./tls/server-tls.ts";
import { openTrustKeeper } from "./trust/keeper.ts";
import { openResumeKeys, type RotatingKeys } from "./trust/resume-keys.ts";
import { discardUnusedKeys, loadStarterKeys } from "./trust/starter-keys.ts";
import { openPrecautions } from "./trust/precautions.ts";
import { stopFile } from "./trust/stop-file.ts";
import { verifyRaw } from "./trust/verify-raw.ts";

export interface Controller {
  /** Where console and API are. */
  readonly url: string;
  /** A new one-time link for the first administrator; each is good once and for a day. */
  makeSetupLink(): Promise<string>;
  readonly isSetUp: boolean;
  /** SHA-256 of the certificate that agents pin; null where TLS does not end here. */
  readonly caSha256: string | null;
  stop(): Promise<void>;
}

export interface ControllerParts {
  readonly version: string;
  readonly consoleFolder: string;
  readonly log: Logger;
  /** See OrchestratorDeps: for showing that gates are needed. */
  readonly decide?: OrchestratorDeps["decide"];
  /** For showing that agents check approvals themselves: what this one believes instead. */
  readonly verify?: VerifyRaw;
}

/** How long a graceful stop waits for answers under way. A peer that never finishes its request does not hold it up. */
const ANSWERS_MAX_MS = 5_000;
/** Every five minutes: an administrator who replaced a certificate sees it before he goes home. */
const RENEWAL_CHECK = "23 */5 * * * *";
const TRUST_SWEEP = "30 * * * * *";
/** Every ten seconds, in UTC: node-cron skips an hour at the autumn clock change in local zones. */
const SAFETY_SWEEP = "*/10 * * * * *";

/** Whether a key is a day old is looked at every hour. */
const KEY_ROTATION = "7 * * * *";

export async function startController(config: ControllerConfig, parts: ControllerParts): Promise<Controller> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const store = await openStore(config);
  try {
    const isFirstStart = (await store.trustDocuments()).length === 0;
    const folder = join(config.dataFolder, "keys");
    const keys = await loadStarterKeys(folder, isFirstStart);
    const trust = await openTrustKeeper({ store, keys, clock: systemClock, verify: parts.verify ?? verifyRaw });
    const resume = await openResumeKeys(join(folder, "resume.key"), () => systemClock.now(), systemRandom);
    return await startOver(store, trust, resume, config, parts);
  } catch (error) {
    await store.close(); // its threads would keep a controller alive that could not start
    throw error;
  }
}

async function startOver(
  store: Store,
  trust: TrustKeeper,
  resume: RotatingKeys,
  config: ControllerConfig,
  { version, consoleFolder, log, decide }: ControllerParts,
): Promise<Controller> {
  const now = (): Instant => systemClock.now();
  const stream = newId("stream", now(), systemRandom(10));
  const bus = inProcessBus();
  const verify = deviceVerifier();
  const tls = await openTls(config, now());
  const server = serverOf(tls);
  const stopping = new AbortController();
  const file = stopFile(join(config.dataFolder, "emergency-stops.json"));
  const precautions = await openPrecautions({ store, file, clock: systemClock, trust, log });

  const gateway = attachGateway(server, {
    store,
    stream,
    clock: systemClock,
    random: systemRandom,
    verify,
    resumeKeys: resume.keys,
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
    whyVoid: voidApprovals(trust),
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
  const behindFront = config.tls === "front";
  const caSha256 = tls?.caSha256 ?? null;
  const api = createApi({
    administration,
    access,
    log,
    version,
    consoleFolder,
    now,
    allowedHosts: [...LOOPBACK_HOSTS, ...config.names.map((name) => `${name.includes(":") ? `[${name}]` : name}:*`)],
    approvalOrigin: () => approvalOriginOf(config, server.address() as AddressInfo),
    ...(config.approvalOrigin === undefined ? {} : { namedApprovalOrigin: config.approvalOrigin }),
    stopping: stopping.signal,
    behindFront,
    caSha256,
  }) as RequestListener;
  const takesEnrolment = enrolmentEndpoint({
    store,
    stream,
    clock: systemClock,
    verify,
    bus,
    log,
    addressOf,
    pack: () => Promise.resolve({ trust: [...trust.documents], policy: trust.policyEnvelope }),
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    stripUntrusted(request, behindFront);
    if (!gateway.takes(request, response) && !takesEnrolment(request, response)) api(request, response);
  });
  try {
    await orchestrator.start();
    await listen(server, config);
  } catch (error) {
    await orchestrator.stop(); // it must not lead where nobody can reach it
    await gateway.drain();
    throw error;
  }
  const discardKeys = (): void => {
    discardUnusedKeys(join(config.dataFolder, "keys"), trust).then(
      (files) =>
        files.length > 0 && log.info({ files }, "starter keys were removed: people have taken their roles over"),
      (error: unknown) =>
        log.error({ err: error }, "starter keys that count no more could not be removed: remove them"),
    );
  };
  discardKeys();
  const forgetTrust = trust.onChange(() => {
    gateway.tellTrust();
    discardKeys();
    orchestrator.poke(); // what is under way may have lost its approvals
  });
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
  const rotation = schedule(KEY_ROTATION, () => rotate(resume, log), { timezone: "UTC" });
  const keepCertificate = async (): Promise<void> => {
    if (tls === undefined || !("setSecureContext" in server)) return;
    try {
      const context = await tls.renewed(now());
      if (context === undefined) return;
      server.setSecureContext(context);
      log.info({}, "the server's certificate is renewed; connections that are open go on");
    } catch (error) {
      log.error(
        { error: String(error) },
        "the server's certificate could not be renewed; the one before is still shown",
      );
    }
  };
  const renewal = schedule(RENEWAL_CHECK, keepCertificate, { timezone: "UTC" });
  const url = urlOf(server.address() as AddressInfo, config); // it listens on a port, not on a pipe

  return {
    url,
    isSetUp,
    caSha256,
    makeSetupLink: () => access.makeSetupLink(url),
    async stop() {
      await sweep.stop();
      await trustSweep.stop();
      forgetTrust();
      await rotation.stop();
      await renewal.stop();
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

/** Without a new key the old ones go on; logins by ticket end when those are too old, and logins by key go on. */
async function rotate(resume: RotatingKeys, log: Logger): Promise<void> {
  try {
    await resume.rotate();
  } catch (error) {
    log.error({ err: error }, "no new key for resuming logins could be written; is the disk of the data folder full?");
  }
}

function listen(server: Server | TlsServer, { port, host }: ControllerConfig): Promise<void> {
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

/** By its first name where it has one: an address of all interfaces is nobody's address. */
function urlOf({ address, family, port }: AddressInfo, { tls, names }: ControllerConfig): string {
  const scheme = tls === "own" || tls === "files" ? "https" : "http";
  const name = scheme === "http" ? undefined : names[0];
  const isEverywhere = address === "0.0.0.0" || address === "::";
  const host = name ?? (isEverywhere ? "localhost" : address);
  return `${scheme}://${host.includes(":") && family === "IPv6" ? `[${host}]` : host}:${port}`;
}

// Only WebSockets are upgrades; anything else (HTTP/2 over clear text, say) is answered as an ordinary request.
const SERVER_OPTIONS = {
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
} as const;

const serverOf = (tls: ServerTls | undefined): Server | TlsServer =>
  tls === undefined
    ? createServer(SERVER_OPTIONS)
    : createTlsServer({ ...SERVER_OPTIONS, ...tls.context, ALPNProtocols: ["http/1.1"] });

async function openTls(config: ControllerConfig, now: Instant): Promise<ServerTls | undefined> {
  const { tls, dataFolder, names, host, tlsCert, tlsKey } = config;
  const called = [...names, new URL(config.approvalOrigin ?? `https://${LOOPBACK_APPROVALS}`).hostname];
  if (tls === "own") return ownTls(join(dataFolder, "tls"), isIP(host) === 0 ? called : [...called, host], now);
  if (tls === "files" && tlsCert !== undefined && tlsKey !== undefined) return filesTls(tlsCert, tlsKey);
  return undefined;
}

const approvalOriginOf = ({ approvalOrigin, tls }: ControllerConfig, { port }: AddressInfo): string =>
  approvalOrigin ??
  new URL(`${tls === "own" || tls === "files" ? "https" : "http"}://${LOOPBACK_APPROVALS}:${port}`).origin;
