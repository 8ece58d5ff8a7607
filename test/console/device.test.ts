/** The page of a device: why it is as it is, its boots as a picture that needs no mouse, its orders with their proof. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { OrderPage } from "../../protocol/api-device.ts";
import { Envelope, PAYLOAD_TYPES, peek, seal } from "../../protocol/dsse.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import type { Receipt } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { aBootLoop, aCure, aGoodHistory } from "../support/device-stories.ts";
import { aGate, aPlanRequest, Hospital, type Machine } from "../support/hospital.ts";
import { aKey } from "../support/keys.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
});
afterEach(async () => {
  await browser?.closeProfiles();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

async function openDevice({ identity }: Machine, query = ""): Promise<Page> {
  const page = await browser.open(hospital.url, token, `/devices/${identity.deviceId}${query}`);
  await page.getByRole("region", { name: "Condition" }).waitFor();
  return page;
}
const boots = (page: Page) => page.getByRole("group", { name: "Boots, oldest first" }).getByRole("button");
const chosen = (page: Page) => page.locator("#boot");
const focusedName = (page: Page) => page.evaluate<string>("document.activeElement.getAttribute('aria-label') ?? ''");

/** An order for this machine alone, taken. */
async function orderFor(machine: Machine) {
  const waves = [{ name: "canary", take: { rest: true }, gate: aGate }] as const;
  const devices = { devices: [machine.identity.deviceId] };
  await hospital.rollout({ devices, strategy: { ...aPlanRequest().strategy, waves: [...waves] } });
  return await machine.takesOrder();
}

describe("a boot loop", () => {
  test.skipIf(skip)("is explained in words: how often, which bugcheck, which driver, and who says so", async () => {
    const page = await openDevice(await aBootLoop(hospital, "NOR-WS-0417"));
    await page.getByText("Boot loop", { exact: true }).waitFor();
    const because = await page.getByTestId("because").innerText();
    expect(because).toContain("a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA; its crash dump points at csagent.sys");
    await page.getByText("5 boots in a row ended in a bugcheck 0x50").waitFor();

    const evidence = chosen(page).getByTestId("evidence");
    await evidence.getByText("It points at csagent.sys: the address at which it failed").waitFor();
    await evidence.getByText("Startup Repair ran 2 times, with 7 repair attempts.").waitFor();
    await evidence.getByText("Event log: the boot that began").waitFor();
    await evidence.getByText("(0xffff9a0c00000020, 0x0, 0xfffff80515c335a1, 0x0)").first().waitFor();
  });

  test.skipIf(skip)("shows the boots in which the agent never ran, from what the event log says", async () => {
    const page = await openDevice(await aBootLoop(hospital, "NOR-WS-0417"));
    const unseen = boots(page).and(page.getByRole("button", { name: /agent never ran/ }));
    await unseen.first().waitFor();
    expect(await unseen.count()).toBe(2);
    expect(await boots(page).count()).toBe(7);
    await unseen.last().click();
    await chosen(page).getByText("agent never ran").waitFor();
    await chosen(page).getByTestId("ending").getByText("says the event log that boot boot-4 sent").waitFor();
    await chosen(page).getByText("It points at csagent.sys").waitFor(); // its own dump
    expect(await chosen(page).getByText("What was running").count()).toBe(0); // nobody was there to look
  });

  test.skipIf(skip)("leads from the version that came to the incident that declares it faulty", async () => {
    await hospital.incident();
    const page = await openDevice(await aBootLoop(hospital, "NOR-WS-0417"));
    await boots(page).nth(2).click(); // the first boot with the faulty file
    await chosen(page).getByText("in place of 291-36").waitFor();
    await chosen(page).getByText("Declared faulty").waitFor();
    await chosen(page).getByRole("link", { name: "Boot loops after Acme channel file 291-37" }).click();
    await page.getByRole("heading", { name: "Boot loops after Acme channel file 291-37" }).waitFor();
    await page.getByText("Every machine that took it crashed").first().waitFor();
  });

  test.skipIf(skip)("goes on while the page is open", async () => {
    const machine = await aBootLoop(hospital, "NOR-WS-0417");
    const page = await openDevice(machine);
    await boots(page).nth(6).waitFor();
    await machine.boots({ tries: 4, previousEnd: { kind: "power-loss" } });
    await boots(page).nth(7).waitFor();
    await page.getByTestId("because").getByText("this is boot 4 since the last good one").waitFor();
    expect(await boots(page).nth(6).getAttribute("aria-label")).toContain("lost power");
  });
});

