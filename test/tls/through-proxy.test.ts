/** Agents that get out through a proxy alone: what the proxy wrote down shows that they did, and TLS goes past it. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:tls";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentConfig } from "../../agent/config.ts";
import { LONG_POLL_PATH } from "../../protocol/long-poll.ts";
import { aCertificate } from "../support/a-certificate.ts";
import { startConnectProxy } from "../support/connect-proxy.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { EnrollingMachine, type EnrolmentWish } from "../support/lab-enrolment.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { startTinyproxy, whyNoTinyproxy } from "../support/tinyproxy.ts";
import { startFront, whyNoFront } from "../support/tls-front.ts";
import { Administrator } from "../support/tls-requests.ts";
import { until } from "../support/until.ts";

const WITHIN_MS = 60_000;
/** Loopback is reached without any proxy otherwise. */
const NO_BYPASS = { proxyBypass: [] };

let folder: TemporaryFolder;
let controller: ControllerProcess;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await controller.kill();
  await folder[Symbol.asyncDispose]();
});

/** A controller with TLS of its own, and what a machine is told to enrol there through this proxy. */
async function ownTls(proxy: string): Promise<{ readonly admin: Administrator; readonly wish: EnrolmentWish }> {
  controller = await startControllerProcess(folder.path, ["--tls", "own"]);
  const ca = await readFile(join(folder.path, "tls", "ca.crt"), "utf8");
  const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
  const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
  const wish = {
    controller: controller.url,
    caSha256: controller.caSha256 ?? "",
    trustRoot: await admin.trustRoot(),
    token,
    more: ["--proxy", proxy],
    settings: NO_BYPASS,
  };
  return { admin, wish };
}

const connects = (admin: Administrator, id: string, connected: boolean) =>
  until(`connected: ${connected}`, async () =>
    (await admin.devices()).find(
      (device) => device.id === id && device.tries !== null && device.connected === connected,
    ),
  );

describe.skipIf(whyNoTinyproxy() !== undefined)("through tinyproxy", () => {
  test(
    "an agent enrols and logs in, bound to its TLS connection; a proxy that is down is named, and found again",
    async () => {
      await using proxy = await startTinyproxy();
      const { admin, wish } = await ownTls(proxy.url);
      await using machine = await EnrollingMachine.make();
      const said = await machine.enrol(wish);
      expect(said).toMatchObject({ code: 0, stderr: "" });
      const asked = `CONNECT ${new URL(controller.url).host}`;
      expect(await proxy.asked()).toEqual([asked, asked]);

      const { id } = JSON.parse(said.stdout) as { id: string };
      const config = AgentConfig.parse(JSON.parse(await machine.read("config.json")));
      expect(config).toMatchObject({ proxy: proxy.url, binding: "direct" });
      const agent = machine.run();
      await connects(admin, id, true);
      expect(await proxy.asked()).toEqual([asked, asked, asked]);

      await proxy.down();
      await connects(admin, id, false);
      await until(
        "its word about the proxy",
        () => /the proxy 127\.0\.0\.1:\d+ does not answer/.test(agent.log()) || undefined,
      );
      await proxy.up();
      await connects(admin, id, true);
    },
    WITHIN_MS,
  );

  test.skipIf(whyNoFront("nginx") !== undefined)(
    "and a front that passes no upgrade on, an agent enrols and reports by requests",
    async () => {
      controller = await startControllerProcess(folder.path, ["--tls", "front", "--name", "localhost"]);
      await using front = await startFront("nginx", Number(new URL(controller.url).port), { passesUpgrades: false });
      await using proxy = await startTinyproxy();
      const admin = await Administrator.comes(front.url, front.ca, controller.setupLink);
      const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
      await using machine = await EnrollingMachine.make();
      const said = await machine.enrol({
        controller: front.url,
        caSha256: front.caSha256,
        trustRoot: await admin.trustRoot(),
        token,
        binding: "front",
        more: ["--proxy", proxy.url],
        settings: NO_BYPASS,
      });
      expect(said).toMatchObject({ code: 0, stderr: "" });
      machine.run();
      await connects(admin, (JSON.parse(said.stdout) as { id: string }).id, true);
      expect(await front.asked(LONG_POLL_PATH)).toBe(true);
      // Two to enrol, one for the WebSocket that came to nothing, and one each for what goes out and what comes in.
      const asked = await proxy.asked();
      expect(asked.length).toBeGreaterThanOrEqual(5);
      expect(new Set(asked)).toEqual(new Set([`CONNECT ${new URL(front.url).host}`]));
    },
    WITHIN_MS,
  );

  test.each([
    ["lets CONNECT through to another port alone", "ConnectPort 1", /does not let CONNECT to .* through \(403\)/],
    ["asks for a password", "BasicAuth office secret", /says 407: it asks for a name and a password, by Basic/],
  ])(
    "that %s, a machine does not enrol and keeps its token",
    async (_what, line, words) => {
      await using proxy = await startTinyproxy(line);
      const { admin, wish } = await ownTls(proxy.url);
      await using machine = await EnrollingMachine.make();
      const said = await machine.enrol(wish);
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(words);
      expect(await machine.hasToken()).toBe(true);
      expect(await admin.devices()).toEqual([]);
    },
    WITHIN_MS,
  );
});

test(
  "a proxy that opens TLS is refused at enrolment and later, said by whom, and nothing is sent to it",
  async () => {
    const heard: string[] = [];
    const inspector = createServer(aCertificate(), (socket) => {
      socket.on("error", () => undefined).on("data", (part: Buffer) => heard.push(part.toString()));
    });
    inspector.on("tlsClientError", () => undefined);
    inspector.listen(0, "127.0.0.1");
    await once(inspector, "listening");
    try {
      // It listens on a port, not on a pipe.
      await using opens = await startConnectProxy((inspector.address() as AddressInfo).port);
      const { admin, wish } = await ownTls(`http://127.0.0.1:${opens.port}`);
      await using machine = await EnrollingMachine.make();
      const refused = await machine.enrol(wish);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        /no certificate with the pinned CA_SHA256 .*inspects TLS, exempt .*ringback test/s,
      );
      expect(await machine.hasToken()).toBe(true);

      // It is enrolled past the proxy, and then has to go through it.
      const said = await machine.enrol({ ...wish, more: ["--proxy", "none"] });
      expect(said).toMatchObject({ code: 0, stderr: "" });
      await machine.setting({ proxy: `http://127.0.0.1:${opens.port}` });
      const agent = machine.run();
      const words = /does not come from the authority that was pinned.*if it inspects TLS, exempt/s;
      await until("its word about the proxy", () => words.test(agent.log()) || undefined);
      expect(await admin.devices()).toMatchObject([{ connected: false, tries: null }]);
      expect(heard).toEqual([]);
    } finally {
      inspector.close();
    }
  },
  WITHIN_MS,
);
