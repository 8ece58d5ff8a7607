/** What the controller looks after by itself, by the clock and when trust changes. In UTC: see `SAFETY_SWEEP`. */
import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import { schedule } from "node-cron";
import type { Logger } from "pino";
import { enforceStop } from "./administration/emergency-desk.ts";
import type { Desk } from "./administration/desk.ts";
import type { GatewayServer } from "./gateway/gateway.ts";
import { systemClock } from "./system.ts";
import type { ServerTls } from "./tls/server-tls.ts";
import type { RotatingKeys } from "./trust/resume-keys.ts";
import { discardUnusedKeys } from "./trust/starter-keys.ts";

/** Every five minutes: an administrator who replaced a certificate sees it before he goes home. */
const RENEWAL_CHECK = "23 */5 * * * *";
/** Another controller may have published; a document may be due for renewal. */
const TRUST_SWEEP = "30 * * * * *";
/** Every ten seconds, in UTC: node-cron skips an hour at the autumn clock change in local zones. */
const SAFETY_SWEEP = "*/10 * * * * *";

/** Whether a key is a day old is looked at every hour. */
const KEY_ROTATION = "7 * * * *";

export interface SweepParts {
  readonly desk: Desk;
  readonly gateway: GatewayServer;
  readonly resume: RotatingKeys;
  readonly server: Server | TlsServer;
  readonly tls: ServerTls | undefined;
  readonly keysFolder: string;
  readonly log: Logger;
}

/** @returns how to end them; resolves when none is under way */
export function startSweeps({ desk, gateway, resume, server, tls, keysFolder, log }: SweepParts): () => Promise<void> {
  const { orchestrator, trust, precautions } = desk;
  const forgetPrecautions = precautions.onTell((frames) => gateway.tellPrecautions(frames));
  const discardKeys = (): void => {
    discardUnusedKeys(keysFolder, trust).then(
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
      const context = await tls.renewed(systemClock.now());
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

  return async () => {
    await sweep.stop();
    await trustSweep.stop();
    forgetTrust();
    await rotation.stop();
    await renewal.stop();
    forgetPrecautions();
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
