/**
 * The console in a real browser, opened by someone who is signed in.
 *
 * A page that logs an error, breaks its content security policy or throws fails the tests that opened it.
 */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./chromium.ts";

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

export class ConsoleBrowser {
  private readonly browser: Browser;
  private readonly profiles = new Set<BrowserContext>();
  private readonly complaints: string[] = [];
  /** By token: signing in again and again would look like guessing. */
  private readonly sessions = new Map<string, Cookies>();

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async launch(): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await launchChromium());
  }

  /** A new browser profile; with a token, one that is signed in. */
  async profile(url: string, token?: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(20_000);
    this.profiles.add(context);
    if (token !== undefined) await context.addCookies(this.sessions.get(token) ?? (await this.signIn(context, token)));
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
    context.on("console", (message) => {
      // A request that fails is logged by the browser itself, and failing requests are what some tests are about.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.complaints.push(message.text());
      }
    });
    return context;
  }

  async open(url: string, token: string | undefined, path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.profile(url, token, options)).newPage();
    await page.goto(path);
    return page;
  }

  /** Pages that stay open keep asking the controller and slow the next test down. */
  async closeProfiles(): Promise<void> {
    for (const profile of this.profiles) await profile.close();
    this.profiles.clear();
  }

  /** @throws if a page complained. */
  async close(): Promise<void> {
    await this.browser.close();
    if (this.complaints.length > 0) throw new Error(`pages complained:\n${this.complaints.join("\n")}`);
  }

  private async signIn(context: BrowserContext, token: string): Promise<Cookies> {
    const answer = await context.request.post("/api/v1/session", { data: { token } });
    if (!answer.ok()) throw new Error(`cannot sign in: ${await answer.text()}`);
    const cookies = await context.cookies();
    this.sessions.set(token, cookies);
    return cookies;
  }
}
