/**
 * The controller put together: one process that is gateway, orchestrator, API and console.
 *
 * The only place, besides main.ts, that chooses adapters. Started once, stopped once; stopping is graceful, and being
 * killed at any moment is survived.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { newId } from "../protocol/ids.ts";
import type { VerifyRaw } from "../protocol/signatures.ts";
import type { Instant } from "../protocol/time.ts";
import { createAccess } from "./access/tokens.ts";
import { openAdministration } from "./administration/administration.ts";
import { voidApprovals } from "./administration/void-approvals.ts";
import { createApi } from "./api/api.ts";
import { addressOf, stripUntrusted } from "./api/front.ts";
import { LOOPBACK_HOSTS } from "./api/hosts.ts";
import { inProcessBus } from "./bus/in-process.ts";
import type { ControllerConfig } from "./config.ts";
import { createDetector } from "./detection/detector.ts";
import { enrolmentEndpoint } from "./enrolment/endpoint.ts";
import { attachGateway } from "./gateway/gateway.ts";
import { GATEWAY_LIMITS } from "./gateway/limits.ts";
import { deviceVerifier } from "./gateway/verify.ts";
import { loadLibrary } from "./library/load.ts";
import { Orchestrator, type OrchestratorDeps } from "./orchestrator/orchestrator.ts";
import { vendorConnectors } from "./notify/connectors.ts";
import { openConnectors } from "./notify/connectors-file.ts";
import { openMasterKey } from "./notify/master-key.ts";
import { post } from "./notify/post.ts";
import { WebhookSender } from "./notify/webhooks.ts";
import type { TrustKeeper } from "./ports/trust.ts";
import type { VendorConnectors } from "./ports/vendors.ts";
import type { Store } from "./store.ts";
import { approvalOriginOf, listen, openTls, serverOf, urlOf } from "./server.ts";
import { openPostgresStore } from "./storage/postgres.ts";
import { openSqliteStore } from "./storage/sqlite.ts";
import { startSweeps } from "./sweeps.ts";
import { systemClock, systemRandom } from "./system.ts";
import { openTrustKeeper } from "./trust/keeper.ts";
import { openResumeKeys, type RotatingKeys } from "./trust/resume-keys.ts";
import { loadStarterKeys } from "./trust/starter-keys.ts";
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
export async function startController(config: ControllerConfig, parts: ControllerParts): Promise<Controller> {
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
  const store = await openStore(config);
  try {
    const isFirstStart = (await store.trustDocuments()).length === 0;
    const folder = keysIn(config);
    const keys = await loadStarterKeys(folder, isFirstStart);
    const trust = await openTrustKeeper({ store, keys, clock: systemClock, verify: parts.verify ?? verifyRaw });
    const webhookKey = await openMasterKey(join(folder, "webhooks.key"), systemRandom);
    const vendors =
      config.connectorsFile === undefined
        ? vendorConnectors([])
        : await openConnectors(config.connectorsFile, post, systemClock);
    const resume = await openResumeKeys(join(folder, "resume.key"), () => systemClock.now(), systemRandom);
    return await startOver(store, trust, { resume, webhookKey, vendors }, config, parts);
  } catch (error) {
    await store.close(); // its threads would keep a controller alive that could not start
    throw error;
  }
}

/** What was read from files before anything starts. */
interface Opened {
  readonly resume: RotatingKeys;
  readonly webhookKey: Uint8Array;
  readonly vendors: VendorConnectors;
}

async function startOver(
  store: Store,
  trust: TrustKeeper,
  { resume, webhookKey, vendors }: Opened,
  config: ControllerConfig,
  { version, consoleFolder, log, decide }: ControllerParts,
): Promise<Controller> {
  const library = loadLibrary(); // first: an entry that is wrong is found before anything listens
  const now = (): Instant => systemClock.now();
  const stream = newId("stream", now(), systemRandom(10));
  const bus = inProcessBus();
  const verify = deviceVerifier();
  const behindFront = config.tls === "front";
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
    limits: { pingEveryMs: GATEWAY_LIMITS.pingEveryMs / config.labPace },
    addressOf: (request) => {
      stripUntrusted(request, behindFront);
      return addressOf(request);
    },
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
    vendors,
    notifier: { tell: (notices) => webhooks.tell(notices) },
    isLive: (candidate) => candidate === stream,
    settings: config,
    detection: { makeDetector: createDetector, pace: config.labPace },
    ...(decide === undefined ? {} : { decide }),
  });
  const webhooks = new WebhookSender({
    store,
    clock: systemClock,
    random: systemRandom,
    log,
    post,
    masterKey: webhookKey,
    allowsPrivate: config.allowPrivateWebhooks === true,
    maySend: () => orchestrator.leads,
  });
  const access = createAccess(store, now, systemRandom);
  const isSetUp = await access.isSetUp();
  const desk = { orchestrator, trust, precautions };
  const administration = openAdministration(desk, { library, dryRuns: gateway.dryRuns, webhooks, vendors });
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
    await webhooks.stop();
    await orchestrator.stop(); // it must not lead where nobody can reach it
    await gateway.drain();
    throw error;
  }
  webhooks.start();
  const endSweeps = startSweeps({ desk, gateway, resume, server, tls, keysFolder: keysIn(config), log });
  const url = urlOf(server.address() as AddressInfo, config); // it listens on a port, not on a pipe

  return {
    url,
    isSetUp,
    caSha256,
    makeSetupLink: () => access.makeSetupLink(url),
    async stop() {
      await endSweeps();
      stopping.abort();
      await webhooks.stop();
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

const keysIn = ({ dataFolder }: ControllerConfig): string => join(dataFolder, "keys");

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
