/** The package on a machine, from the first installation to the last trace; what is shown is shown under Wine. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { whyNoPackage } from "../support/package-tools.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { Administrator } from "../support/tls-requests.ts";
import { until } from "../support/until.ts";
import { WineAgent, packageForWine } from "../support/wine-agent.ts";
import { WineMachine, whyNoWine } from "../support/wine.ts";

const STATE = "C:\\ProgramData\\Ringback";
const TOKEN_FILE = "C:\\deploy\\token.txt";

describe.skipIf((whyNoWine() ?? whyNoPackage()) !== undefined)("the package under Wine", () => {
  let folder: TemporaryFolder;
  let machine: WineMachine;
  let controller: ControllerProcess;
  let admin: Administrator;
  let agent: WineAgent;
  let packages: readonly [string, string];

  beforeAll(async () => {
    folder = await temporaryFolder();
    const first = await packageForWine(folder.path, "0.1.0");
    packages = [first, await packageForWine(folder.path, "0.1.1")];
    controller = await startControllerProcess(join(folder.path, "controller"), ["--tls", "own"]);
    const ca = await readFile(join(folder.path, "controller", "tls", "ca.crt"), "utf8");
    admin = await Administrator.comes(controller.url, ca, controller.setupLink);
    machine = await WineMachine.create();
    agent = new WineAgent(machine);
  });
  afterAll(async () => {
    await machine?.remove();
    await controller?.stop();
    await folder?.[Symbol.asyncDispose]();
  });

  const device = () =>
    until("the device and its boot", async () =>
      (await admin.devices()).find(({ tries, connected }) => tries !== null && connected),
    );

  test("is installed with properties, starts its service, enrols over TLS and reports the boot", async () => {
    const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
    const tokenPath = machine.at(TOKEN_FILE);
    await machine.run("cmd", ["/c", "mkdir", "C:\\deploy"]);
    await writeFile(tokenPath, `${token}\r\n`);
    const exitCode = await agent.install(packages[0], {
      CONTROLLER_URL: controller.url,
      ENROLMENT_TOKEN_FILE: TOKEN_FILE,
      CA_SHA256: controller.caSha256 ?? "",
      TRUST_ROOT_SHA256: await admin.trustRoot(),
      DEVICE_GROUP: "ward-pcs",
      // Windows Installer tells an old version that another one comes; that of Wine 8 does not, so this says it.
      KEEP_STATE: "1",
    });
    expect(exitCode).toBe(0);
    await agent.runs();
    expect(await device()).toMatchObject({ standing: "accepted", tries: 1 });
    await expect(stat(tokenPath)).rejects.toThrow("ENOENT");
    expect(JSON.stringify(await agent.installed())).not.toContain(token);
    expect(await agent.read(join("logs", "agent.log"))).not.toContain(token);
    expect(await agent.imagePath()).toMatch(/^"C:\\Program Files\\Ringback\\Agent\\node\.exe" /);
    expect(await agent.command("status")).toContain("Boots       1 counted");
  });

  test("comes back after the power went, with the same identity and another boot", async () => {
    const before = await device();
    const boots = (await agent.read("boots.log")).split("\n").length;
    await machine.powerOff();
    await until("the device to be gone", async () =>
      (await admin.devices())[0]?.connected === false ? true : undefined,
    );
    await machine.powerOn();
    await agent.runs();
    const after = await until("the next boot", async () =>
      (await admin.devices()).find(({ tries, connected }) => connected && tries === 2),
    );
    expect(after.id).toBe(before.id);
    expect((await agent.read("boots.log")).split("\n").length).toBeGreaterThan(boots);
  });

  test("a second agent is refused, and the first goes on", async () => {
    const boots = await agent.read("boots.log");
    // As another service: a person's agent does not even trust the folder, because under Wine that is no administrator's.
    await writeFile(machine.at("C:\\calls.json"), JSON.stringify([{ do: "be-the-only-one", folder: STATE }]));
    const { output } = await machine.node("test/wine/programs/system.ts", ["C:\\calls.json"]);
    expect(output).toContain("another agent already runs");
    expect(await agent.command("run")).toContain("no safe place");
    expect(await agent.read("boots.log")).toBe(boots);
    expect(await agent.serviceState()).toBe("RUNNING");
  });

  test("the doctor says what works here, and finds no tools that Wine does not have", async () => {
    const told = await agent.command("doctor");
    expect(told).toContain("koffi");
    expect(told).toContain("bcdedit");
  });

  test("the doctor says so where the native library may not be loaded", async () => {
    const library = machine.at("C:\\Program Files\\Ringback\\Agent\\koffi.node");
    await rename(library, `${library}.away`);
    try {
      expect(await agent.command("doctor")).toMatch(/^DOES NOT WORK .*\(needed\)\n/);
      expect(await agent.command("status")).toMatch(/^the agent cannot call Windows.*koffi\.node.*\n$/);
    } finally {
      await rename(`${library}.away`, library);
    }
  });

  test("an upgrade without properties keeps identity, records and settings, and is no boot", async () => {
    const before = await device();
    const key = await agent.read("device-key.pem");
    const boots = await agent.read("boots.log");
    const properties = await agent.installed();
    const starts = await agent.starts();
    expect(await agent.versions()).toEqual(["0.1.0"]);
    expect(await agent.install(packages[1])).toBe(0);
    expect(await agent.versions()).toEqual(["0.1.1"]);
    await agent.runs();
    await until("the new version to run", async () => ((await agent.starts()) > starts ? true : undefined));
    expect(await device()).toMatchObject({ id: before.id, tries: before.tries });
    expect(await agent.read("device-key.pem")).toBe(key);
    expect(await agent.read("boots.log")).toBe(boots);
    expect(await agent.installed()).toEqual(properties);
  });

  test("a repair puts back what is gone, and changes nothing else", async () => {
    const before = await device();
    const [properties, starts] = [await agent.installed(), await agent.starts()];
    const lost = machine.at("C:\\Program Files\\Ringback\\Agent\\app\\status.mjs");
    await rm(lost);
    expect(await agent.repair(packages[1])).toBe(0);
    await agent.runs();
    await until("the repaired agent to run", async () => ((await agent.starts()) > starts ? true : undefined));
    expect((await stat(lost)).size).toBeGreaterThan(0);
    expect(await device()).toMatchObject({ id: before.id, tries: before.tries });
    expect(await agent.installed()).toEqual(properties);
  });

  test("an older version is refused, and the newer one goes on", async () => {
    expect(await agent.install(packages[0])).not.toBe(0);
    expect(await agent.versions()).toEqual(["0.1.1"]);
    await agent.runs();
  });

  test("uninstalling leaves no program, service, key and state, but a file that a plan took away", async () => {
    const taken = machine.at(`${STATE}\\quarantine\\plan_1\\1.bin`);
    await mkdir(dirname(taken), { recursive: true });
    await writeFile(taken, "somebody's");
    expect(await agent.uninstall(packages[1], { KEEP_STATE: "0" })).toBe(0);
    expect(await agent.serviceState()).toBe(undefined);
    expect(await agent.installed()).toEqual({});
    expect(await agent.versions()).toEqual([]);
    await expect(stat(machine.at("C:\\Program Files\\Ringback"))).rejects.toThrow("ENOENT");
    expect(await readdir(machine.at(STATE))).toEqual(["quarantine"]);
    expect(await readFile(taken, "utf8")).toBe("somebody's");
  });
});
