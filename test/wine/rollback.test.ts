/** The day of the faulty channel file, on Windows machines as far as Wine is one: the story that all of this is for. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readCatalogue } from "../../agent/adapters/catalogue.ts";
import { PlanView, type PlanRequest, RolloutDevicePage, RolloutView } from "../../protocol/api.ts";
import { ContentSource } from "../../protocol/content-source.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Step } from "../../protocol/playbook.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { whyNoFakeTools } from "../support/fake-tool.ts";
import { aGate } from "../support/hospital.ts";
import { whyNoPackage } from "../support/package-tools.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { Administrator } from "../support/tls-requests.ts";
import { until } from "../support/until.ts";
import { packageForWine } from "../support/wine-agent.ts";
import { type ChannelFile, WineClinic } from "../support/wine-clinic.ts";
import { type FileCall, fileCalls } from "../support/wine-files.ts";
import { differences, type Registry } from "../support/wine-registry.ts";
import { whyNoWine } from "../support/wine.ts";

type StepInput = z.input<typeof Step>;
const STATE = "C:\\ProgramData\\Ringback";
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
const ACME = "C:\\ProgramData\\Acme";
const sha = ({ contents }: Pick<ChannelFile, "contents">): string =>
  createHash("sha256").update(contents).digest("hex");
const OWN_FAULTY = { path: `${ACME}\\content-8.dat`, contents: "made up: an own source's faulty contents" };
/** Created, accessed, written: in units of 100 ns since 1601. Under Wine a file is created when it was written. */
const OWN_TIMES = ["133658285401234567", "133658285411234567", "133658285421234567"];
const READ_ONLY_HIDDEN_ARCHIVE = 0x23;
const OWN_GOOD: ChannelFile = {
  path: `${ACME}\\content-7.dat`,
  contents: "made up: an own source's good contents",
  modifiedAt: "2026-03-01T08:00:00Z",
};
const OWN_SOURCE = ContentSource.parse({
  id: "acme.content",
  title: "Acme content",
  files: [`${ACME}\\content-*.dat`],
  label: { kind: "file-name", pattern: "^content-(\\d+)\\.dat$" },
  permits: { normal: ["quarantine-file", "restore-file"], safe: [], offline: [] },
  readBy: "service",
});
const OWN_STEP: StepInput = {
  kind: "quarantine-file",
  files: `${ACME}\\content-*.dat`,
  where: { sha256: [sha(OWN_FAULTY)] },
  filesMax: 1,
};
const REBOOT: StepInput = { kind: "reboot", noticeMs: 0 };
const AWAIT_HEALTHY: StepInput = { kind: "await-healthy", services: [], settleMs: 100, withinMs: 600_000 };
const Look = z.looseObject({ times: z.array(z.string()) });
interface Patient {
  readonly clinic: WineClinic;
  readonly id: DeviceId;
  /** Before any plan. */
  readonly registry: Registry;
}
/** Where Windows keeps what it is to move at its next start. */
const DUE_MOVES = 'HKLM\\System\\CurrentControlSet\\Control\\Session Manager "PendingFileRenameOperations"';
const onDriveC = ({ path }: Pick<ChannelFile, "path">): string => path.slice("C:\\".length);
const lies = ({ clinic }: Patient, { path }: Pick<ChannelFile, "path">): Promise<boolean> =>
  stat(clinic.machine.at(path)).then(
    () => true,
    () => false,
  );

