/** WCAG 2.2 AA as far as a machine can check it, on every page and in every look, and no sideways scrolling at 320 px. */
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { aBootLoop, aCure } from "../support/device-stories.ts";
import { FAULTY, Hospital } from "../support/hospital.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;
const paths: Record<string, string> = {
  setup: "/setup",
  "not found": "/no-such-page",
  devices: "/devices",
  enrolment: "/enrolment",
  plans: "/plans",
  trust: "/trust",
  safety: "/safety",
  "plans to approve": "/approve",
  "making a passkey": "/approve/passkey",
  overview: "/",
};

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  const looping = await hospital.machine("ward-1 with a name as long as a name of a machine may be at all");
  await looping.connects();
  await looping.isInBootLoop();
  await hospital.healthyMachine("ward-2", [FAULTY]);
  const [newcomer] = await hospital.newcomers("ward-pc-31", "ward-pc-32");
  paths["devices that wait"] = "/devices?standing=pending";
  paths["device that waits"] = `/devices/${newcomer}`;
  const never = await hospital.machine("ward-3");
  const loop = await aBootLoop(hospital, "ward-4");
  const { id: incident } = await hospital.incident();
  const halted = await hospital.rollout({ incident });
  await hospital.call(`/rollouts/${halted.id}/halt`, { because: "to see what it looks like" });
  const running = await hospital.rollout({ incident });
  const { id: plan } = await hospital.plan({ incident });
  paths["rollout"] = `/rollouts/${running.id}`;
  paths["halted rollout"] = `/rollouts/${halted.id}`;
  paths["devices of a rollout"] = `/rollouts/${running.id}/devices`;
  const cured = await hospital.machine("ward-5");
  await cured.connects();
  await cured.isInBootLoop();
  await hospital.rollout({ devices: { devices: [cured.identity.deviceId] } });
  await aCure(cured, await cured.takesOrder());
  paths["device in a boot loop"] = `/devices/${loop.identity.deviceId}`;
  paths["its boots as a table"] = `/devices/${loop.identity.deviceId}?view=table`;
  paths["device with a receipt"] = `/devices/${cured.identity.deviceId}`;
  paths["device never heard"] = `/devices/${never.identity.deviceId}`;
  paths["plan"] = `/plans/${plan}`;
  paths["approving a plan"] = `/approve/${plan}`;
});
afterEach(async () => await browser?.closeProfiles());
afterAll(async () => {
  await browser?.close();
  await hospital?.close();
});

const PAGES = [
  "overview",
  "rollout",
  "halted rollout",
  "devices of a rollout",
  "devices",
  "devices that wait",
  "device that waits",
  "enrolment",
  "device in a boot loop",
  "its boots as a table",
  "device with a receipt",
  "device never heard",
  "plans",
  "plan",
  "trust",
  "plans to approve",
  "approving a plan",
  "making a passkey",
  "setup",
  "not found",
] as const;
const LOOKS = [
  { look: "light, 1280 px", colorScheme: "light", width: 1280 },
  { look: "dark, 320 px", colorScheme: "dark", width: 320 },
] as const;

test.skipIf(skip).each(PAGES)("%s: no violation and no sideways scrolling, in every look", async (name) => {
  const page = await browser.open(hospital.url, token, paths[name] ?? "/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  if (name !== "setup" && name !== "not found") await page.getByText(/^as of/).waitFor();
  for (const { look, colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    expect({ look, violations: await violationsOf(page) }).toEqual({ look, violations: [] });
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  }
});

test.skipIf(skip)("the confirmation of a halt has no violation", async () => {
  const page = await browser.open(hospital.url, token, paths["rollout"] ?? "/");
  await page.getByRole("button", { name: "Halt" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await violationsOf(page)).toEqual([]);
});

test.skipIf(skip)("everything that can be pressed is at least 24 by 24 px, or stands in a text", async () => {
  const page = await browser.open(hospital.url, token, paths["rollout"] ?? "/");
  await page.getByText(/^as of/).waitFor();
  const small: string[] = [];
  for (const target of await page.locator("main button, main ul a, header a, footer button").all()) {
    const box = (await target.isVisible()) ? await target.boundingBox() : null; // some are folded away
    if (box !== null && (box.width < 24 || box.height < 24))
      small.push(`${await target.ariaSnapshot()} ${box.width} x ${box.height}`);
  }
  expect(small).toEqual([]);
});

test.skipIf(skip)("the first Tab offers the way past the navigation", async () => {
  const page = await browser.open(hospital.url, token, "/");
  await page.getByText(/^as of/).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.locator(":focus").getAttribute("id")).toBe("main");
});
