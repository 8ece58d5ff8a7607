/** A rollout on the page: live, explained, and stopped by one press and one confirmation. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { RolloutView } from "../../protocol/api.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { aGate, aPlanRequest, Hospital, type Machine } from "../support/hospital.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;
let machines: readonly Machine[];

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  machines = [await hospital.healthyMachine("ward-1"), await hospital.healthyMachine("ward-2")];
});
afterEach(async () => {
  await browser?.closeProfiles();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

const openRollout = async (id: string): Promise<Page> => await browser.open(hospital.url, token, `/rollouts/${id}`);
const wave = (page: Page, name: string) => page.getByRole("listitem", { name: `Wave ${name}` });
/** The machine that has an order now, and the order. */
const canary = async () =>
  await Promise.any(machines.map(async (machine) => ({ machine, order: await machine.takesOrder() })));

test.skipIf(skip)("the wave board follows the machines without a reload, wave by wave", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  const first = wave(page, "1: canary");
  const second = wave(page, "2: everyone else");
  await first.getByRole("link", { name: "1 offered" }).waitFor();
  await second.getByText("Not open yet").waitFor();

  const { machine, order } = await canary();
  await first.getByRole("link", { name: "1 running" }).waitFor();
  await machine.succeeds(order);
  await first.getByRole("link", { name: "1 succeeded" }).waitFor();
  await first.getByText("Passed", { exact: true }).waitFor();
  await second.getByText("Open", { exact: true }).waitFor();
  await page.getByRole("cell", { name: "Opened wave 2 “everyone else”" }).waitFor();

  await first.getByRole("link", { name: "1 succeeded" }).click();
  await page.getByRole("cell", { name: "succeeded", exact: true }).waitFor();
  expect(await page.getByRole("rowheader").count()).toBe(1);
  expect(new URL(page.url()).search).toBe("?wave=0&status=succeeded");
});

test.skipIf(skip)("says why a gate waits, with threshold, sample and deadline", async () => {
  const request = aPlanRequest();
  const gate = { ...aGate, sampleMin: { count: 2 } };
  const waves = [{ name: "both", take: { rest: true }, gate }] as const;
  const rollout = await hospital.rollout({ strategy: { ...request.strategy, waves: [...waves] } });
  const { machine, order } = await canary();
  await machine.succeeds(order);

  const page = await openRollout(rollout.id);
  const panel = page.getByRole("group", { name: "Gate of wave both" });
  await panel.getByText("rule: minimum sample").waitFor();
  await panel.getByText("1 of 1 (100 %)").waitFor();
  const { waves: seen } = RolloutView.parse(await hospital.call(`/rollouts/${rollout.id}`));
  await panel.getByText(seen[0]?.decision.because ?? "?", { exact: true }).waitFor();
  await panel.getByText("at least 90 %").waitFor();
  await panel.getByText(/^23 h \d+ min left$/).waitFor();
  await expect.poll(() => page.getByTestId("waits-for").getByRole("listitem").count()).toBeGreaterThan(0);
});

test.skipIf(skip)("a pause and a resume ask for a reason and stand in the event log", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("No new device begins.").waitFor();
  await dialog.getByRole("button", { name: "Pause" }).click();
  expect(await dialog.locator("input:invalid").count()).toBe(1);
  await dialog.getByLabel("Reason").fill("waiting for the vendor");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("cell", { name: "waiting for the vendor" }).waitFor();
  await expect.poll(() => dialog.count()).toBe(0);

  await page.getByRole("button", { name: "Resume" }).click();
  await dialog.getByText("The failures so far are accepted").waitFor();
  await dialog.getByLabel("Reason").fill("the vendor says go on");
  await dialog.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("cell", { name: "the vendor says go on" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).waitFor();
});

