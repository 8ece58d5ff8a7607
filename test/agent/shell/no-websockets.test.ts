/** The whole agent, the real gateway, and something in between that lets no WebSocket through. */
import { believing } from "../../support/trust.ts";
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { dialWithFallback } from "../../../agent/adapters/dial.ts";
import { longPollDial } from "../../../agent/adapters/dial-poll.ts";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import { systemClock } from "../../../agent/adapters/system-clock.ts";
import { AgentConfig, type AgentConfigInput } from "../../../agent/config.ts";
import type { Dial } from "../../../agent/ports.ts";
import { type RunningAgent, startAgent } from "../../../agent/shell/start-agent.ts";
import { AGENT_PATH, type ReportBody } from "../../../protocol/frames.ts";
import { LONG_POLL_PATH } from "../../../protocol/long-poll.ts";
import { aCertificate, type TestCertificate } from "../../support/a-certificate.ts";
import type { AgentIdentity } from "../../support/agent-client.ts";
import { anAgent } from "../../support/agent-client.ts";
import { anOrder } from "../../support/an-order.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { startGateway, type TestGateway, until } from "../../support/gateway-server.ts";
import { type NoUpgradeProxy, startNoUpgradeProxy } from "../../support/no-upgrade-proxy.ts";
import { hasNginx, startNginx } from "../../support/nginx.ts";
import { silentLog } from "../../support/silent-log.ts";
import { SOURCE } from "../../support/signed-order.ts";
import { DIRECT, directWay } from "../../support/way.ts";

const ME: AgentIdentity = anAgent("behind a proxy");
const PATH = (n: number): string => `C:\\Windows\\System32\\drivers\\Acme\\C-00000007-${n}.sys`;

let at: TestGateway;
let proxy: NoUpgradeProxy | undefined;
let agents: RunningAgent[] = [];
let machine: FakeMachine;
let certificate: TestCertificate;
beforeAll(() => {
  certificate = aCertificate();
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop("service-stop")));
  agents = [];
  await proxy?.close();
  proxy = undefined;
  await at.stop();
});

async function start(controllers: readonly string[], dial: Dial, over: Partial<AgentConfigInput> = {}): Promise<void> {
  const { machine: ports, records } = machine.start();
  const config = AgentConfig.parse({
    deviceId: ME.deviceId,
    controllers: controllers.map((url) => `${url}${AGENT_PATH}`),
    sources: [{ id: SOURCE, title: "x", files: [PATH(0).replace("0.sys", "*.sys")], label: { kind: "digest" } }],
    goodAfterMs: 3_600_000,
    watchEveryMs: 50,
    backoff: { baseMs: 10, capMs: 40, resetAfterMs: 60_000 },
    ...over,
  });
  const agent = await startAgent(
    {
      clock: systemClock(0),
      random: (count) => randomBytes(count),
      records,
      machine: ports,
      dial,
      signer: ME.key,
      verify: verifyRaw,
      belief: { read: () => Promise.resolve(believing()), write: () => Promise.resolve() },
      log: silentLog,
      onMustEnd: (error) => {
        throw error;
      },
    },
    config,
  );
  agents.push(agent);
}

async function aGateway(tls?: TestCertificate): Promise<void> {
  machine = new FakeMachine();
  at = await startGateway({}, tls);
  await at.register(ME);
}
async function aProxy(upgrades: NoUpgradeProxy["upgrades"]): Promise<NoUpgradeProxy> {
  proxy = await startNoUpgradeProxy(at.url);
  proxy.upgrades = upgrades;
  return proxy;
}

/** What the controller has on its disk, oldest first. */
async function stored(): Promise<readonly ReportBody[]> {
  return (await at.store.reportsOf(ME.deviceId, 1_000)).map(({ body }) => body).reverse();
}
const hasStored = async (kind: ReportBody["kind"], count = 1): Promise<boolean> =>
  (await stored()).filter((body) => body.kind === kind).length >= count;