const why = whyNoWine() ?? whyNoPackage() ?? whyNoFakeTools();
describe.skipIf(why !== undefined)("a faulty channel file, under Wine", () => {
  let folder: TemporaryFolder;
  let controller: ControllerProcess;
  let admin: Administrator;
  const clinics: WineClinic[] = [];
  let sick: Patient;
  let well: Patient;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const msi = await packageForWine(folder.path, "0.1.0");
    controller = await startControllerProcess(join(folder.path, "controller"), ["--tls", "own"]);
    const ca = await readFile(join(folder.path, "controller", "tls", "ca.crt"), "utf8");
    admin = await Administrator.comes(controller.url, ca, controller.setupLink);
    [sick, well] = await Promise.all([
      enrolled("sick", msi, [FAULTY, GOOD, OWN_GOOD]),
      enrolled("well", msi, [GOOD, OWN_GOOD]),
    ]);
  });
  afterAll(async () => {
    await Promise.all(clinics.map((clinic) => clinic.remove()));
    await controller?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  /** A machine with these files and the agent, installed, enrolled, and with settings in which nothing takes minutes. */
  async function enrolled(group: string, msi: string, files: readonly ChannelFile[]): Promise<Patient> {
    const clinic = await WineClinic.open(files);
    clinics.push(clinic);
    const { token } = await admin.makeToken({ group, acceptance: { kind: "at-once" } });
    await writeFile(clinic.machine.at("C:\\token.txt"), token);
    const exitCode = await clinic.agent.install(msi, {
      CONTROLLER_URL: controller.url,
      ENROLMENT_TOKEN_FILE: "C:\\token.txt",
      CA_SHA256: controller.caSha256 ?? "",
      TRUST_ROOT_SHA256: await admin.trustRoot(),
      DEVICE_GROUP: group,
    });
    expect(exitCode).toBe(0);
    const reports = (tries: number) =>
      until(`report ${tries} of ${group}`, async () =>
        (await admin.devices()).find((device) => device.group === group && device.connected && device.tries === tries),
      );
    await reports(1);
    const registry = await clinic.configure({
      sources: [...readCatalogue().values(), OWN_SOURCE],
      allowedRoots: [FALCON, ACME],
      goodAfterMs: 100,
      watchEveryMs: 200,
      pollEveryMs: 200,
      backoff: { baseMs: 100, capMs: 500 },
    });
    const { id } = await reports(2);
    return { clinic, id, registry };
  }

  /** One machine after the other. */
  async function rollout(
    playbook: z.input<typeof PlanRequest>["playbook"],
    devices: readonly Patient[],
  ): Promise<RolloutView> {
    const request: z.input<typeof PlanRequest> = {
      title: playbook.title,
      playbook,
      devices: { devices: devices.map(({ id }) => id) },
      strategy: {
        waves: devices.map(({ id }, i) => ({
          name: `wave ${i + 1}`,
          take: { selector: { devices: [id] } },
          gate: aGate,
        })),
        budgets: { inFlightMax: 5 },
        patience: { offerMs: DAY, silentMs: DAY, orderMs: DAY },
        validityMs: DAY,
      },
    };
    return approved(await admin.ask("POST", "/plans", request));
  }

  async function approved({ body }: { readonly body: unknown }): Promise<RolloutView> {
    const plan = PlanView.parse(body);
    await admin.ask("POST", `/plans/${plan.id}/approve`, { digest: plan.digest });
    return RolloutView.parse((await admin.ask("POST", "/rollouts", { plan: plan.id })).body);
  }

  async function outcome(id: string, device: DeviceId): Promise<string | undefined> {
    const { items } = RolloutDevicePage.parse((await admin.ask("GET", `/rollouts/${id}/devices`)).body);
    const row = items.find((item) => item.device === device);
    return row?.status === "failed" || row?.status === "refused" ? `${row.status}: ${row.detail ?? ""}` : row?.status;
  }
  const becomes = ({ id }: RolloutView, { id: device }: Patient, status: string) =>
    until(`${device} to be ${status}`, async () => {
      const now = await outcome(id, device);
      if (now !== undefined && /^(?:failed|refused)/.test(now)) throw new Error(now);
      return now === status ? true : undefined;
    });

  test("is quarantined in safe mode by an approved plan; the good one and a healthy machine stay as they are", async () => {
    const { clinic } = sick;
    const [before, wellBefore] = [await clinic.tree(), await well.clinic.tree()];
    const steps: StepInput[] = [
      { kind: "set-safe-mode", mode: "minimal" },
      REBOOT,
      {
        kind: "quarantine-file",
        files: "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-*.sys",
        where: {
          sha256: [sha(FAULTY)],
          header: Buffer.from(FAULTY.contents).subarray(0, 4).toString("hex"),
          modifiedBefore: Date.parse("2024-07-19T05:27:00Z"),
        },
        filesMax: 1,
      },
      REBOOT,
      AWAIT_HEALTHY,
    ];
    const title = "Quarantine the faulty channel file, in safe mode";
    const source = "crowdstrike.channel-291";
    const run = await rollout({ name: "withdraw-channel-file", title, source, steps }, [sick, well]);
    expect((await clinic.restarts()).mode).toBe("minimal");
    await until("the faulty file to be gone", async () => ((await lies(sick, FAULTY)) ? undefined : true));
    expect(await lies(sick, GOOD)).toBe(true);
    expect((await clinic.restarts()).mode).toBe(undefined);
    await becomes(run, sick, "succeeded");
    await becomes(run, well, "not-applicable");
    expect(differences(before, await clinic.tree())).toEqual([onDriveC(FAULTY)]);
    expect(differences(sick.registry, await clinic.powerOff())).toEqual([]);
    expect(differences(wellBefore, await well.clinic.tree())).toEqual([]);
  });

  test("of a source that permits it goes while Windows runs, and an undo brings it back with all its metadata", async () => {
    const { clinic } = well;
    const { path, contents: text } = OWN_FAULTY;
    const make = { do: "make", path, text, times: OWN_TIMES, attributes: READ_ONLY_HIDDEN_ARCHIVE } as const;
    const look = async (...first: FileCall[]) => {
      const calls: FileCall[] = [...first, { do: "look", path }];
      const seen = Look.parse((await fileCalls(clinic.machine, { stateFolder: STATE, calls })).at(-1));
      // The agent reads what has come back, which changes the time of the last access.
      return { ...seen, times: seen.times.filter((_time, i) => i !== 1) };
    };
    const seen = await look(make);
    expect(seen).toMatchObject({ attributes: READ_ONLY_HIDDEN_ARCHIVE });
    expect(seen.times.at(-1)).toBe(OWN_TIMES.at(-1));
    const before = await clinic.tree();
    const title = "Quarantine an own source's file";
    const run = await rollout({ name: "withdraw-acme", title, source: OWN_SOURCE.id, steps: [OWN_STEP] }, [well]);
    await becomes(run, well, "succeeded");
    expect(differences(before, await clinic.tree())).toEqual([onDriveC(OWN_FAULTY)]);
    expect(await lies(well, OWN_FAULTY)).toBe(false);

    const undo = await approved(await admin.ask("POST", `/rollouts/${run.id}/undo`, {}));
    await becomes(undo, well, "succeeded");
    expect(differences(before, await clinic.tree())).toEqual([]);
    expect(await look()).toEqual(seen);
    expect(await clinic.restartsAsked()).toEqual([]);
  });

  test("that a program holds open is moved by Windows at the restart that the plan asks for", async () => {
    const { clinic, registry } = well;
    const before = await clinic.tree();
    await clinic.holdOpen(OWN_FAULTY.path);
    const title = "Quarantine an own source's file, at the next start";
    const steps = [OWN_STEP, REBOOT, AWAIT_HEALTHY];
    const run = await rollout({ name: "withdraw-at-restart", title, source: OWN_SOURCE.id, steps }, [well]);
    await clinic.asksForRestart();
    const entry = join("quarantine", run.plan, "1");
    expect(JSON.parse(await clinic.agent.read(`${entry}.json`))).toMatchObject({ atRestart: true });
    expect(differences(before, await clinic.tree())).toEqual([]);
    const restart = await clinic.restarts();
    expect(restart.mode).toBe(undefined);
    expect(differences(registry, restart.registry)).toEqual([DUE_MOVES]);
    await becomes(run, well, "succeeded");
    expect(differences(before, await clinic.tree())).toEqual([onDriveC(OWN_FAULTY)]);
    expect(await clinic.agent.read(`${entry}.bin`)).toBe(OWN_FAULTY.contents);
    expect(differences(registry, await clinic.powerOff())).toEqual([]);
  });
});
