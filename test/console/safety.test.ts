/** The page of stops and refusals: one press and one confirmation stop everything, and a device's refusal says what to do. */
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { Hospital } from "../support/hospital.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
});
afterEach(async () => await browser?.closeProfiles());
afterAll(async () => {
  await browser?.close();
  await hospital?.close();
});

test.skipIf(skip)("what a device refused is shown with its rule and what to do next", async () => {
  const machine = await hospital.healthyMachine("ward-1");
  await hospital.rollout();
  const { orderId } = await machine.takesOrder();
  await machine.reports({
    kind: "order-refused",
    orderId,
    rule: "under-signed",
    because: "1 of 2 approvers have signed",
  });
  const page = await browser.open(hospital.url, token, "/safety");
  const row = page.getByRole("row", { name: /ward-1/ });
  await row.getByText("under-signed").waitFor();
  await row.getByText("1 of 2 approvers have signed").waitFor();
  expect(await row.getByRole("cell").last().innerText()).not.toBe("");
});

test.skipIf(skip)("one press and Enter stop everything; the page says so, and rollouts are halted", async () => {
  const page = await browser.open(hospital.url, token, "/safety");
  await page.getByRole("button", { name: "Stop everything" }).press("Enter");
  await page.getByRole("textbox", { name: "Reason, for the record" }).press("Enter");
  await page.getByText("Ada Admin: Something is going wrong; looking into it").waitFor();
  await page.getByText(/^0 of 1 approvers have signed/).waitFor();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("halted", { exact: false }).first().waitFor();
});
