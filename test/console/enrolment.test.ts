/** Letting devices in, as an administrator does it: make a token, see who waits, accept or revoke with a reason. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { ApiClient } from "../../controller/cli/client.ts";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { Hospital } from "../support/hospital.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let client: ApiClient;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  client = new ApiClient({ url: hospital.url, token });
});
afterEach(async () => {
  await browser?.closeProfiles();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

const open = async (path: string): Promise<Page> => {
  const page = await browser.open(hospital.url, token, path);
  await page.getByText(/^as of/).waitFor();
  return page;
};
/** By key: a refresh may put another button under a pointer. */
async function press(page: Page, name: string | RegExp, within = page.locator("body")): Promise<void> {
  const button = within.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) });
  await button.focus();
  await page.keyboard.press("Enter");
}

describe.skipIf(skip)("devices that wait", () => {
  test("are said on the overview, listed with what to do, and let in by key with a reason", async () => {
    await hospital.newcomers("ward-pc-1", "ward-pc-2");
    const page = await open("/");
    await page.getByText("2 devices wait to be accepted").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("link", { name: "Look at them" }).click();

    await page.getByRole("heading", { level: 2, name: "2 devices", exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("?standing=pending");
    await page.getByRole("row", { name: /ward-pc-1.*Pending.*ward-pcs/s }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await press(page, "Accept ward-pc-1");
    const dialog = page.getByRole("dialog", { name: "Accept ward-pc-1?" });
    await dialog.getByText("a leaked token could have let another one in").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.type("Seen on my desk");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("heading", { level: 2, name: "1 of 2 devices match" }).waitFor();
    expect(await page.locator(":focus").getAttribute("id")).toBe("main"); // what had it is not in the list any more

    const { items } = await client.devices({ standing: "accepted" });
    expect(items).toMatchObject([{ name: "ward-pc-1", counts: true }]);
    const [first] = items;
    if (first === undefined) throw new Error("it is in the list");
    expect((await client.device(first.id)).standingBecause).toBe("Accepted by Ada Admin: Seen on my desk");
  });

  test("are not let in without a reason, nor by going back", async () => {
    const [id] = await hospital.newcomers("ward-pc-1");
    if (id === undefined) throw new Error("it enrolled");
    const page = await open(`/devices/${id}`);
    await press(page, "Accept");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect((await client.device(id)).standing).toBe("pending");
  });

  test("show on their own page what it means, and can be revoked there and let in again", async () => {
    const [id] = await hospital.newcomers("ward-pc-1");
    if (id === undefined) throw new Error("it enrolled");
    const page = await open(`/devices/${id}`);
    const panel = page.getByRole("region", { name: "Let in or not" });
    await panel.getByText("Pending", { exact: true }).waitFor();
    await panel.getByText(`ringback devices accept ${id}`).waitFor();
    await panel.getByText("ward-pcs").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await press(page, "Revoke", panel);
    await page.keyboard.type("Nobody knows it");
    await page.keyboard.press("Enter");
    await panel.getByText("Revoked by Ada Admin: Nobody knows it").waitFor();
    await press(page, "Accept", panel);
    await page.keyboard.type("Now somebody does");
    await page.keyboard.press("Enter");
    await panel.getByText("Accepted by Ada Admin: Now somebody does").waitFor();
    expect((await client.device(id)).standing).toBe("accepted");
  });
});

describe.skipIf(skip)("a token", () => {
  test("is made, shown once with the line that enrols, and works", async () => {
    const page = await open("/enrolment");
    await page.getByText("No token was made yet.").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("textbox", { name: "Group" }).fill("ward-pcs");
    await page.getByRole("textbox", { name: "Site" }).fill("Ward 7");
    await page.getByRole("textbox", { name: "Role" }).fill("clinical");
    await page.getByRole("combobox", { name: "Let in" }).selectOption("at once from these networks");
    await page.getByRole("textbox", { name: "Networks" }).fill("10.20.0.0/16, 127.0.0.0/8");
    await press(page, "Make a token");
    await page.getByText("It is shown only now").waitFor();
    const shown = await page.getByText(/^rbe_/).innerText();
    const { trustRootSha256 } = await client.trustPins();
    const line = await page.getByText(/^npm run agent -- enrol/).innerText();
    expect(line).toContain(`--group ward-pcs --ca-sha256 CA_SHA256 --trust-root-sha256 ${trustRootSha256}`);
    expect(line).not.toContain("rbe_");
    await page.getByText("This page came without TLS").waitFor();
    expect(await violationsOf(page)).toEqual([]);

    const { deviceId: id } = await hospital.enrol("ward-pc-1", shown);
    expect((await client.device(id)).standing).toBe("accepted");
    await press(page, "I have it: hide the token");
    await page.getByRole("row", { name: /ward-pcs.*Used up.*1 of 1.*at once from 10\.20\.0\.0\/16/s }).waitFor();
    await page.reload();
    await page.getByRole("row", { name: /ward-pcs/ }).waitFor();
    expect(await page.content()).not.toContain(shown.slice(4));
  });

  test("that the controller does not want is refused with its reasons", async () => {
    const page = await open("/enrolment");
    await page.getByRole("textbox", { name: "Group" }).fill("Ward PCs!");
    await page.getByRole("textbox", { name: "Site" }).fill("Ward 7");
    await page.getByRole("textbox", { name: "Role" }).fill("clinical");
    await press(page, "Make a token");
    await page.getByRole("alert").getByText("group", { exact: true }).waitFor();
    expect((await client.enrolmentTokens()).items).toEqual([]);
  });

  test("is revoked by key, and enrols nobody afterwards", async () => {
    const made = await client.makeEnrolmentToken({ group: "ward-pcs", site: "Ward 7", role: "clinical", uses: 2 });
    const page = await open("/enrolment");
    await press(page, "Revoke");
    await page.getByRole("dialog", { name: "Revoke the token for ward-pcs?" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await press(page, "Revoke", page.getByRole("dialog"));
    await page.getByRole("row", { name: /ward-pcs.*revoked by Ada Admin/s }).waitFor();
    await expect(hospital.enrol("ward-pc-1", made.token)).rejects.toThrow("The enrolment was refused");
  });
});
