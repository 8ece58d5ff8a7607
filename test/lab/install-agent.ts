/**
 * Installs the agent on a lab machine, as an administrator's software distribution would, with the product's own installer.
 * The device makes its key itself; the administrator vouches for it by registering it.
 */
import { initialiseLabMachine, type LabSettings } from "../../agent/adapters/lab/initialise.ts";
import type { ApiClient } from "../../controller/cli/client.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { AGENT_PATH } from "../../protocol/frames.ts";
import { Role, Site } from "../../protocol/names.ts";
import { WindowsGlob, WindowsPath } from "../../protocol/windows-path.ts";
import { SENSOR_SERVICE } from "./disk.ts";
import { DEADLY_WITHIN_MS, type MachineSpec } from "./fleet.ts";
import type { LabClock } from "./lab-clock.ts";

const ACME = "C:\\Windows\\System32\\drivers\\Acme";

/** The same for machines in folders and in memory. */
export const agentSettings = (
  spec: MachineSpec,
  clock: LabClock,
  host: string,
  port: number,
): LabSettings["config"] => ({
  controllers: [`ws://${host}:${port}${AGENT_PATH}`],
  sources: [
    {
      id: ContentSourceId.parse("acme.content-7"),
      title: "Acme Endpoint content, channel 7",
      files: [WindowsGlob.parse(`${ACME}\\C-00000007-*.sys`)],
      label: { kind: "file-name", pattern: "^C-00000007-\\d+-0*(\\d+)\\.sys$" },
    },
  ],
  allowedRoots: [WindowsPath.parse(ACME)],
  services: spec.subscribed ? [SENSOR_SERVICE, "Dnscache"] : ["Dnscache"],
  // A boot that may still die of what it loaded is not good yet.
  goodAfterMs: Math.ceil(clock.toWallMs(DEADLY_WITHIN_MS)) + 500,
  watchEveryMs: 500,
  pollEveryMs: 250,
  backoff: { baseMs: 200, capMs: 500, resetAfterMs: 5_000 },
});

/** @param port of the machine's own network */
export async function installAgent(
  client: ApiClient,
  trustRoot: Sha256,
  clock: LabClock,
  folder: string,
  spec: MachineSpec,
  port: number,
): Promise<void> {
  const config = agentSettings(spec, clock, "127.0.0.1", port);
  const { id, publicKey } = await initialiseLabMachine(folder, { config, trustRoot });
  const [site, role] = [Site.parse(spec.site), Role.parse(spec.role)];
  await client.registerDevice({ id, publicKey, name: spec.name, site, role });
}
