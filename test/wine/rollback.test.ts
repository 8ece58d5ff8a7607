/** The day of the faulty channel file, on Windows machines as far as Wine is one: the story that all of this is for. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { readCatalogue } from "../../agent/adapters/catalogue.ts";
import { PlanView, type PlanRequest, RolloutDevicePage, RolloutView } from "../../protocol/api.ts";
import { ContentSource } from "../../protocol/content-source.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { whyNoFakeTools } from "../support/fake-tool.ts";
import { aGate } from "../support/hospital.ts";
import { whyNoPackage } from "../support/package-tools.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { Administrator } from "../support/tls-requests.ts";
import { until } from "../support/until.ts";
import { packageForWine } from "../support/wine-agent.ts";
import { type ChannelFile, WineClinic } from "../support/wine-clinic.ts";
import { whyNoWine } from "../support/wine.ts";

const DAY = 86_400_000;
const FALCON = "C:\\windows\\System32\\drivers\\CrowdStrike";
const FAULTY: ChannelFile = {
  path: `${FALCON}\\C-00000291-00000000-00000032.sys`,
  contents: "\u00aa\u00aa made up: the contents that stop the machine",
  modifiedAt: "2024-07-19T04:09:00Z",
};
const GOOD: ChannelFile = {
  path: `${FALCON}\\C-00000291-00000000-00000033.sys`,
  contents: "\u00aa\u00aa made up: the contents that came after",
  modifiedAt: "2024-07-19T05:27:00Z",
};
const ACME = "C:\\Acme\\content";
const OWN_FAULTY: ChannelFile = {
  path: `${ACME}\\content-8.dat`,
  contents: "made up: an own source's faulty contents",
  modifiedAt: "2026-03-01T08:00:00Z",
};
const OWN_GOOD: ChannelFile = { ...OWN_FAULTY, path: `${ACME}\\content-7.dat`, contents: "made up: good" };
const OWN_SOURCE = ContentSource.parse({
  id: "acme.content",
  title: "Acme content",
  files: [`${ACME}\\content-*.dat`],
  label: { kind: "file-name", pattern: "^content-(\\d+)\\.dat$" },
  permits: { normal: ["quarantine-file", "restore-file"], safe: [], offline: [] },
});
const digest = ({ contents }: ChannelFile): string => createHash("sha256").update(contents).digest("hex");
const lies = (clinic: WineClinic, { path }: ChannelFile): Promise<boolean> =>
  stat(clinic.machine.at(path)).then(
    () => true,
    () => false,
  );

const why = whyNoWine() ?? whyNoPackage() ?? whyNoFakeTools();
describe.skipIf(why !== undefined)("a faulty channel file, under Wine", () => {
  let folder: TemporaryFolder;
  let controller: ControllerProcess;
  let admin: Administrator;
  let sick: WineClinic;
  let well: WineClinic;
  let sickId: DeviceId;
  let wellId: DeviceId;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const msi = await packageForWine(folder.path, "0.1.0");
    controller = await startControllerProcess(join(folder.path, "controller"), ["--tls", "own"]);
    const ca = await readFile(join(folder.path, "controller", "tls", "ca.crt"), "utf8");
    admin = await Administrator.comes(controller.url, ca, controller.setupLink);
    sick = await WineClinic.open([FAULTY, GOOD, OWN_FAULTY, OWN_GOOD]);
    well = await WineClinic.open([GOOD, OWN_GOOD]);
    sickId = await enrolled(sick, msi);
    wellId = await enrolled(well, msi);
  });
  afterAll(async () => {
    await sick?.remove();
    await well?.remove();
    await controller?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  /** Installs and enrols the agent, with settings in which nothing takes minutes. */
  async function enrolled(clinic: WineClinic, msi: string): Promise<DeviceId> {
    const known = new Set((await admin.devices()).map(({ id }) => id));
    const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
    await writeFile(clinic.machine.at("C:\\token.txt"), token);
    const exitCode = await clinic.agent.install(msi, {
      CONTROLLER_URL: controller.url,
      ENROLMENT_TOKEN_FILE: "C:\\token.txt",
      CA_SHA256: controller.caSha256 ?? "",
      TRUST_ROOT_SHA256: await admin.trustRoot(),
      DEVICE_GROUP: "ward-pcs",
    });
    expect(exitCode).toBe(0);
    const device = await until("the device", async () => (await admin.devices()).find(({ id }) => !known.has(id)));
    await clinic.configure({
      sources: [...readCatalogue().values(), OWN_SOURCE],
      allowedRoots: [FALCON, ACME],
      goodAfterMs: 100,
      watchEveryMs: 200,
      pollEveryMs: 200,
      backoff: { baseMs: 100, capMs: 500 },
    });
    await until("the device's report", async () =>
      (await admin.devices()).find(({ id, connected, tries }) => id === device.id && connected && tries !== null),
    );
    return device.id;
  }

  async function rollout(request: Pick<z.input<typeof PlanRequest>, "title" | "playbook">): Promise<RolloutView> {
    const plan = PlanView.parse((await admin.ask("POST", "/plans", aRequest(request))).body);
    await admin.ask("POST", `/plans/${plan.id}/approve`, { digest: plan.digest });
    return RolloutView.parse((await admin.ask("POST", "/rollouts", { plan: plan.id })).body);
  }

  const aRequest = (request: Pick<z.input<typeof PlanRequest>, "title" | "playbook">): z.input<typeof PlanRequest> => ({
    ...request,
    devices: { all: true },
    strategy: {
      waves: [
        { name: "canary", take: { selector: { devices: [sickId] } }, gate: aGate },
        { name: "everyone else", take: { rest: true }, gate: aGate },
      ],
      budgets: { inFlightMax: 5 },
      patience: { offerMs: DAY, silentMs: DAY, orderMs: DAY },
      validityMs: DAY,
    },
  });

  async function outcome(id: string, device: DeviceId): Promise<string | undefined> {
    const { items } = RolloutDevicePage.parse((await admin.ask("GET", `/rollouts/${id}/devices`)).body);
    const row = items.find((item) => item.device === device);
    return row?.status === "failed" || row?.status === "refused" ? `${row.status}: ${row.detail ?? ""}` : row?.status;
  }
  const becomes = (id: string, device: DeviceId, status: string) =>
    until(`${device} to be ${status}`, async () => {
      const now = await outcome(id, device);
      if (now !== undefined && /^(?:failed|refused)/.test(now)) throw new Error(now);
      return now === status ? true : undefined;
    });

  test("is quarantined in safe mode by an approved plan; the good one and a healthy machine stay as they are", async () => {
    const [before, wellBefore] = [await sick.tree(), await well.tree()];
    const { id } = await rollout({
      title: "Withdraw channel file 291-32",
      playbook: {
        name: "withdraw-channel-file",
        title: "Quarantine the faulty channel file, in safe mode",
        source: "crowdstrike.channel-291",
        steps: [
          { kind: "set-safe-mode", mode: "minimal" },
          { kind: "reboot", noticeMs: 0 },
          {
            kind: "quarantine-file",
            files: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-*.sys",
            where: {
              sha256: [digest(FAULTY)],
              header: Buffer.from(FAULTY.contents).subarray(0, 4).toString("hex"),
              modifiedBefore: Date.parse("2024-07-19T05:27:00Z"),
            },
            filesMax: 1,
          },
          { kind: "reboot", noticeMs: 0 },
          { kind: "await-healthy", services: [], settleMs: 100, withinMs: 600_000 },
        ],
      },
    });
    expect(await sick.restarts()).toBe("minimal");
    await until("the faulty file to be gone", async () => ((await lies(sick, FAULTY)) ? undefined : true));
    expect(await lies(sick, GOOD)).toBe(true);
    expect(await sick.restarts()).toBe(undefined);
    await becomes(id, sickId, "succeeded");
    await becomes(id, wellId, "not-applicable");
    const after = await sick.tree();
    expect([...before].filter(([name, was]) => after.get(name) !== was).map(([name]) => name)).toEqual([
      FAULTY.path.slice("C:\\".length),
    ]);
    expect([...after.keys()].filter((name) => !before.has(name))).toEqual([]);
    expect(await well.tree()).toEqual(wellBefore);
  });
});
