/** Old data looks old, a stream that does not get through is replaced by asking, and both recover by themselves. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { Hospital } from "../support/hospital.ts";
import { type ReverseProxy, startReverseProxy } from "../support/reverse-proxy.ts";

const skip = whyNoChromium();
let browser: ConsoleBrowser;
let hospital: Hospital;
let proxy: ReverseProxy;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  await hospital.healthyMachine("ward-1");
  proxy = await startReverseProxy(hospital.url);
});
afterEach(async () => {
  await browser?.closeProfiles();
  await proxy?.close();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

/** A page whose clock the test moves on. */
async function openWithClock(path: string) {
  const page = await (await browser.profile(proxy.url, token)).newPage();
  await page.clock.install();
  await page.goto(path);
  await page.getByText(/^as of/).waitFor();
  return page;
}

test.skipIf(skip)(
  "when the controller stops, the page says for how long and loses its colours; then it recovers",
  async () => {
    const page = await openWithClock("/");
    await page.getByTestId("live-mode").getByText("Live").waitFor();
    const content = page.locator("[data-stale]");
    expect(await content.getAttribute("data-stale")).toBe("false");

    proxy.cut();
    await page.clock.fastForward(20_000);
    await page.getByText(/Stale: not heard from the controller for \d+ s/).waitFor();
    expect(await content.getAttribute("data-stale")).toBe("true");
    expect(await page.evaluate<string>("getComputedStyle(document.querySelector('[data-stale]')).filter")).toBe(
      "grayscale(1)",
    );
    await page.getByTestId("live-mode").getByText("Not connected").waitFor();
    expect(await violationsOf(page)).toEqual([]);

    proxy.restore();
    await page.clock.fastForward(6_000);
    await page.getByText(/^as of/).waitFor();
    expect(await content.getAttribute("data-stale")).toBe("false");
  },
);

test.skipIf(skip)("a page that never got an answer says why and tries again", async () => {
  const page = await openWithClock("/");
  proxy.cut();
  await page.getByRole("link", { name: "Devices", exact: true }).click();
  await page.getByRole("alert").getByText("The controller does not answer.").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Try again" }).focus();
  proxy.restore();
  await page.keyboard.press("Enter"); // a key, not a click: the page may have asked again by itself, and the button be gone
  await page.getByRole("rowheader", { name: "ward-1" }).waitFor();
});

test.skipIf(skip).each(["cuts", "swallows"] as const)(
  "behind a proxy that %s the live stream, the page asks instead",
  async (streams) => {
    proxy.streams = streams;
    const page = await openWithClock("/");
    await page.clock.fastForward(3_000);
    await page.getByTestId("live-mode").getByText("Polling every 3 s").waitFor();
    await hospital.machine("ward-2");
    await page.clock.fastForward(4_000);
    await page.getByRole("link", { name: "2 devices" }).waitFor();
  },
);

test.skipIf(skip)("a stream that falls silent is given up after 30 s, and taken up again when it works", async () => {
  const page = await openWithClock("/");
  const mode = page.getByTestId("live-mode");
  await mode.getByText("Live").waitFor();
  proxy.streams = "swallows"; // for the next one; the one that is open says nothing for now
  await page.clock.fastForward(31_000);
  await page.clock.fastForward(6_000);
  await mode.getByText("Polling every 3 s").waitFor();
  proxy.streams = "pass";
  await page.clock.fastForward(31_000);
  await page.clock.fastForward(31_000);
  await mode.getByText("Live").waitFor();
});