describe("the picture of the boots", () => {
  test.skipIf(skip)(
    "is one tab stop; arrow keys walk, Enter chooses, and the choice stands in the address",
    async () => {
      const page = await openDevice(await aBootLoop(hospital, "NOR-WS-0417"));
      await boots(page).nth(6).waitFor();
      await page.getByRole("button", { name: "Table" }).focus();
      await page.keyboard.press("Tab");
      const newest = await focusedName(page);
      expect(newest).toMatch(/^Boot of .*, not good yet, running$/);
      await page.keyboard.press("Tab");
      expect(await focusedName(page)).not.toMatch(/^Boot of/);
      await page.keyboard.press("Shift+Tab");
      expect(await focusedName(page)).toBe(newest);

      await page.keyboard.press("ArrowLeft");
      expect(await focusedName(page)).toMatch(/never good, ended in a bugcheck 0x50/);
      await page.keyboard.press("Home");
      expect(await focusedName(page)).toMatch(/, good, was restarted as planned$/);
      await page.keyboard.press("ArrowLeft"); // there is none before the oldest
      await page.keyboard.press("ArrowRight");
      expect(await focusedName(page)).toMatch(/, good, ended in a bugcheck 0x50.*, 1 content change$/);
      await page.keyboard.press("Enter");
      await chosen(page).getByText("Noticed while it ran:").waitFor();
      expect(new URL(page.url()).searchParams.get("boot")).toBe("boot-2");
      expect(await focusedName(page)).toMatch(/1 content change$/); // the focus stays where it was
      await page.keyboard.press("End");
      await page.keyboard.press("Space");
      await chosen(page).getByText("It is running.").waitFor();

      await page.reload();
      await chosen(page)
        .getByRole("heading", { name: /^Newest boot/ })
        .waitFor();
    },
  );

  test.skipIf(skip)("can be read as a table instead, with the same boots and the same choice", async () => {
    const page = await openDevice(await aBootLoop(hospital, "NOR-WS-0417"));
    await page.getByRole("button", { name: "Table" }).click();
    const table = page.getByRole("table", { name: "Boots, newest first" });
    await expect.poll(() => table.getByRole("row").count()).toBe(8);
    await table.getByRole("button", { name: /was restarted as planned/ }).click();
    await chosen(page).getByText("It was restarted as planned, says the boot after it").waitFor();
    expect(new URL(page.url()).search).toBe("?view=table&boot=boot-1");
  });

  test.skipIf(skip)("holds 200 boots as well, the newest in sight, every bar wide enough to be pressed", async () => {
    const machine = await hospital.machine("many");
    await machine.connects();
    for (let n = 0; n < 220; n++) await machine.boots();
    const page = await openDevice(machine);
    await boots(page).nth(49).waitFor();
    expect(await boots(page).count()).toBe(50);
    await page.getByRole("button", { name: "Show 200 at once" }).click();
    await boots(page).nth(199).waitFor();
    const last = await boots(page).nth(199).boundingBox();
    expect(last?.x).toBeLessThan(1280);
    expect(last?.width).toBeGreaterThanOrEqual(24);
    await boots(page).nth(150).click();
    await chosen(page)
      .getByRole("heading", { name: /^Boot, / })
      .waitFor();
    await page.getByRole("link", { name: "Older boots" }).click();
    await page.getByText(/^20 boots since/).waitFor();
    await chosen(page).getByText("How it ended").waitFor(); // one of these is shown
  });

  test.skipIf(skip)("does not believe a clock that is wrong by years, and says so", async () => {
    const machine = await hospital.machine("old battery");
    await machine.connects();
    await machine.boots();
    await machine.boots({ bootedAt: Date.parse("2009-01-01T00:00:30Z") as Instant });
    const page = await openDevice(machine);
    await chosen(page).getByText("The device's clock cannot be right here").waitFor();
    await chosen(page).getByText("2009-01-01").waitFor();
    expect(await boots(page).nth(1).getAttribute("aria-label")).not.toContain("2009");
  });
});

