/**
 * Debian's Chromium for the browser tests. Every launch has a profile of its own, made and removed by
 * playwright, and the arguments keep the browser from speaking to anyone but the page's server.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CHROMIUM_PATH = "/usr/bin/chromium";

const CHROMIUM_ARGS: readonly string[] = [
  "--headless",
  "--no-sandbox", // Chromium refuses to sandbox itself as root, and build machines run as root
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

/** Why there is no browser here, for `test.skipIf`; undefined where there is one. */
export function whyNoChromium(): string | undefined {
  if (existsSync(CHROMIUM_PATH)) return undefined;
  return process.env["RINGBACK_NO_CHROMIUM"] ?? `${CHROMIUM_PATH} is not installed`;
}

/** @param handlesSignals false for a program that ends in good order by itself when it is interrupted */
export async function launchChromium({ handlesSignals = true } = {}): Promise<Browser> {
  return await chromium.launch({
    executablePath: CHROMIUM_PATH,
    headless: true,
    args: [...CHROMIUM_ARGS],
    handleSIGINT: handlesSignals,
    handleSIGTERM: handlesSignals,
    handleSIGHUP: handlesSignals,
  });
}
