/** An approver with a passkey: Chromium, and an authenticator behind it as in a phone, on the console's own pages. */
import type { Browser, Page } from "playwright-core";
import type { PlanId } from "../../protocol/ids.ts";
import { Holder } from "../../protocol/trust-document.ts";
import { launchChromium } from "../support/chromium.ts";
import { giveAuthenticator } from "../support/virtual-passkey.ts";
import { type Approved, whoIs } from "./people.ts";

export class PasskeyPerson {
  readonly holder: Holder;
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page, holder: Holder) {
    this.#browser = browser;
    this.#page = page;
    this.holder = holder;
  }

  /** Signs in at the address of approvals and makes a passkey there. */
  static async enrol(origin: string, token: string, person: string, name: string): Promise<PasskeyPerson> {
    const browser = await launchChromium({ handlesSignals: false });
    try {
      const context = await browser.newContext({ baseURL: origin });
      const page = await context.newPage();
      await page.goto("/approve/passkey");
      await giveAuthenticator(page);
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("Short name").fill(person);
      await page.getByLabel("Full name").fill(name);
      await page.getByRole("button", { name: "Make a passkey" }).click();
      const record = await page.getByTestId("record").innerText();
      return new PasskeyPerson(browser, page, Holder.parse(JSON.parse(record)));
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Reads the page of approvals and presses its button. Resolves when the page says that the approval was kept. */
  async approve(plan: PlanId): Promise<Approved> {
    const page = this.#page;
    await page.goto(`/approve/${plan}`);
    const button = page.getByRole("button", { name: "Approve with my passkey" });
    await button.waitFor();
    const saw = await page.getByRole("list", { name: "What is signed" }).getByRole("listitem").allInnerTexts();
    const digest = await page.getByTestId("spoken").innerText();
    await button.click();
    await page.getByText(/^The approval of .* was kept\.$/).waitFor();
    return { ...whoIs(this.holder), with: "passkey", digest, saw };
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
