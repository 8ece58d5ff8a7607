/** The first run: from the link on the terminal to the overview, and what happens when the link is no good. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { Hospital } from "../support/hospital.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
});
afterEach(async () => {
  await browser?.closeProfiles();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

test.skipIf(skip)("sets the controller up from the link, shows the token once and signs this browser in", async () => {
  const page = await browser.open(hospital.url, undefined, hospital.setupLink);
  await expect.poll(() => page.url()).toBe(`${hospital.url}/setup`); // the code stays in no history

  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("heading", { name: "This controller is set up" }).waitFor();
  await page.getByText("It is shown only now").waitFor();
  await page.getByText("This browser is signed in already").waitFor();
  const token = await page.getByText(/^ringback_/).innerText();
  expect(await violationsOf(page)).toEqual([]);

  const withToken = await fetch(`${hospital.url}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } });
  expect(withToken.status).toBe(200);

  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.getByText("Signed in as Ada Admin").waitFor();
  await page.getByText("No device is registered yet.").first().waitFor();
  expect(await page.getByText(token).count()).toBe(0);
});

test.skipIf(skip)("says what to do when the code is wrong", async () => {
  const page = await browser.open(hospital.url, undefined, "/setup#code=not-the-code-that-was-printed");
  await page.getByLabel("Your name").fill("Mallory");
  await page.getByRole("button", { name: "Set up" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("This set-up code is not good").waitFor();
  expect(await alert.innerText()).toContain("--setup-link");
});

test.skipIf(skip)("says what to do when the code was used before", async () => {
  await hospital.setUp("Somebody else");
  const page = await browser.open(hospital.url, undefined, hospital.setupLink);
  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByRole("button", { name: "Set up" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("somebody else has set this controller up").waitFor();
});

test.skipIf(skip)("lets the code be pasted where the link was cut off", async () => {
  const page = await browser.open(hospital.url, undefined, "/setup");
  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByLabel("Set-up code").fill(new URL(hospital.setupLink).hash.slice("#code=".length));
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByRole("heading", { name: "This controller is set up" }).waitFor();
});

test.skipIf(skip)("a browser that is not signed in is told so and signs in with the token", async () => {
  const token = await hospital.setUp();
  const page = await browser.open(hospital.url, undefined, "/");
  await page.getByRole("heading", { name: "This browser is not signed in" }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByLabel("Token").fill(`ringback_${"x".repeat(43)}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Signed in as Ada Admin").waitFor();
});