test.skipIf(skip)("a halt is one press and one confirmation, and is announced", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Halt" }).click();
  const dialog = page.getByRole("dialog", { name: "Halt “Withdraw Acme channel file 291-37” now?" });
  await dialog.getByText("No other device begins.").waitFor();
  await dialog.getByRole("button", { name: "Halt" }).click();
  await page.getByRole("alert").getByText("Halted").first().waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Halt" }).count()).toBe(0); // the dialog fades away
  expect(RolloutView.parse(await hospital.call(`/rollouts/${rollout.id}`)).phase).toBe("halted");
});

test.skipIf(skip)("a halt needs no mouse: Alt+H, Enter", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Halt" }).waitFor();
  await page.keyboard.press("Alt+h");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Alt+h");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("wrong file, stop");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Halted").first().waitFor();
  await page.getByRole("cell", { name: "wrong file, stop" }).waitFor(); // the reason typed replaced the one proposed
});

test.skipIf(skip)("a halt needs no shortcut: Tab reaches the button, and the focus comes back", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Halt" }).waitFor();
  const focused = async () => await page.evaluate<string>("document.activeElement.textContent");
  for (let presses = 0; (await focused()) !== "Halt" && presses < 20; presses++) await page.keyboard.press("Tab");
  expect(await focused()).toBe("Halt");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(focused).toBe("Halt");
});

test.skipIf(skip)("the one rollout that runs is halted from the overview too", async () => {
  await hospital.rollout();
  const page = await browser.open(hospital.url, token, "/");
  await page.getByRole("link", { name: "Withdraw Acme channel file 291-37" }).waitFor();
  await page.keyboard.press("Alt+h");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("Halted", { exact: true }).waitFor();
});

test.skipIf(skip)("a screen reader is told of a change, and not of what was there when the page opened", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await wave(page, "1: canary").getByRole("link", { name: "1 offered" }).waitFor();
  const said = page.getByRole("status", { name: "Changes" });
  expect(await said.innerText()).toBe("");
  await canary();
  await expect.poll(() => said.innerText()).toContain("1 running");
});

test.skipIf(skip)("an abort ends it for good, after saying so", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Abort" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It ends here and cannot be resumed.").waitFor();
  await dialog.getByLabel("Reason").fill("the vendor has a fix");
  await dialog.getByRole("button", { name: "Abort" }).click();
  await page.getByRole("alert").getByText("Aborted").first().waitFor();
  // The dialog has buttons of these names until it has closed.
  await expect.poll(() => page.getByRole("button", { name: /Pause|Resume|Halt|Abort/ }).count()).toBe(0);
});

test.skipIf(skip)("an action that comes too late is refused in words, and the dialog stays", async () => {
  const rollout = await hospital.rollout();
  const page = await openRollout(rollout.id);
  await page.getByRole("button", { name: "Pause" }).click();
  await hospital.call(`/rollouts/${rollout.id}/abort`, { because: "somebody was faster" });
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("too late");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await dialog.getByRole("alert").getByText("aborted").first().waitFor();
});

test.skipIf(skip)("undo makes a plan that is read, approved by its digest, and started", async () => {
  const rollout = await hospital.rollout();
  const { machine, order } = await canary();
  await machine.succeeds(order);
  await hospital.call(`/rollouts/${rollout.id}/halt`, { because: "it was the wrong file" });

  const page = await openRollout(rollout.id);
  await page.getByRole("link", { name: "1 succeeded" }).first().waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("dialog").getByText("Nothing happens on any device now.").waitFor();
  await page.getByRole("button", { name: "Make the undo plan" }).click();

  await page.getByText("This plan undoes an earlier one").waitFor();
  await page.getByText("It needs the approval of one person.").waitFor();
  const digest = await page
    .locator("code")
    .filter({ hasText: /^[0-9a-f]{64}$/ })
    .first()
    .innerText();
  await page.getByRole("button", { name: `Approve ${digest.slice(0, 8)}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(digest).first().waitFor();
  await dialog.getByRole("button", { name: `Approve ${digest.slice(0, 8)}` }).click();
  await page.getByText("Approved by the controller itself (starter key)").waitFor();
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start", exact: true }).click();
  await page.getByText("Where it stands").waitFor();
});
