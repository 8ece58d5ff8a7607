/** The agent connected to a real controller over TLS, beside a Node that does nothing, for the same time. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentConfigInput } from "../../../agent/config.ts";
import { startControllerProcess } from "../../support/controller-process.ts";
import { EnrollingMachine } from "../../support/lab-enrolment.ts";
import { Administrator } from "../../support/tls-requests.ts";
import { until } from "../../support/until.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import type { Shipped } from "./shipped.ts";

export interface Connected {
  readonly ours: Footprint;
  readonly bare: Footprint;
  /** CPU while connected, in per cent of a core. */
  readonly cpuPercent: { readonly ours: number; readonly bare: number };
  /** What was written from its start until the boot was good, as it is after five minutes, and said so. */
  readonly bootBytes: number;
  /** Afterwards. */
  readonly steadyBytes: number;
  readonly steadySeconds: number;
}

/** Of ten minutes: the last four, when the boot has been good for one. */
const STEADY_SHARE = 0.4;
/** What an agent does by itself, not what tests make of it. */
const DEFAULTS: Partial<AgentConfigInput> = {
  goodAfterMs: 300_000,
  watchEveryMs: 10_000,
  pollEveryMs: 2_000,
  sources: [
    {
      id: "acme.content-7",
      title: "Acme channel 7",
      files: ["C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys"],
      label: { kind: "digest" },
    },
  ],
};

/** @param folder an empty one on a disk, since what is written is counted */
export async function connected(shipped: Shipped, folder: string, seconds: number): Promise<Connected> {
  const data = join(folder, "controller");
  const controller = await startControllerProcess(data, ["--tls", "own"]);
  await using machine = await EnrollingMachine.make();
  try {
    const ca = await readFile(join(data, "tls", "ca.crt"), "utf8");
    const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
    const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
    const enrolled = await machine.enrol({
      controller: controller.url,
      caSha256: controller.caSha256 ?? "",
      trustRoot: await admin.trustRoot(),
      token,
      settings: DEFAULTS,
    });
    if (enrolled.code !== 0) throw new Error(`the agent did not enrol: ${enrolled.stderr}`);
    await using bare = await shipped.bare(join(folder, "bare.log"));
    await using agent = await shipped.agent(machine.folder, join(folder, "agent.log"));
    const isHeard = async () => (await admin.devices()).find((device) => device.connected && device.tries !== null);
    await until("a report of the boot", isHeard);
    const before = { ours: await footprintOf(agent.pid), bare: await footprintOf(bare.pid) };
    const steadySeconds = seconds * STEADY_SHARE;
    await sleep((seconds - steadySeconds) * 1_000);
    const { writtenBytes: bootBytes } = await footprintOf(agent.pid);
    await sleep(steadySeconds * 1_000);
    const after = { ours: await footprintOf(agent.pid), bare: await footprintOf(bare.pid) };
    if (!agent.isAlive || (await isHeard()) === undefined) throw new Error("the agent did not stay connected");
    const percent = (of: "ours" | "bare"): number => ((after[of].cpuMs - before[of].cpuMs) / (seconds * 1_000)) * 100;
    return {
      ...after,
      cpuPercent: { ours: percent("ours"), bare: percent("bare") },
      bootBytes,
      steadyBytes: after.ours.writtenBytes - bootBytes,
      steadySeconds,
    };
  } finally {
    await controller.kill();
  }
}
