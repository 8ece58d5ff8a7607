/**
 * The machine's own proxies, for whoever runs as LocalSystem: WinHTTP's machine setting, and where there is none, what the
 * network says by WPAD. What a user set for his browser counts for that user alone and is not looked at.
 */
import { authorityOf, type Proxy } from "../proxy/tunnel.ts";
import { isBypassed } from "../proxy/bypass.ts";
import type { SystemProxy } from "../proxy/line.ts";
import { bypassOf, proxiesOf } from "./proxy-list.ts";
import type { ProxySetting } from "./native/winhttp.ts";

/** A network is not asked more often about one address, whatever it said. */
const KEPT_MS = 10 * 60_000;
/** Longer, and the attempt goes on without an answer; a later one finds it. */
const ANSWER_MS = 10_000;

/** `agent/adapters/windows/native/winhttp.ts`, which loads on Windows alone. */
export interface WinHttp {
  machineProxy(): ProxySetting | undefined;
  discoveredProxy(url: string): Promise<ProxySetting | undefined>;
}

interface Asked {
  readonly atMs: number;
  readonly answer: Promise<readonly Proxy[]>;
}

/**
 * @param load asked at the first connection, not at the start: the boot is recorded first
 * @param nowMs of a clock that nobody sets
 */
export function systemProxyOf(load: () => Promise<WinHttp>, nowMs: () => number): SystemProxy {
  /** By URL: few, since few controllers are configured. */
  const known = new Map<string, Asked>();
  const proxiesFor = (setting: ProxySetting | undefined, host: string): readonly Proxy[] =>
    setting === undefined || isBypassed(host, bypassOf(setting.bypass)) ? [] : proxiesOf(setting.proxies);
  return {
    named: async (host) => {
      try {
        return proxiesFor((await load()).machineProxy(), host);
      } catch {
        return []; // without WinHTTP there is no setting of it
      }
    },
    discovered: async (host, port) => {
      const url = `https://${authorityOf(host, port)}/`;
      let asked = known.get(url);
      if (asked === undefined || nowMs() - asked.atMs >= KEPT_MS) {
        const ask = async (): Promise<readonly Proxy[]> => proxiesFor(await (await load()).discoveredProxy(url), host);
        asked = { atMs: nowMs(), answer: ask().catch(() => []) };
        known.set(url, asked);
      }
      const late = Promise.withResolvers<readonly Proxy[]>();
      const timer = setTimeout(() => late.resolve([]), ANSWER_MS);
      try {
        return await Promise.race([asked.answer, late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
