/** The list of devices as a person uses it: finding, narrowing, ordering, paging, and handing the list on as an address. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { FAULTY, Hospital } from "../support/hospital.ts";
import { startReverseProxy } from "../support/reverse-proxy.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;

/** Two wards with five machines, a pharmacy with a till in a boot loop, and a machine that was never heard. */
beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  for (const name of ["Ward-1", "ward-2", "Ward-3", "Ward-4"]) await hospital.healthyMachine(name);
  await hospital.healthyMachine("Ward-5", [FAULTY]);
  const till = await hospital.machine("till-1", "Harbour Pharmacy", "till");
  await till.connects();
  await till.isInBootLoop();
  await hospital.machine("spare", "Harbour Pharmacy");
});
afterEach(async () => await browser?.closeProfiles());
afterAll(async () => {
  await browser?.close();
  await hospital?.close();
});

/** Ends a wait that is in vain; asserts nothing about speed. */
const SOON = { timeout: 20_000 };

const open = async (path: string): Promise<Page> => await browser.open(hospital.url, token, path);
const queryOf = (page: Page): Record<string, string> => Object.fromEntries(new URL(page.url()).searchParams);
const matching = (page: Page, text: string) =>
  page.getByRole("heading", { level: 2, name: text, exact: true }).waitFor();
const namesOn = (page: Page): Promise<string[]> => page.getByRole("table").getByRole("rowheader").allInnerTexts();
const site = (page: Page) => page.getByRole("combobox", { name: "Site" });

test.skipIf(skip)("shows all devices by name, with what is known of each", async () => {
  const page = await open("/devices");
  await matching(page, "7 devices");
  expect(await namesOn(page)).toEqual(["spare", "till-1", "Ward-1", "ward-2", "Ward-3", "Ward-4", "Ward-5"]);
  const till = page.getByRole("row", { name: /till-1/ });
  for (const cell of [
    "Boot loop",
    "Harbour Pharmacy",
    "till",
    "Connected",
    /^just now/,
    /^bugcheck 0x50\s*3 boots/,
    "291-37",
  ])
    await till.getByRole("cell", { name: cell, exact: typeof cell === "string" }).waitFor();
  const spare = page.getByRole("row", { name: /spare/ });
  for (const cell of ["Unknown", "Not connected", "never"])
    await spare.getByRole("cell", { name: cell, exact: true }).waitFor();
});

test.skipIf(skip)("a search takes effect while it is typed, and Alt+S goes to it from anywhere", async () => {
  const page = await open("/devices");
  await matching(page, "7 devices");
  await page.keyboard.press("Alt+s");
  await page.keyboard.type("WARD");
  await matching(page, "5 of 7 devices match");
  expect(queryOf(page)).toEqual({ search: "WARD" });
  await page.keyboard.type("-2");
  await matching(page, "1 of 7 devices match");
  expect(await namesOn(page)).toEqual(["ward-2"]);
  await page.goBack(); // to before the search, not through its letters
  await matching(page, "7 devices");
  expect(await page.getByRole("searchbox", { name: "Name or id" }).inputValue()).toBe("");
});

test.skipIf(skip)("each condition says how many it would leave, and the choice is undone by going back", async () => {
  const page = await open("/devices?role=till");
  await matching(page, "1 of 7 devices match");
  const conditions = page.getByRole("list", { name: "Condition" });
  await conditions.getByRole("link", { name: "Any condition 1" }).waitFor();
  await conditions.getByRole("link", { name: "Healthy 0" }).waitFor();
  await conditions.getByRole("link", { name: "Boot loop 1" }).click();
  await page.getByRole("heading", { level: 1, name: "Devices: boot loop" }).waitFor();
  expect(await conditions.getByRole("link", { name: "Boot loop 1" }).getAttribute("aria-current")).toBe("true");
  expect(queryOf(page)).toEqual({ role: "till", condition: "boot-loop" });
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Devices", exact: true }).waitFor();
  expect(queryOf(page)).toEqual({ role: "till" });
});

test.skipIf(skip)("a site is chosen with the keyboard alone, from those that have devices", async () => {
  const page = await open("/devices?condition=boot-loop");
  await site(page).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: "Harbour Pharmacy 1" }).waitFor();
  expect(await page.getByRole("listbox").getByRole("option").count()).toBe(1); // Elm Street has no device in a boot loop
  await page.keyboard.press("Escape");
  await page.getByRole("listbox").waitFor({ state: "hidden" });
  await page.keyboard.type("nowhere");
  await page.getByText("Nothing fits, with the other filters as they are.").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("PHARM");
  await page.getByRole("option", { name: "Harbour Pharmacy 1", selected: true }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Remove filter Site: Harbour Pharmacy" }).waitFor();
  expect(queryOf(page)).toEqual({ condition: "boot-loop", site: "Harbour Pharmacy" });
  expect(await site(page).inputValue()).toBe("Harbour Pharmacy");
});

test.skipIf(skip)("filters are taken away one by one or all at once", async () => {
  const page = await open("/devices?site=Elm+Street&connected=yes&search=ward");
  await matching(page, "5 of 7 devices match");
  await page.getByRole("combobox", { name: "Content version" }).click();
  await page.getByRole("option", { name: "acme.channel-291 291-37 1" }).click();
  await matching(page, "1 of 7 devices match");
  expect(queryOf(page)).toMatchObject({ source: FAULTY.source, sha256: FAULTY.sha256 });
  await page.getByRole("link", { name: "Remove filter Content: acme.channel-291 291-37" }).click();
  await matching(page, "5 of 7 devices match");
  await page.getByRole("combobox", { name: "Connection" }).selectOption({ label: "Not connected" });
  await page.getByText("No device matches.").waitFor();
  await page.getByRole("link", { name: "Clear all", exact: true }).click();
  await matching(page, "7 devices");
  expect(queryOf(page)).toEqual({});
});