describe("orders", () => {
  test.skipIf(skip)("show every step and a receipt that the device's key proves, which can be taken away", async () => {
    const machine = await hospital.machine("NOR-WS-0002");
    await machine.connects();
    await machine.isInBootLoop();
    const order = await orderFor(machine);
    const page = await openDevice(machine);
    const shown = page.getByRole("listitem", { name: "Withdraw Acme channel file 291-37" });
    await shown.getByText("Running", { exact: true }).waitFor();
    await aCure(machine, order);
    await shown.getByText("Succeeded", { exact: true }).waitFor();
    expect(await shown.getByRole("list", { name: "Steps" }).getByText("done", { exact: true }).count()).toBe(3);
    await shown.getByText("Signature verified").waitFor();
    await shown.getByText("Moved into quarantine:").waitFor();
    const download = page.waitForEvent("download");
    await shown.getByRole("button", { name: "Signed receipt" }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(`${order.orderId}.receipt.json`);
    const envelope = Envelope.parse(JSON.parse(await readFile(await saved.path(), "utf8")));
    const { items } = OrderPage.parse(await hospital.call(`/devices/${machine.identity.deviceId}/orders`));
    expect(envelope).toEqual(items[0]?.receipt?.envelope);
    await shown.getByRole("link", { name: "Withdraw Acme channel file 291-37" }).click();
    await page.getByText("Where it stands").waitFor();
  });

  test.skipIf(skip)("a receipt that somebody else signed is not believed", async () => {
    const machine = await hospital.healthyMachine("victim");
    const order = await orderFor(machine);
    const forged: Receipt = {
      schema: "ringback.receipt/1",
      orderId: order.orderId,
      planId: peek(order.order, WaveOrder).planId,
      deviceId: machine.identity.deviceId,
      outcome: "succeeded",
      steps: [{ kind: "quarantine-file", outcome: "done", files: [] }],
      bootId: machine.bootId,
      durationMs: 1,
      finishedAt: Date.now() as Instant,
    };
    await machine.reports({
      kind: "order-ended",
      orderId: order.orderId,
      receipt: seal(PAYLOAD_TYPES.receipt, forged, [aKey("a forger")]),
    });
    const page = await openDevice(machine);
    await page.getByText("Not proved", { exact: true }).waitFor();
    await page.getByText("The receipt is not believed: it is not signed by this device's key.").waitFor();
    expect(await page.getByText("Succeeded", { exact: true }).count()).toBe(0);
    expect(await page.getByText("Signature verified").count()).toBe(0);
  });

  test.skipIf(skip)("a refusal tells its rule", async () => {
    const machine = await hospital.healthyMachine("strict");
    const { orderId } = await orderFor(machine);
    await machine.reports({ kind: "order-refused", orderId, rule: "path-not-allowed", because: "the path leads out" });
    const page = await openDevice(machine);
    await page.getByText("Refused by the rule path-not-allowed.").waitFor();
  });
});

describe("what there is to see when there is little", () => {
  test.skipIf(skip)("a device that was never heard", async () => {
    const page = await openDevice(await hospital.machine("HAR-KIOSK-02"));
    await page.getByText("It is registered, but was never heard from.").waitFor();
    await page.getByText("No boot was ever reported.").waitFor();
    await page.getByText("Check that the agent's service runs on it").waitFor();
    await page.getByText("No order was ever given to this device.").waitFor();
  });

  test.skipIf(skip)("an agent that sends no evidence", async () => {
    const page = await openDevice(await hospital.healthyMachine("older agent"));
    await page.getByText("No evidence was sent with this boot").waitFor();
  });

  test.skipIf(skip)("a device that is not registered, with the id under which the log has more", async () => {
    const machine = await hospital.machine("known");
    const other = machine.identity.deviceId.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    const page = await browser.open(hospital.url, token, `/devices/${other}`);
    await page.getByRole("alert").getByText(`There is no device ${other}.`).waitFor();
    await page.getByRole("button", { name: "Copy request id" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
  });

  test.skipIf(skip)("an address that names no device", async () => {
    const page = await browser.open(hospital.url, token, "/devices/PC-1");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  });

  test.skipIf(skip)("a boot in the address that is not among those shown", async () => {
    const page = await openDevice(await hospital.healthyMachine("ward-1"), "?boot=elsewhere");
    await page.getByText("The boot in the address is not among those shown.").waitFor();
  });
});

test.skipIf(skip)("everything can be had as the API gives it, report by report, of one kind if wanted", async () => {
  const page = await openDevice(await aGoodHistory(hospital, "ELM-CONSULT-03"));
  const raw = page.getByRole("region", { name: "As the API gives it" });
  await raw.getByText("This device", { exact: true }).click();
  await raw.getByText('"name": "ELM-CONSULT-03"').waitFor();
  await raw.getByLabel("Kind").selectOption("content-changed");
  await raw.getByText(/Content changed no\. \d+/).click();
  await raw.getByText('"change": "appeared"').waitFor();
  expect(new URL(page.url()).searchParams.get("kind")).toBe("content-changed");
  await raw.getByLabel("Kind").selectOption("");
  await raw.getByRole("link", { name: "Older reports" }).click();
  await expect.poll(() => new URL(page.url()).searchParams.has("reports")).toBe(true);
  await raw.getByText(/A boot began no\. 1$/).waitFor({ state: "detached" });
});

test.skipIf(skip)("the devices of a rollout lead here", async () => {
  const machine = await hospital.healthyMachine("ward-1");
  const { id } = await hospital.rollout();
  const page = await browser.open(hospital.url, token, `/rollouts/${id}/devices`);
  await page.getByRole("link", { name: "ward-1" }).click();
  await page.getByRole("heading", { level: 1, name: "ward-1" }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/devices/${machine.identity.deviceId}`);
});
