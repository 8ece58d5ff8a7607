/** The overview: what it says agrees with the lists behind it, and nothing that a device says is run. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { FAULTY, Hospital } from "../support/hospital.ts";

const skip = whyNoChromium();
const NASTY = '<img src=x onerror="alert(1)">';
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder"), silentAfterMs: 1_000 });
  token = await hospital.setUp();
  for (const name of ["ward-1", "ward-2"]) await hospital.healthyMachine(name);
  const looping = await hospital.machine(NASTY);
  await looping.connects();
  await looping.isInBootLoop();
  (await hospital.healthyMachine("ward-3", [FAULTY])).vanishes();
  await hospital.machine("ward-4");
  await hospital.incident();
});
afterEach(async () => await browser?.closeProfiles());
afterAll(async () => {
  await browser?.close();
  await hospital?.close();
});

/** The overview has a table of its own: the list is there when the devices are. */
const listed = async (page: Page, names: readonly string[]): Promise<void> => {
  const rows = page.getByRole("table").getByRole("rowheader");
  const now = async (): Promise<string[]> => (await rows.allInnerTexts()).toSorted();
  await expect.poll(now, { timeout: 20_000 }).toEqual(names.toSorted());
};

const condition = (page: Page, word: string) => page.getByRole("link", { name: new RegExp(`^\\d+\\s*${word}$`) });

test.skipIf(skip).each([
  { word: "Healthy", names: ["ward-1", "ward-2"] },
  { word: "Boot loop", names: [NASTY] },
  { word: "Silent", names: ["ward-3"] },
  { word: "Unknown", names: ["ward-4"] },
])("the count $word leads to exactly these devices", async ({ word, names }) => {
  const page = await browser.open(hospital.url, token, "/");
  const count = condition(page, word);
  await expect.poll(async () => await count.innerText()).toMatch(new RegExp(`^${names.length}\\b`));
  await count.click();
  await listed(page, names);
});

test.skipIf(skip)(
  "says the state of the fleet in one sentence, with the incident and who is exposed to it",
  async () => {
    const page = await browser.open(hospital.url, token, "/");
    await expect.poll(() => page.getByTestId("sentence").innerText()).toContain("1 in boot loops");
    await page.getByRole("heading", { name: "Boot loops after Acme channel file 291-37" }).waitFor();
    await page.getByText("1 of these crashed").waitFor();
    await page.getByRole("link", { name: "2 exposed" }).click();
    await listed(page, [NASTY, "ward-3"]);
  },
);

test.skipIf(skip).each([
  { count: "3 connected", names: ["ward-1", "ward-2", NASTY] },
  { count: "1 of these crashed", names: [NASTY] },
])("the count of those $count leads to exactly these devices", async ({ count, names }) => {
  const page = await browser.open(hospital.url, token, "/");
  await page.getByRole("link", { name: count }).click();
  await listed(page, names);
});

test.skipIf(skip)("says plainly that the starter keys are still on the controller", async () => {
  const page = await browser.open(hospital.url, token, "/");
  await page.getByText("This controller still holds its starter keys.").waitFor();
});

test.skipIf(skip)("counts change on the open page without a reload", async () => {
  const page = await browser.open(hospital.url, token, "/");
  await page.getByRole("link", { name: "5 devices" }).waitFor();
  await hospital.machine("ward-5");
  await page.getByRole("link", { name: "6 devices" }).waitFor();
});

test.skipIf(skip)("a list is paged by the server", async () => {
  const page = await browser.open(hospital.url, token, "/devices?limit=2");
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("link", { name: "First page" }).waitFor();
  expect(await page.getByRole("table").getByRole("rowheader").count()).toBeLessThanOrEqual(2);
});

test.skipIf(skip)("a filter that the controller refuses is explained, with the request's id", async () => {
  const page = await browser.open(hospital.url, token, "/devices?role=NOT%20A%20ROLE");
  const alert = page.getByRole("alert");
  await alert.getByText("The request is not valid", { exact: true }).waitFor();
  await alert.getByText("role", { exact: true }).waitFor();
  await alert.getByRole("button", { name: "Copy request id" }).waitFor();
});

test.skipIf(skip)("what a device is called is shown as text", async () => {
  const page = await browser.open(hospital.url, token, "/devices");
  let dialogs = 0;
  page.on("dialog", (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  await page.getByRole("rowheader", { name: NASTY }).waitFor();
  expect(await page.locator("main img").count()).toBe(0);
  expect(dialogs).toBe(0);
});
