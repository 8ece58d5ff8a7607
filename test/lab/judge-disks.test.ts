/** The judge's eyes, on real folders: what it does not see, nobody is held to. */
import { createHash } from "node:crypto";
import { mkdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { type Disk, readDisk } from "./judge-disks.ts";

const DRIVER = "C/Windows/System32/drivers/Acme/C-00000007-00000000-00000012.sys";
const ROTA = "C/Users/Public/Documents/rota.csv";
const QUARANTINED = "C/ProgramData/Ringback/quarantine/order-1/0001";
const SERVICES = { AcmeSensor: { start: "automatic", running: true }, Fax: { start: "manual", running: false } };

const sha256 = (contents: string): string => createHash("sha256").update(contents).digest("hex");

let folder: TemporaryFolder;
const at = (path: string): string => join(folder.path, path);
async function put(path: string, contents: string): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), contents);
}
const putServices = async (services: object): Promise<void> => {
  await put("services.json", JSON.stringify(services));
};
const read = async (): Promise<Disk> => await readDisk(folder.path);

beforeEach(async () => {
  folder = await temporaryFolder();
  await put(DRIVER, "content");
  await put(ROTA, "mon,7");
  await putServices(SERVICES);
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("files", () => {
  test("every file of the machine is seen with its digest, not only those of Windows", async () => {
    await put("C/notes.txt", "in the root");
    const { files } = await read();
    expect(Object.fromEntries(files)).toEqual({
      [DRIVER]: sha256("content"),
      [ROTA]: sha256("mon,7"),
      "C/notes.txt": sha256("in the root"),
      "services.json": expect.any(String) as string,
    });
  });

  test("a change of contents is seen though size and time stay", async () => {
    const before = await read();
    const { atime, mtime } = await stat(at(ROTA));
    await put(ROTA, "mon,8");
    await utimes(at(ROTA), atime, mtime);
    const after = await read();
    expect(after.files.get(ROTA)).toBe(sha256("mon,8"));
    expect(after.files.get(DRIVER)).toBe(before.files.get(DRIVER));
  });

  test("a file that went and a file that came are seen", async () => {
    await rm(at(ROTA));
    await put("C/Users/Public/rota.bak", "mon,7");
    const { files } = await read();
    expect(files.has(ROTA)).toBe(false);
    expect(files.get("C/Users/Public/rota.bak")).toBe(sha256("mon,7"));
  });

  test("the agent's state is no part of the machine; a folder that is only named like it is", async () => {
    await put("C/ProgramData/Ringback/journal.db", "steps");
    await put(QUARANTINED, "faulty");
    await put("C/ProgramData/Ringback Notes/notes.txt", "somebody's");
    await put("C/ProgramData/Clinic/index.db", "patients");
    const paths = [...(await read()).files.keys()];
    expect(paths.filter((path) => path.startsWith("C/ProgramData/")).toSorted()).toEqual([
      "C/ProgramData/Clinic/index.db",
      "C/ProgramData/Ringback Notes/notes.txt",
    ]);
  });

  test("what the lab keeps beside the disk is no part of the machine", async () => {
    await put("agent.log", "hello");
    await put("events/System.xml", "<Event/>");
    expect([...(await read()).files.keys()].toSorted()).toEqual([ROTA, DRIVER, "services.json"]);
  });
});

describe("services", () => {
  const digest = async (): Promise<string | undefined> => (await read()).files.get("services.json");

  test.each<[string, object]>([
    ["a service that starts otherwise", { ...SERVICES, AcmeSensor: { start: "disabled", running: true } }],
    ["a service that is gone", { Fax: SERVICES.Fax }],
    ["a service that is new", { ...SERVICES, Tool: { start: "automatic", running: true } }],
    [
      "two services whose starts were exchanged",
      { AcmeSensor: { start: "manual", running: true }, Fax: { start: "automatic", running: false } },
    ],
  ])("%s is seen", async (_, services) => {
    const before = await digest();
    expect(before).toBeDefined();
    await putServices(services);
    expect(await digest()).not.toBe(before);
  });

  test("whether they run, and their order in the file, is no part of the machine", async () => {
    const before = await digest();
    await putServices({ Fax: { start: "manual", running: true }, AcmeSensor: { start: "automatic", running: false } });
    expect(await digest()).toBe(before);
  });

  test("a machine whose services cannot be read is not taken for one without services", async () => {
    await rm(at("services.json"));
    await expect(read()).rejects.toThrow("services.json");
  });
});

describe("the quarantine", () => {
  test("is empty on a machine without one", async () => {
    expect((await read()).quarantined).toEqual(new Map());
  });

  test("keeps contents under whatever name, since they were moved there and not since they were written", async () => {
    const written = new Date("2020-01-01T00:00:00Z");
    await utimes(at(DRIVER), written, written);
    await mkdir(dirname(at(QUARANTINED)), { recursive: true });
    await rename(at(DRIVER), at(QUARANTINED));
    const { files, quarantined } = await read();
    const { ctimeMs } = await stat(at(QUARANTINED));
    expect(ctimeMs).toBeGreaterThan(written.getTime());
    expect(quarantined).toEqual(new Map([[sha256("content"), ctimeMs]]));
    expect(files.has(DRIVER)).toBe(false);
  });

  test("is not the rest of the agent's state", async () => {
    await put("C/ProgramData/Ringback/copy.sys", "content");
    expect((await read()).quarantined).toEqual(new Map());
  });
});
