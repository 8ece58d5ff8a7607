/** Which way a connection takes, and what is said of a proxy that makes no way. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isBypassed } from "../../../agent/adapters/proxy/bypass.ts";
import { lines, type SystemProxy } from "../../../agent/adapters/proxy/line.ts";
import { openTunnel, type Proxy } from "../../../agent/adapters/proxy/tunnel.ts";
import { startConnectProxy } from "../../support/connect-proxy.ts";

const WITHIN_MS = 15_000;

/** Waits for others to speak first, as servers do. */
let target: Server;
let targetPort: number;
/** Where nobody listens. */
let deadPort: number;
beforeAll(async () => {
  target = createServer((socket) => socket.on("error", () => undefined));
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  targetPort = portOf(target);
  const dead = createServer().listen(0, "127.0.0.1");
  await once(dead, "listening");
  deadPort = portOf(dead);
  dead.close();
});
afterAll(() => target.close());

// It listens on a port, not on a pipe.
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const system = (named: readonly Proxy[], discovered: readonly Proxy[] = []): SystemProxy & { asked: number } => {
  const said = {
    asked: 0,
    named: () => Promise.resolve(named),
    discovered: () => {
      said.asked++;
      return Promise.resolve(discovered);
    },
  };
  return said;
};

/** Through which proxy a connection to the target went. */
async function wayOf(
  proxy: string,
  from: SystemProxy | undefined,
  { bypass = [] as readonly string[], port = targetPort } = {},
): Promise<string | undefined> {
  const line = await lines({ proxy, proxyBypass: bypass }, from)("127.0.0.1", port);
  line.socket.destroy();
  return line.proxy;
}

describe("without a proxy are reached", () => {
  test.each([
    ["localhost", "localhost", true],
    ["LOCALHOST", "localhost", true],
    ["notlocalhost", "localhost", false],
    ["localhost.evil.example", "localhost", false],
    ["a.example.org", "*.example.org", true],
    ["a.example.org", ".example.org", true],
    ["example.org", "*.example.org", false],
    ["a.example.org.evil.example", "*.example.org", false],
    ["axexample.org", "a.example.org", false],
    ["controller", "<local>", true],
    ["controller.example", "<local>", false],
    ["10.0.0.1", "<local>", false],
    ["10.1.2.3", "10.*", true],
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["10.example", "10.0.0.0/8", false],
    ["127.0.0.2", "127.0.0.0/8", true],
    ["::1", "::1", true],
    ["[::1]", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fd00::5", "fd00::/8", true],
    ["[fd00::5]", "[fd00::5]", true],
    ["fe80::5", "fd00::/8", false],
    ["10.0.0.1", "fd00::/8", false],
    ["anything.example", "*", true],
    ["10.0.0.1", "10.0.0.0/99", false],
  ])("%s by %s: %s", (host, entry, isIt) => {
    expect(isBypassed(host, [entry])).toBe(isIt);
    expect(isBypassed(host, ["other.example", entry])).toBe(isIt);
  });
});

describe("the way to a controller", () => {
  test("goes through the proxy of the settings, whatever the machine is set to", async () => {
    await using proxy = await startConnectProxy(targetPort);
    await using other = await startConnectProxy(targetPort);
    expect(await wayOf(`http://127.0.0.1:${proxy.port}`, system([other]))).toBe(`127.0.0.1:${proxy.port}`);
    expect(proxy.asked).toEqual([`127.0.0.1:${targetPort}`]);
    expect(other.asked).toEqual([]);
  });

  test("goes by no proxy where the settings say so, or for what stands in their list", async () => {
    await using proxy = await startConnectProxy(targetPort);
    expect(await wayOf("none", system([proxy]))).toBeUndefined();
    expect(await wayOf("system", system([proxy]), { bypass: ["127.0.0.0/8"] })).toBeUndefined();
    expect(await wayOf(`http://127.0.0.1:${proxy.port}`, undefined, { bypass: ["127.0.0.1"] })).toBeUndefined();
    expect(proxy.asked).toEqual([]);
  });

  test("goes through the machine's own proxies in turn, and past one that is down", async () => {
    await using proxy = await startConnectProxy(targetPort);
    const dead = { host: "127.0.0.1", port: deadPort };
    expect(await wayOf("system", system([dead, proxy]))).toBe(`127.0.0.1:${proxy.port}`);
  });

  test("is direct where the machine is set to none, and the network is not asked", async () => {
    await using proxy = await startConnectProxy(targetPort);
    const machine = system([], [proxy]);
    expect(await wayOf("system", machine)).toBeUndefined();
    expect(machine.asked).toBe(0);
    expect(await wayOf("system", undefined)).toBeUndefined();
  });

  test("is asked of the network once the controller is not reached directly", async () => {
    await using proxy = await startConnectProxy(targetPort);
    const machine = system([], [proxy]);
    expect(await wayOf("system", machine, { port: deadPort })).toBe(`127.0.0.1:${proxy.port}`);
    expect(machine.asked).toBe(1);
    await expect(wayOf("system", system([]), { port: deadPort })).rejects.toThrow("ECONNREFUSED");
  });

  test("leaves names to the proxy, and names an IPv6 address as CONNECT wants it", async () => {
    await using proxy = await startConnectProxy(targetPort);
    const open = lines({ proxy: `http://127.0.0.1:${proxy.port}`, proxyBypass: [] }, undefined);
    for (const host of ["controller.invalid", "[2001:db8::5]"]) (await open(host, 443)).socket.destroy();
    expect(proxy.asked).toEqual(["controller.invalid:443", "[2001:db8::5]:443"]);
  });
});

describe("a proxy that makes no tunnel is told of with what to do", () => {
  test.each([
    ["HTTP/1.1 403 Filtered\r\n\r\n", /does not let CONNECT to c\.example:443 through \(403\): allow/],
    [
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM abc=\r\n\r\n",
      /says 407: it asks for a name and a password, by Negotiate, NTLM, and this agent gives none/,
    ],
    ["HTTP/1.1 407 No\r\n\r\n", /407: it asks for a name and a password, and this agent/],
    ["HTTP/1.1 503 Down\r\n\r\n", /says 503: it could not reach c\.example:443 itself\. See that it can look/],
    ["HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n", /with 302, which makes no tunnel/],
    ["HTTP/1.1 200 OK\r\n\r\n<html>Please log in</html>", /says something of its own where only the controller/],
    ["SSH-2.0-OpenSSH_9.2\r\n", /does not answer as an HTTP proxy does: correct the proxy's address/],
  ])("%j", async (answer, words) => {
    await using proxy = await startConnectProxy(answer);
    await expect(openTunnel(proxy, "c.example", 443, WITHIN_MS)).rejects.toThrow(words);
  });

  test("that is down, that hangs up, and that says nothing", async () => {
    const dead = { host: "127.0.0.1", port: deadPort };
    await expect(openTunnel(dead, "c.example", 443, WITHIN_MS)).rejects.toThrow(
      `the proxy 127.0.0.1:${deadPort} does not answer (ECONNREFUSED): see that it runs`,
    );
    const hangsUp = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(hangsUp, "listening");
    const at = { host: "127.0.0.1", port: portOf(hangsUp) };
    await expect(openTunnel(at, "c.example", 443, WITHIN_MS)).rejects.toThrow(/does not answer \(ECONNRESET\)/);
    hangsUp.close();
    await using silent = await startConnectProxy("");
    await expect(openTunnel(silent, "c.example", 443, 20)).rejects.toThrow(
      /does not answer \(nothing within 0\.02 s\)/,
    );
  });
});