test.skipIf(skip)("when only the condition keeps devices out, the way to them is shown", async () => {
  const page = await open("/devices?site=Elm+Street&condition=silent");
  await page.getByText("No device matches.").waitFor();
  await page.getByRole("link", { name: "show any condition" }).click();
  await matching(page, "5 of 7 devices match");
});

test.skipIf(skip)(
  "pages go there and back, and the address of a page shows the same page to someone else",
  async () => {
    const page = await open("/devices?limit=3&order=descending");
    await page.getByText("1 to 3 of 7").waitFor();
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByText("4 to 6 of 7").waitFor();
    expect(await namesOn(page)).toEqual(["ward-2", "Ward-1", "till-1"]);
    const other = await open(page.url().slice(hospital.url.length));
    await other.getByText("4 to 6 of 7").waitFor();
    expect(await namesOn(other)).toEqual(["ward-2", "Ward-1", "till-1"]);
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByText("7 to 7 of 7").waitFor();
    await page.getByRole("link", { name: "Previous page" }).click();
    await page.getByText("4 to 6 of 7").waitFor();
    await page.getByRole("link", { name: "First page" }).click();
    await page.getByText("1 to 3 of 7").waitFor();
    await page.getByRole("combobox", { name: "Rows" }).selectOption("50");
    await expect.poll(() => namesOn(page), SOON).toHaveLength(7);
    expect(queryOf(page)).toEqual({ limit: "50", order: "descending" });
  },
);

test.skipIf(skip)("the head of a column orders the list, and says how it is ordered", async () => {
  const page = await open("/devices");
  const heard = page.getByRole("columnheader", { name: "Last heard" });
  const isOrdered = async (order: string): Promise<void> => {
    await expect.poll(() => heard.getAttribute("aria-sort"), SOON).toBe(order);
  };
  await isOrdered("none");
  await heard.getByRole("link").click();
  await isOrdered("ascending");
  await heard.getByRole("link").click();
  await isOrdered("descending");
  await expect.poll(async () => (await namesOn(page)).at(-1), SOON).toBe("spare"); // never heard
  expect(await page.getByRole("combobox", { name: "Order" }).inputValue()).toBe("last-heard descending");
});

test.skipIf(skip)("the list is offered as an API call and as a command", async () => {
  const page = await open("/devices?site=Elm+Street&limit=25");
  await page.getByText("Show as API call or command").click();
  await page.getByText("/api/v1/devices?site=Elm+Street&limit=25").waitFor();
  await page.getByText("npm run ringback -- devices list --site 'Elm Street' --limit 25").waitFor();
});

test.skipIf(skip)("an old page of a list that has become shorter leads to its first one", async () => {
  const page = await open(`/devices?cursor=${encodeURIComponent("after.name.dev_01jd9gk8g00000000000000000.zzz")}`);
  await page.getByText("No device on this page any more.").waitFor();
  await page.getByRole("link", { name: "Go to its first page" }).click();
  await expect.poll(() => namesOn(page), SOON).toHaveLength(7);
});

test.skipIf(skip)("a fleet without a device says what to do first", async () => {
  const empty = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  try {
    const page = await browser.open(empty.url, await empty.setUp(), "/devices");
    await page.getByText("No device is registered yet.").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Make an enrolment token" }).click();
    await page.getByRole("heading", { level: 2, name: "Make a token" }).waitFor();
  } finally {
    await browser.closeProfiles();
    await empty.close();
  }
});

test.skipIf(skip)(
  "while the controller is away the list stays, grows old in words, and a new question says why",
  async () => {
    const proxy = await startReverseProxy(hospital.url);
    try {
      const page = await (await browser.profile(proxy.url, token)).newPage();
      await page.clock.install();
      await page.goto("/devices");
      await matching(page, "7 devices");
      proxy.cut();
      await page.clock.fastForward(20_000);
      await page.getByText(/Stale: not heard from the controller for \d+ s/).waitFor();
      expect(await namesOn(page)).toHaveLength(7);
      await page.getByRole("link", { name: /^Boot loop/ }).click();
      await page.getByRole("alert").getByText("The controller does not answer.").waitFor();
      proxy.restore();
      await page.getByRole("button", { name: "Try again" }).click();
      await matching(page, "1 of 7 devices match");
    } finally {
      await browser.closeProfiles();
      await proxy.close();
    }
  },
);

test.skipIf(skip)("on a phone every row is a card that fits, with the filters folded away", async () => {
  const page = await browser.open(hospital.url, token, "/devices?condition=boot-loop", {
    viewport: { width: 320, height: 800 },
  });
  await matching(page, "1 of 7 devices match");
  await page.getByText("More filters").click();
  await site(page).click();
  await page.getByRole("option", { name: "Harbour Pharmacy 1" }).waitFor();
  expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(320);
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("option", { name: "Harbour Pharmacy 1" }).click();
  await page.getByRole("link", { name: "Remove filter Site: Harbour Pharmacy" }).waitFor();
  const fits =
    "document.querySelector('table').scrollWidth <= document.querySelector('table').parentElement.clientWidth";
  expect(await page.evaluate<boolean>(fits)).toBe(true);
});
