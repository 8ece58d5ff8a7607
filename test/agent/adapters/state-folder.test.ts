/** The small files of the state folder: whole or not there, whenever the power goes and whoever reads meanwhile. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FILES } from "../../../agent/adapters/files.ts";
import { createDeviceKey, readDeviceKey } from "../../../agent/adapters/keys.ts";
import { initialiseLabMachine } from "../../../agent/adapters/lab/initialise.ts";
import { stateFolder } from "../../../agent/adapters/lab/layout.ts";
import { beliefIn, readConfig, writeBelief } from "../../../agent/adapters/state-folder.ts";
import { makeLabDisk } from "../../support/lab-disk.ts";
import { silentLog } from "../../support/silent-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { believing } from "../../support/trust.ts";

const BELIEF = believing();
const PIN = BELIEF.pin;
const SETTINGS = { config: { controllers: ["wss://controller.example/agent/v1"] }, trustRoot: PIN };

test.each([FILES.key, FILES.config, FILES.belief])(
  "a first start that was cut off while %s was written is simply done again",
  async (name) => {
    await using disk = await makeLabDisk();
    const state = stateFolder(disk.path);
    await writeFile(join(state, `${name}.new`), "half a fi");
    const { id, publicKey } = await initialiseLabMachine(disk.path, SETTINGS);
    expect((await readConfig(state)).deviceId).toBe(id);
    expect((await readDeviceKey(join(state, FILES.key))).publicKey).toBe(publicKey);
    expect((await beliefIn(state, silentLog).read())?.pin).toBe(PIN);
    expect((await readdir(state)).filter((file) => file.endsWith(".new"))).toEqual([]);
  },
);

test("a device's key can be read by its owner alone, and is never overwritten", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, FILES.key);
  await createDeviceKey(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const before = await readFile(path, "utf8");
  await expect(createDeviceKey(path)).rejects.toThrow("EEXIST");
  expect(await readFile(path, "utf8")).toBe(before);
});

test("a key file that holds no key says what to do", async () => {
  await using disk = await makeLabDisk();
  await writeFile(join(stateFolder(disk.path), FILES.key), "");
  await expect(initialiseLabMachine(disk.path, SETTINGS)).rejects.toThrow(/holds no key.*registered again/s);
});

test("an order that comes while the trust document is replaced finds the old one or the new one", async () => {
  await using folder = await temporaryFolder();
  await writeBelief(folder.path, BELIEF);
  const belief = beliefIn(folder.path, silentLog);
  let writing = true;
  const writes = (async () => {
    for (let version = 1; version <= 100; version++)
      await writeBelief(folder.path, { ...BELIEF, told: { trustVersion: version, policyVersion: 1 } });
    writing = false;
  })();
  const found: unknown[] = [];
  while (writing) found.push(await belief.read());
  await writes;
  expect(found.length).toBeGreaterThan(10);
  expect(found).not.toContain(undefined);
});