describe("behind a proxy", () => {
  test.each(["strips", "resets", "pages"] as const)(
    "that %s upgrades, an agent reports and takes orders",
    async (upgrades) => {
      await aGateway();
      const { url, seen } = await aProxy(upgrades);
      await start([url], dialWithFallback({ way: DIRECT }));
      await until(() => hasStored("boot-began"));
      at.tap.mailbox = [anOrder("one")];
      at.gateway.nudge([ME.deviceId]);
      await until(() => hasStored("order-refused")); // it believes nobody: it took the order and said so
      expect(seen[0]).toBe(`UPGRADE ${AGENT_PATH}`);
      expect(seen).toContain(`GET ${LONG_POLL_PATH}`);
      expect(at.gateway.counters.logins).toBe(1);
    },
  );

  test("that cuts requests again and again, nothing is lost and nothing comes twice", async () => {
    await aGateway();
    const cutting = await aProxy("resets");
    await start([cutting.url], dialWithFallback({ way: DIRECT }));
    for (let n = 1; n <= 30; n++) {
      machine.put(PATH(n), `contents ${n}`);
      if (n % 3 === 0) cutting.cut();
      await until(() => hasStored("content-changed", n - 5));
    }
    await until(() => hasStored("content-changed", 30));
    const paths = (await stored()).flatMap((body) =>
      body.kind === "content-changed" ? [body.entry.version.path] : [],
    );
    expect([...paths].sort()).toEqual(Array.from({ length: 30 }, (_, i) => PATH(i + 1)).sort());
    expect(at.gateway.counters).toMatchObject({ replayConflicts: 0, clonesFound: 0 });
    expect(at.gateway.counters.logins).toBeGreaterThan(1);
  }, 30_000);

  test.skipIf(!hasNginx())(
    "as nginx is one that was never told of upgrades, an agent reports and takes orders",
    async () => {
      await aGateway();
      await using nginx = await startNginx(at.url.replace("ws:", "http:"));
      at.tap.mailbox = [anOrder("one")];
      await start([nginx.url], dialWithFallback({ way: DIRECT }));
      await until(async () => (await hasStored("boot-began")) && (await hasStored("order-refused")));
      expect(at.gateway.counters).toMatchObject({ logins: 1, replaced: 0 });
    },
  );

  test("that is repaired, an agent comes back to a WebSocket by itself, with its ticket", async () => {
    await aGateway();
    const repaired = await aProxy("strips");
    await start([repaired.url], dialWithFallback({ way: DIRECT, retryMs: 50 }));
    await until(() => hasStored("boot-began"));
    repaired.upgrades = "passes";
    await until(() => at.gateway.counters.logins === 2 && at.gateway.connections.open === 1);
    const polls = repaired.seen.length;
    machine.put(PATH(1), "one");
    await until(() => hasStored("content-changed"));
    expect(repaired.seen).toHaveLength(polls); // it went over the WebSocket
    expect(at.gateway.counters).toMatchObject({ loginsResumed: 1, clonesFound: 0 });
  });

  test("a controller that is away is no reason to give WebSockets up", async () => {
    await aGateway();
    const { url, seen } = await aProxy("passes");
    const { port } = new URL(url);
    await proxy?.close();
    proxy = undefined;
    await start([`ws://127.0.0.1:${port}`, at.url], dialWithFallback({ way: DIRECT }));
    await until(() => hasStored("boot-began"));
    expect(seen).toEqual([]);
    expect(at.gateway.counters.upgradesRefused).toBe(0);
  });
});

describe("several addresses", () => {
  test("one is dead and one turns everybody away: the third is found, and reports are there once", async () => {
    await aGateway();
    const refusing: Server = createServer((_, response) => response.writeHead(503, { "retry-after": "60" }).end());
    refusing.on("upgrade", (_, socket) =>
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    );
    refusing.listen(0, "127.0.0.1");
    await once(refusing, "listening");
    const dead = createServer().listen(0, "127.0.0.1");
    await once(dead, "listening");
    const ports = [dead, refusing].map((server) => (server.address() as AddressInfo).port);
    dead.close();
    try {
      await start([...ports.map((port) => `ws://127.0.0.1:${port}`), at.url], dialWithFallback({ way: DIRECT }));
      await until(() => hasStored("boot-began"));
      expect(await stored()).toHaveLength(1);
    } finally {
      refusing.closeAllConnections();
      refusing.close();
    }
  });
});

describe("a ticket", () => {
  test("that is no good any more costs an agent nothing but its signature", async () => {
    await aGateway();
    const { url } = await aProxy("passes");
    await start([url], dialWithFallback({ way: DIRECT }));
    await until(() => hasStored("boot-began"));
    proxy?.cut();
    await until(() => at.gateway.counters.loginsResumed === 1);
    at.rotateResumeKeys(0); // the controller's data folder was lost, or it is another controller
    proxy?.cut();
    await until(() => at.gateway.counters.logins === 3);
    machine.put(PATH(1), "one");
    await until(() => hasStored("content-changed"));
    expect(at.gateway.counters).toMatchObject({ loginsResumed: 1, loginsRefused: 0 });
    proxy?.cut();
    await until(() => at.gateway.counters.loginsResumed === 2); // by the ticket that came with the last signature
  });
});

describe("bound to its TLS connection", () => {
  test("an agent logs in by key and, after a cut, by its ticket", async () => {
    await aGateway(certificate);
    at.tap.direct.add(ME.deviceId);
    await start([at.url], dialWithFallback({ way: directWay(certificate.cert) }), { binding: "direct" });
    await until(() => hasStored("boot-began"));
    at.gateway.standingChanged(ME.deviceId, "revoked"); // by mistake: the record knows nothing of it
    await until(() => at.gateway.counters.loginsResumed === 1);
  });

  test("also where its frames come by requests", async () => {
    await aGateway(certificate);
    at.tap.direct.add(ME.deviceId);
    await start([at.url], longPollDial(directWay(certificate.cert)), { binding: "direct" });
    await until(() => hasStored("boot-began"));
    expect(at.gateway.counters).toMatchObject({ logins: 1, loginsRefused: 0 });
  });

  test("an agent signs nothing over a connection that is not TLS all the way", async () => {
    await aGateway();
    await start([at.url], dialWithFallback({ way: DIRECT }), { binding: "direct" });
    await until(() => at.gateway.counters.connectionsAccepted >= 3);
    expect(at.tap.calls.loginFacts).toBe(0);
    expect(at.gateway.counters).toMatchObject({ logins: 0, loginsRefused: 0 });
  });
});
