/**
 * The pages of incidents and of detection, as somebody meets them at night: what happens, whether it spreads, what to
 * press; by keyboard alone, in every state, and without a violation.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { at } from "../../protocol/time.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { fakeAdministration, type FakeAdministration } from "../support/fake-administration.ts";
import {
  aClosedOne,
  aConviction,
  aDetection,
  aMassSilence,
  aProposal,
  aSpread,
  aTimeline,
  someAnswers,
} from "../support/incident-stories.ts";
import { aParsedPlanRequest, aRegistration } from "../support/requests.ts";

const skip = whyNoChromium();
const SOON = { timeout: 20_000 };
const NOW = at("2026-11-20T09:00:00Z");
const CONVICTED = aConviction(NOW);
const SILENT = aMassSilence(NOW);
const CLOSED = aClosedOne(NOW);

let browser: ConsoleBrowser;
let api: ApiServer<FakeAdministration>;
let token: string;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
  api = await startApi({ consoleFolder: inject("consoleFolder") });
  token = await api.signIn();
  await api.administration.registerDevice(aRegistration(1));
  for (const event of aTimeline(CONVICTED, NOW)) api.administration.showIncident(CONVICTED, event);
});
beforeEach(() => {
  if (skip !== undefined) return;
  const fake = api.administration;
  fake.failing = undefined;
  fake.showIncident(CONVICTED);
  fake.showIncident(CLOSED);
  fake.spreads.set(CONVICTED.id, aSpread(NOW, 70));
  fake.detected = aDetection(NOW);
  fake.proposed = aProposal(aParsedPlanRequest());
  fake.dryRunAnswers = someAnswers();
});
afterEach(async () => await browser?.closeProfiles());
afterAll(async () => {
  await browser?.close();
  await api?.close();
});

const open = async (path: string, options: Parameters<ConsoleBrowser["open"]>[3] = {}): Promise<Page> => {
  const page = await browser.open(api.url, token, path, options);
  await page.getByText(/^as of/).waitFor();
  return page;
};
const incident = `/incidents/${CONVICTED.id}`;

describe.skipIf(skip)("the list", () => {
  test("open ones come first, and its filters are in the address", async () => {
    const page = await open("/incidents");
    const titles = page.getByRole("heading", { level: 3 });
    expect(await titles.allInnerTexts()).toEqual([CONVICTED.title, CLOSED.title]);
    await page.getByText("Waits for a person: press Halt, something still moves; prepare the rollback.").waitFor();
    await page.getByRole("link", { name: /^Closed/ }).press("Enter");
    await expect.poll(async () => await titles.allInnerTexts(), SOON).toEqual([CLOSED.title]);
    expect(new URL(page.url()).search).toBe("?state=closed");
    await page.getByRole("link", { name: /^Mass silence/ }).press("Enter");
    await page.getByText("No incident matches.").waitFor();
  });

  test("Alt+I leads there from anywhere, and a title to its page", async () => {
    const page = await open("/detection");
    await page.keyboard.press("Alt+i");
    await page.getByRole("link", { name: CONVICTED.title }).press("Enter");
    await page.getByRole("heading", { level: 1, name: CONVICTED.title }).waitFor();
  });
});

describe.skipIf(skip)("an incident", () => {
  test("says what happens first, and its counts lead to the devices behind them", async () => {
    const page = await open(incident);
    expect(await page.getByTestId("sentence").innerText()).toBe(CONVICTED.sentence);
    for (const [words, query] of [
      [/^31\s*affected$/, "crashed=yes"],
      [/^40\s*exposed and well$/, "crashed=no"],
      [/^214\s*unknown$/, "condition=unknown"],
    ] as const)
      expect(await page.getByRole("link", { name: words }).getAttribute("href")).toContain(query);
    for (const side of ["For it", "Against it", "Not known"]) await page.getByRole("region", { name: side }).waitFor();
    await page.getByText("4 billion", { exact: true }).waitFor();
  });

  test("the picture of sites is one stop of the Tab key, walked through by arrows, and there as a table", async () => {
    const page = await open(incident);
    const tiles = page.getByRole("group", { name: "Sites, most affected first" }).getByRole("button");
    await expect.poll(async () => await tiles.count(), SOON).toBe(70);
    expect(await page.locator('[aria-label="Sites, most affected first"] button[tabindex="0"]').count()).toBe(1);
    await tiles.first().focus();
    await page.keyboard.press("ArrowRight");
    const second = await page.locator(":focus").getAttribute("aria-label");
    expect(second).toMatch(/^.+: \d+ machines, \d+ affected/);
    await page.keyboard.press("Enter");
    await page.getByText(`${second}.`, { exact: true }).waitFor();
    await page.keyboard.press("End");
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/, 0 affected/);
    await page.getByRole("button", { name: "Table" }).first().press("Enter");
    await expect.poll(async () => await page.getByRole("table").first().getByRole("rowheader").count(), SOON).toBe(70);
  });

  test("its timeline tells every kind of event, and what failed or waits stands out by a word", async () => {
    const page = await open(incident);
    const timeline = page.getByRole("list", { name: "Timeline, newest first" });
    await timeline.getByText("Could not get acme-cloud").waitFor();
    expect(await timeline.getByRole("img", { name: "Mind this:" }).count()).toBeGreaterThanOrEqual(2);
    expect(await timeline.getByRole("img", { name: "Waits for a person:" }).count()).toBeGreaterThanOrEqual(2);
  });

  test("Alt+H says what it will do, Enter halts, and the page says what was done and what waits", async () => {
    const page = await open(incident);
    await page.keyboard.press("Alt+h");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Ask Acme Cloud to pause acme.channel-291.").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press("Enter");
    const outcome = page.getByRole("alert").filter({ hasText: "Halted." });
    await outcome.getByText("A hold of the source waits for an approver").waitFor();
    await page.getByText("No rollout had to be halted").first().waitFor();
  });

  test("a halt that does not work says so, and can be pressed again", async () => {
    const page = await open(incident);
    api.administration.failing = "haltIncident";
    await page.keyboard.press("Alt+h");
    await page.getByRole("textbox", { name: "Reason, for the record" }).press("Enter");
    await page.getByRole("dialog").getByRole("alert").waitFor();
    api.administration.failing = undefined;
    await page.getByRole("textbox", { name: "Reason, for the record" }).press("Enter");
    await page.getByRole("alert").filter({ hasText: "Halted." }).waitFor();
  });

  test("it is closed and opened again with a reason, and merged into another", async () => {
    api.administration.showIncident(SILENT);
    const page = await open(`/incidents/${SILENT.id}`);
    const reason = page.getByRole("textbox", { name: "Reason, for the timeline" });
    await page.getByRole("button", { name: "Close" }).press("Enter");
    await page.getByRole("dialog").getByText("62 machines are still affected.").waitFor();
    await reason.fill("the power is back");
    await reason.press("Enter");
    await page.getByText("the power is back").waitFor();
    await page.getByRole("button", { name: "Reopen" }).press("Enter");
    await reason.fill("it is not");
    await reason.press("Enter");
    await page.getByRole("button", { name: "Merge" }).press("Enter");
    await page.getByRole("combobox", { name: "Goes on as" }).selectOption({ label: CONVICTED.title });
    await reason.press("Enter");
    await page.getByRole("link", { name: "Go to the incident that took it in" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: CONVICTED.title }).waitFor();
    expect(await page.getByRole("button", { name: /^Halt/ }).count()).toBe(1);
  });

  test("one that is not there is said to be so, with the request's id", async () => {
    const page = await browser.open(api.url, token, `/incidents/${aMassSilence(at("2026-11-01T00:00:00Z")).id}`);
    const alert = page.getByRole("alert");
    await alert.getByRole("button", { name: "Copy request id" }).waitFor();
    await alert.getByRole("button", { name: "Try again" }).waitFor();
  });
});

describe.skipIf(skip)("the overview", () => {
  test("a mass silence is said aloud and first, and Alt+H halts it", async () => {
    api.administration.showIncident(SILENT);
    const page = await open("/");
    const banner = page.getByRole("alert").filter({ hasText: "fell silent at once" });
    await banner.getByRole("button", { name: /^Halt/ }).waitFor();
    await page.keyboard.press("Alt+h");
    await page.getByRole("dialog", { name: /62 machines silent at once/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "Halted." }).waitFor();
    api.administration.showIncident({ ...SILENT, state: "closed" });
    await expect.poll(async () => await banner.count(), SOON).toBe(0);
  });

  test("says how machines fare by version in words, and plainly where numbers convict nobody", async () => {
    const page = await open("/");
    const row = page.getByRole("row", { name: /291-32/ });
    await row.getByText("More than others").waitFor();
    await row.getByText("437 in 1,000 (328 to 553)").waitFor();
    await page
      .getByRole("row", { name: /7\.11\.2/ })
      .getByText("No difference seen")
      .waitFor();
    api.administration.detected = { ...aDetection(NOW), canConvict: false, sentence: "There are 40 machines." };
    await page.getByText("Nobody is convicted by numbers on this fleet.").waitFor();
  });

  test("where detection cannot be asked, only its part says so", async () => {
    api.administration.failing = "detection";
    const page = await open("/");
    await page.getByRole("region", { name: "How machines fare by content version" }).getByRole("alert").waitFor();
    await page.getByRole("link", { name: CONVICTED.title }).waitFor();
  });
});

describe.skipIf(skip)("detection", () => {
  test("shows defaults as defaults, and a rule is added, changed and saved by keyboard", async () => {
    const page = await open("/detection");
    await page
      .getByRole("row", { name: /unclean share/ })
      .getByText("default")
      .waitFor();
    const source = page.getByRole("textbox", { name: "A source with a rule of its own" });
    await source.fill("acme.channel-291");
    await source.press("Enter");
    await page.getByRole("combobox", { name: "acme.channel-291" }).selectOption("act");
    await page.getByText("With “Act”, rollouts halt").waitFor();
    await page.getByRole("button", { name: "Save the rules" }).press("Enter");
    await page.getByText(/^Changed last at .* by Ada Admin/).waitFor();
    expect((await api.administration.responseRules()).rules).toContainEqual({
      source: "acme.channel-291",
      mode: "act",
    });
  });
});

describe.skipIf(skip)("the way to a plan", () => {
  test("from the incident: which playbook and why, who is left out, what devices say, and the plan", async () => {
    const page = await open(incident);
    await page.getByRole("link", { name: "Prepare rollback" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "Prepare rollback" }).waitFor();
    await page.getByText("Why this one:").waitFor();
    await page
      .getByRole("row", { name: /Clinical devices are never restarted unasked/ })
      .getByText("4")
      .waitFor();
    await page.getByRole("img", { name: /As proposed: half are back after 1 h/ }).waitFor();
    await page.getByRole("button", { name: "Ask a few devices" }).press("Enter");
    await page.getByRole("listitem").filter({ hasText: "NOR-WS-02" }).getByText("would fail").waitFor();
    await page.getByRole("button", { name: "Make the plan" }).press("Enter");
    await page.getByRole("heading", { level: 2, name: "Approval" }).waitFor();
  });

  test("what is missing is asked for, and a plan can be made only when it is there and could be right", async () => {
    api.administration.proposed = aProposal(null, { missing: ["update: the number of the faulty update"] });
    const page = await open(`${incident}/proposal`);
    const make = page.getByRole("button", { name: "Make the plan" });
    const update = page.getByRole("textbox", { name: "update" });
    expect(await make.isDisabled()).toBe(true);
    await update.fill("the one of Tuesday");
    expect(await make.isDisabled()).toBe(true);
    await update.fill("KB5009624");
    await expect.poll(async () => await make.isEnabled(), SOON).toBe(true);
  });
});

const LOOKS = [
  { colorScheme: "light", width: 1280 },
  { colorScheme: "dark", width: 320 },
] as const;
const PAGES = {
  list: "/incidents",
  incident,
  "its sites as a table": `${incident}?spread=table`,
  proposal: `${incident}/proposal`,
  detection: "/detection",
};
const cases = Object.entries(PAGES).flatMap(([name, path]) => LOOKS.map((look) => ({ name, path, ...look })));

test.skipIf(skip).each(cases)(
  "$name, $colorScheme, $width px: no violation and no sideways scrolling",
  async ({ path, colorScheme, width }) => {
    const page = await open(path, { colorScheme, viewport: { width, height: 800 } });
    await page
      .getByTestId("spread-summary")
      .or(page.getByRole("main").getByRole("heading", { level: 3 }))
      .first()
      .waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  },
);

test.skipIf(skip)("without an incident it says whether that means anything on this fleet", async () => {
  const empty = await startApi({ consoleFolder: inject("consoleFolder"), administration: fakeAdministration() });
  const page = await browser.open(empty.url, await empty.signIn("Grace"), "/incidents");
  await page.getByText("That does not mean that all is well:").waitFor();
  await page.getByText("Fewer than about 100 machines").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await browser.closeProfiles();
  await empty.close();
});
