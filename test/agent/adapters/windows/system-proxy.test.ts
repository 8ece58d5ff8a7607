/** What the machine's own setting says, as text of WinHTTP, and when the network is asked. */
import { describe, expect, test } from "vitest";
import { bypassOf, proxiesOf } from "../../../../agent/adapters/windows/proxy-list.ts";
import { systemProxyOf, type WinHttp } from "../../../../agent/adapters/windows/system-proxy.ts";

const A = { host: "a.example", port: 3128 };

describe("WinHTTP's lists", () => {
  test.each([
    ["a.example:3128", [A]],
    ["http://a.example:3128/", [A]],
    ["a.example:3128;b.example", [A, { host: "b.example", port: 80 }]],
    ["http=b.example:80;https=a.example:3128", [A]],
    ["HTTPS=http://a.example:3128 https=b.example:8080", [A, { host: "b.example", port: 8080 }]],
    ["socks=b.example:1080 a.example:3128", [A]],
    ["[fd00::1]:8080", [{ host: "fd00::1", port: 8080 }]],
    ["https://tls-to-the-proxy.example:443", []],
    ["", []],
    ["=;;:80", []],
  ])("of proxies: %j", (list, proxies) => {
    expect(proxiesOf(list)).toEqual(proxies);
  });
  test.each([
    ["<local>;*.corp.example", ["<local>", "*.corp.example"]],
    ["http://intra.example 10.*;host.example:8080", ["intra.example", "10.*", "host.example"]],
    ["[fd00::1]:443 fd00::2", ["[fd00::1]", "fd00::2"]],
  ])("of hosts without one: %j", (list, entries) => {
    expect(bypassOf(list)).toEqual(entries);
  });
});

describe("the machine's proxy", () => {
  const winHttp = (over: Partial<WinHttp>): (() => Promise<WinHttp>) => {
    const none: WinHttp = { machineProxy: () => undefined, discoveredProxy: () => Promise.resolve(undefined) };
    return () => Promise.resolve({ ...none, ...over });
  };

  test("is what is set, but for hosts of its list", async () => {
    const machineProxy = () => ({ proxies: "a.example:3128", bypass: "<local>;*.corp.example" });
    const system = systemProxyOf(winHttp({ machineProxy }), () => 0);
    expect(await system.named("controller.example", 443)).toEqual([A]);
    expect(await system.named("controller.corp.example", 443)).toEqual([]);
    expect(await system.named("controller", 443)).toEqual([]);
  });

  test("is none where WinHTTP does not answer or does not load", async () => {
    const broken = systemProxyOf(
      () => Promise.reject(new Error("no winhttp.dll")),
      () => 0,
    );
    expect(await broken.named("controller.example", 443)).toEqual([]);
    expect(await broken.discovered("controller.example", 443)).toEqual([]);
  });

  test("is asked of the network once in ten minutes for an address, by its URL", async () => {
    const asked: string[] = [];
    const discoveredProxy = (url: string) => {
      asked.push(url);
      return Promise.resolve({ proxies: "a.example:3128", bypass: "" });
    };
    let nowMs = 0;
    const system = systemProxyOf(winHttp({ discoveredProxy }), () => nowMs);
    expect(await system.discovered("controller.example", 8443)).toEqual([A]);
    nowMs = 10 * 60_000 - 1;
    expect(await system.discovered("controller.example", 8443)).toEqual([A]);
    expect(asked).toEqual(["https://controller.example:8443/"]);
    nowMs++;
    await system.discovered("controller.example", 8443);
    await system.discovered("fd00::5", 443);
    expect(asked.slice(1)).toEqual(["https://controller.example:8443/", "https://[fd00::5]:443/"]);
  });
});
