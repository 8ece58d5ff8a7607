import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { firstSettings } from "../../../../agent/adapters/windows/first-settings.ts";
import { readEnrolmentSettings } from "../../../../agent/adapters/enrolment/settings.ts";
import { type Installed, NotInstalled, readInstalled } from "../../../../agent/adapters/windows/installed.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const VALUES: Readonly<Record<string, string>> = {
  ControllerUrl: "https://a.example:8443; https://b.example:8443",
  TokenFile: "C:\\deploy\\token.txt",
  CaSha256: "AB".repeat(32),
  TrustRootSha256: "cd".repeat(32),
  DeviceGroup: "ward-pcs",
};
const installed = (over: Readonly<Record<string, string | undefined>> = {}): Installed => {
  const values = { StateFolder: folder.path, ...VALUES, ...over };
  return readInstalled((name) => (values as Readonly<Record<string, string | undefined>>)[name]);
};
const settings = () => readEnrolmentSettings(folder.path);

test("what the installer was told is what the device enrols with", async () => {
  expect(await firstSettings(installed({ Proxy: "http://proxy.example:3128" }))).toBe("written");
  expect(await settings()).toEqual({
    controllers: ["https://a.example:8443", "https://b.example:8443"],
    tokenFile: "C:\\deploy\\token.txt",
    group: "ward-pcs",
    binding: "direct",
    pins: { caSha256: "ab".repeat(32), trustRootSha256: "cd".repeat(32) },
    config: { proxy: "http://proxy.example:3128" },
  });
});

test("installed without properties, a device has nothing to enrol with, or what it had", async () => {
  expect(await firstSettings(installed({ ControllerUrl: undefined }))).toBe("nothing");
  await firstSettings(installed());
  expect(await firstSettings(installed({ ControllerUrl: undefined }))).toBe("kept");
});

test("other properties replace them, the same ones leave what a person has set since", async () => {
  await firstSettings(installed());
  const byHand = JSON.stringify({ ...(await settings()), name: "PC-7" });
  await writeFile(join(folder.path, "enrolment.json"), byHand);
  expect(await firstSettings(installed())).toBe("kept");
  expect(await readFile(join(folder.path, "enrolment.json"), "utf8")).toBe(byHand);
  expect(await firstSettings(installed({ DeviceGroup: "reception" }))).toBe("written");
  expect(await settings()).toMatchObject({ group: "reception" });
});

test("a device that is enrolled keeps its settings, whatever it is installed with", async () => {
  await writeFile(join(folder.path, "config.json"), "{}");
  expect(await firstSettings(installed())).toBe("enrolled");
  await expect(settings()).rejects.toThrow("ENOENT");
});

test("each property that is wrong is named, and nothing is written", async () => {
  const wrong = installed({ ControllerUrl: "http://a.example", CaSha256: undefined, DeviceGroup: "No Group" });
  const said = firstSettings(wrong);
  for (const name of ["controllers", "caSha256", "group"]) await expect(said).rejects.toThrow(name);
  await expect(settings()).rejects.toThrow("ENOENT");
});

test("without an installation there is no state folder, and nobody guesses one", () => {
  expect(() => readInstalled(() => undefined)).toThrow(NotInstalled);
});
