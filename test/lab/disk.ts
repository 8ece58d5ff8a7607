/**
 * The disk of a machine as it leaves the factory: a `C:\` tree, services and an event log, all from the machine's seed.
 *
 * There is enough beside the driver's content that a rollback could touch by mistake: older content, other drivers,
 * settings, and documents of the people who work there.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NEEDED } from "./content-driver.ts";
import type { MachineSpec } from "./fleet.ts";
import { Dice } from "./random.ts";

export const DRIVER_FOLDER = "C/Windows/System32/drivers/Acme";
export const SENSOR_SERVICE = "AcmeSensor";

interface Service {
  readonly start: "boot" | "system" | "automatic" | "manual" | "disabled";
  readonly running: boolean;
}
type Services = Readonly<Record<string, Service>>;

const SERVICES: Services = {
  Dnscache: { start: "automatic", running: false },
  EventLog: { start: "automatic", running: false },
  Fax: { start: "manual", running: false },
  RemoteRegistry: { start: "disabled", running: false },
  Ringback: { start: "automatic", running: false },
};

export async function makeDisk(folder: string, spec: MachineSpec): Promise<void> {
  const dice = new Dice(spec.seed, "disk");
  const files: Record<string, string | Buffer> = {
    "C/Windows/System32/ntoskrnl.exe": dice.bytes(4_096),
    "C/Windows/System32/drivers/disk.sys": dice.bytes(2_048),
    "C/Windows/System32/drivers/ndis.sys": dice.bytes(2_048),
    "C/Windows/System32/drivers/etc/hosts": "127.0.0.1 localhost\r\n",
    "C/Program Files/Ward Planner/planner.ini": `[ward]\r\nname=${spec.site}\r\nbeds=${dice.between(8, 30)}\r\n`,
    "C/Users/Public/Documents/rota.csv": `day,nurse\r\nmon,${dice.between(1, 99)}\r\ntue,${dice.between(1, 99)}\r\n`,
    "C/Users/Public/Documents/letters/draft.txt": `Dear colleague, see file ${dice.between(1_000, 9_999)}.\r\n`,
    "C/ProgramData/Clinic/index.db": dice.bytes(3_000),
    "services.json": json(
      spec.subscribed ? { ...SERVICES, [SENSOR_SERVICE]: { start: "automatic", running: false } } : SERVICES,
    ),
    "events/System.xml": "",
  };
  if (spec.subscribed) {
    files["C/Windows/System32/drivers/AcmeSensor.sys"] = dice.bytes(4_096);
    files["C/Program Files/Acme Endpoint/sensor.exe"] = dice.bytes(4_096);
    // Other channels of the product, in the same folder: a careless pattern would take them too.
    files[`${DRIVER_FOLDER}/${NEEDED.name}`] = NEEDED.bytes;
    files[`${DRIVER_FOLDER}/C-00000012-00000000-00000004.sys`] = dice.bytes(1_024);
  }
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
}

export async function readServices(folder: string): Promise<Services> {
  return JSON.parse(await readFile(join(folder, "services.json"), "utf8")) as Services;
}

/** Marks the services that start by themselves, as the service control manager would. */
export async function setRunning(folder: string, running: boolean): Promise<void> {
  const services = Object.entries(await readServices(folder)).map(([name, { start }]) => {
    return [name, { start, running: running && start !== "manual" && start !== "disabled" }] as const;
  });
  await writeWhole(join(folder, "services.json"), json(Object.fromEntries(services)));
}

/**
 * Puts a file in place in one go, so that no reader ever sees half of it.
 *
 * @param by the folder where it is written first; on the same volume
 */
export async function writeWhole(path: string, contents: string | Uint8Array, by = dirname(path)): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = join(by, `${basename(path)}.lab-tmp`);
  await writeFile(beside, contents);
  await rename(beside, path);
}

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
