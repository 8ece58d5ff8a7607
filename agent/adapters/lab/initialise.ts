/** Installs an agent on a lab machine: id, key, settings and trust, as an administrator's installer would. */
import { randomBytes } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { type DeviceId, newId } from "../../../protocol/ids.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { PublicKey } from "../../../protocol/public-key.ts";
import { type AgentConfig, type AgentConfigInput, parseConfig } from "../../config.ts";
import { newBelief } from "../../core/belief.ts";
import { createDeviceKey, type DeviceKey, readDeviceKey } from "../keys.ts";
import { FILES } from "../files.ts";
import { replaceFile } from "../replace-file.ts";
import { readConfig, writeBelief } from "../state-folder.ts";
import { stateFolder } from "./layout.ts";

export interface LabSettings {
  readonly config: Omit<AgentConfigInput, "deviceId">;
  /** The payload digest of the trust document to begin with. Without it every order is refused. */
  readonly trustRoot?: Sha256;
}

/**
 * Safe to call again: id and key of a machine stay what they are, settings and the pinned trust are replaced.
 * @throws ConfigInvalid
 */
export async function initialiseLabMachine(
  machine: string,
  settings: LabSettings,
): Promise<{ readonly id: DeviceId; readonly publicKey: PublicKey }> {
  const folder = stateFolder(machine);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const id = (await knownId(folder)) ?? newId("dev", Date.now() as Instant, randomBytes(10));
  const text = JSON.stringify({ ...settings.config, deviceId: id } satisfies AgentConfigInput, undefined, 2);
  parseConfig(text, "the settings"); // a mistake is found now, not at the next boot
  const key = await deviceKey(join(folder, FILES.key));
  await replaceFile(join(folder, FILES.config), `${text}\n`);
  if (settings.trustRoot !== undefined) await writeBelief(folder, newBelief(settings.trustRoot));
  return { id, publicKey: key.publicKey };
}

async function knownId(folder: string): Promise<AgentConfig["deviceId"] | undefined> {
  return (await exists(join(folder, FILES.config))) ? (await readConfig(folder)).deviceId : undefined;
}

const deviceKey = async (path: string): Promise<DeviceKey> =>
  (await exists(path)) ? readDeviceKey(path) : createDeviceKey(path);

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
