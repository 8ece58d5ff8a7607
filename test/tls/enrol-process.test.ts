/** An agent, a controller and the network between them, as processes: enrolment, reports and refusals over TLS. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAuthority } from "../../controller/tls/authority.ts";
import { AgentConfig } from "../../agent/config.ts";
import { LONG_POLL_PATH } from "../../protocol/long-poll.ts";
import type { Instant } from "../../protocol/time.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { EnrollingMachine } from "../support/lab-enrolment.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { FRONTS, startFront, whyNoFront } from "../support/tls-front.ts";
import { Administrator, askTls } from "../support/tls-requests.ts";
import { until } from "../support/until.ts";

const WITHIN_MS = 60_000;
const DAY_MS = 86_400_000;
/** Of no certificate. */
const WRONG_PIN = "cd".repeat(32);

let folder: TemporaryFolder;
const running: ControllerProcess[] = [];
const start = async (...options: string[]): Promise<ControllerProcess> => {
  const controller = await startControllerProcess(folder.path, options);
  running.push(controller);
  return controller;
};
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const controller of running.splice(0)) await controller.kill();
  await folder[Symbol.asyncDispose]();
});

const startOwn = async () => {
  const controller = await start("--tls", "own");
  const ca = await readFile(join(folder.path, "tls", "ca.crt"), "utf8");
  return { controller, ca, pin: controller.caSha256 ?? "" };
};
const reported = (admin: Administrator, id: string) =>
  until("a report of the boot", async () =>
    (await admin.devices()).find((device) => device.id === id && device.tries !== null && device.connected),
  );

describe("over TLS that ends in the controller", () => {
  test(
    "an agent enrols with its pins, reports a boot, and nothing of the token stays or is told",
    async () => {
      const { controller, ca, pin } = await startOwn();
      expect(controller.url).toMatch(/^https:/);
      expect((await stat(join(folder.path, "tls", "ca-with-key.pem"))).mode & 0o777).toBe(0o600);
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      expect((await admin.ask("GET", "/trust/pins")).body).toMatchObject({ caSha256: pin });
      const { token, view } = await admin.makeToken({ acceptance: { kind: "at-once" } });
      await using machine = await EnrollingMachine.make();
      const trustRoot = await admin.trustRoot();
      const said = await machine.enrol({ controller: controller.url, caSha256: pin, trustRoot, token });
      expect(said).toMatchObject({ code: 0, stderr: "" });
      const { id, standing } = JSON.parse(said.stdout) as { id: string; standing: string };
      expect(standing).toBe("accepted");
      expect(await machine.hasToken()).toBe(false);
      const config = AgentConfig.parse(JSON.parse(await machine.read("config.json")));
      expect(config).toMatchObject({ deviceId: id, binding: "direct", caFile: "ca.pem" });
      expect(config.controllers).toEqual([`${controller.agentUrl}/agent/v1`]);
      expect(JSON.parse(await machine.read("pins.json"))).toEqual({ caSha256: pin, trustRootSha256: trustRoot });

      const agent = machine.run();
      expect(await reported(admin, id)).toMatchObject({
        standing: "accepted",
        counts: true,
        group: "ward-pcs",
        site: "Ward 7",
      });
      expect(`${said.stdout}${agent.log()}${controller.said()}`).not.toContain(token.slice(4));
      expect((await admin.ask("GET", "/enrolment-tokens")).body).toMatchObject({ items: [{ id: view.id, uses: 1 }] });
    },
    WITHIN_MS,
  );

  test(
    "a device whose token asks for a person reports, counts nowhere until accepted, and not once revoked",
    async () => {
      const { controller, ca, pin } = await startOwn();
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      const { token } = await admin.makeToken();
      await using machine = await EnrollingMachine.make();
      const trustRoot = await admin.trustRoot();
      const said = await machine.enrol({ controller: controller.url, caSha256: pin, trustRoot, token });
      const { id, standing } = JSON.parse(said.stdout) as { id: string; standing: string };
      expect(standing).toBe("pending");
      machine.run();
      expect(await reported(admin, id)).toMatchObject({ standing: "pending", counts: false });
      const overview = async () => (await admin.ask("GET", "/overview")).body;
      expect(await overview()).toMatchObject({ devices: 0, connected: 0, standings: { pending: 1, accepted: 0 } });
      const reason = { because: "seen it" };
      expect((await admin.ask("POST", `/devices/${id}/accept`, reason)).body).toMatchObject({
        standing: "accepted",
        counts: true,
      });
      expect(await overview()).toMatchObject({ devices: 1, connected: 1, standings: { pending: 0, accepted: 1 } });
      await admin.ask("POST", `/devices/${id}/revoke`, reason);
      expect(await overview()).toMatchObject({ devices: 0, standings: { revoked: 1 } });
    },
    WITHIN_MS,
  );

  test(
    "a wrong pin is said clearly; nothing is sent, and the token stays for another try",
    async () => {
      const { controller, ca } = await startOwn();
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      const { token } = await admin.makeToken();
      await using machine = await EnrollingMachine.make();
      const said = await machine.enrol({ controller: controller.url, caSha256: WRONG_PIN, token });
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(/no certificate with the pinned CA_SHA256 .* Nothing was sent.*ringback trust pins/s);
      expect(said.stderr).not.toContain(token.slice(4));
      expect(await machine.hasToken()).toBe(true);
      expect((await admin.ask("GET", "/enrolment-tokens")).body).toMatchObject({ items: [{ uses: 0 }] });
      expect(await admin.devices()).toEqual([]);
    },
    WITHIN_MS,
  );

  test(
    "a controller whose trust documents are not the pinned ones is not believed, and nothing is set up",
    async () => {
      const { controller, ca, pin } = await startOwn();
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      const { token } = await admin.makeToken();
      await using machine = await EnrollingMachine.make();
      const said = await machine.enrol({ controller: controller.url, caSha256: pin, token });
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(/trust documents are not the ones that were pinned.*TRUST_ROOT_SHA256/s);
      await expect(machine.read("config.json")).rejects.toThrow("ENOENT");
      expect(await machine.hasToken()).toBe(true);
    },
    WITHIN_MS,
  );

  test(
    "a device that was told of a front is refused, and told what to do; nothing is stored",
    async () => {
      const { controller, ca, pin } = await startOwn();
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
      await using machine = await EnrollingMachine.make();
      const wish = { controller: controller.url, caSha256: pin, trustRoot: await admin.trustRoot(), token };
      const said = await machine.enrol({ ...wish, binding: "front" });
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(/\(401\).*this controller ends TLS itself.*without --binding front/s);
      expect(await admin.devices()).toEqual([]);
      expect(await machine.enrol(wish)).toMatchObject({ code: 0 });
    },
    WITHIN_MS,
  );

  test(
    "copies of a sealed machine each enrol by themselves when they first start",
    async () => {
      const { controller, ca, pin } = await startOwn();
      const admin = await Administrator.comes(controller.url, ca, controller.setupLink);
      const { token } = await admin.makeToken({ uses: 4, acceptance: { kind: "at-once" } });
      const ids: string[] = [];
      for (let copy = 0; copy < 2; copy++) {
        await using machine = await EnrollingMachine.make();
        const wish = { controller: controller.url, caSha256: pin, trustRoot: await admin.trustRoot(), token };
        const first = JSON.parse((await machine.enrol(wish)).stdout) as { id: string };
        await writeFile(machine.tokenFile, token);
        const sealed = await machine.command("seal");
        expect(sealed).toMatchObject({ code: 0, stdout: expect.stringContaining("Each copy enrols") as string });
        await expect(machine.read("device-key.pem")).rejects.toThrow("ENOENT");
        machine.run();
        const config = await until("the copy's own id", () =>
          machine.read("config.json").then(
            (text) => AgentConfig.parse(JSON.parse(text)),
            () => undefined,
          ),
        );
        expect(config.deviceId).not.toBe(first.id);
        ids.push(config.deviceId);
      }
      expect(new Set(ids).size).toBe(2);
    },
    WITHIN_MS,
  );
});

describe("with an administrator's certificate", () => {
  async function startFiles(names: readonly string[], from: number, lifetimeMs: number) {
    const authority = await openAuthority(join(folder.path, "their-ca"), Date.now() as Instant);
    const { cert, key } = await authority.issue(names, lifetimeMs, from as Instant);
    const files = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")] as const;
    await writeFile(files[0], cert);
    await writeFile(files[1], key, { mode: 0o600 });
    return { controller: await start("--tls", "files", "--tls-cert", files[0], "--tls-key", files[1]), authority };
  }
  const A_TOKEN = `rbe_${"0".repeat(32)}`;

  test(
    "it is shown, and its authority is what agents pin",
    async () => {
      const { controller, authority } = await startFiles(["127.0.0.1"], Date.now(), DAY_MS);
      expect(controller.caSha256).toBe(authority.sha256);
      const admin = await Administrator.comes(controller.url, authority.certificate, controller.setupLink);
      const { token } = await admin.makeToken();
      await using machine = await EnrollingMachine.make();
      const trustRoot = await admin.trustRoot();
      const wish = { controller: controller.url, caSha256: authority.sha256, trustRoot, token };
      expect(await machine.enrol(wish)).toMatchObject({ code: 0 });
    },
    WITHIN_MS,
  );

  test.each([
    ["that has expired", ["127.0.0.1"], -3 * DAY_MS, DAY_MS, /not valid now.*clock/s],
    ["for another name", ["other.example"], 0, DAY_MS, /for another name.*--name/s],
  ])(
    "one %s is refused, and the agent says so",
    async (_what, names, ago, lifetimeMs, words) => {
      const { controller, authority } = await startFiles(names, Date.now() + ago, lifetimeMs);
      await using machine = await EnrollingMachine.make();
      const wish = { controller: controller.url, caSha256: authority.sha256, token: A_TOKEN };
      const said = await machine.enrol(wish);
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(words);
      expect(await machine.hasToken()).toBe(true);
    },
    WITHIN_MS,
  );
});

describe.each(Object.keys(FRONTS) as (keyof typeof FRONTS)[])("behind %s", (name) => {
  const why = whyNoFront(name);
  test.skipIf(why !== undefined)(
    `an agent enrols, reports, and its address is the one that the front saw${why === undefined ? "" : ` (not here: ${why})`}`,
    async () => {
      const controller = await start("--tls", "front", "--name", "localhost");
      expect(controller.caSha256).toBeNull();
      await using front = await startFront(name, Number(new URL(controller.url).port));
      const admin = await Administrator.comes(front.url, front.ca, controller.setupLink);
      const { token } = await admin.makeToken({ acceptance: { kind: "at-once", networks: ["127.0.0.0/8"] } });
      await using machine = await EnrollingMachine.make();
      const trustRoot = await admin.trustRoot();
      const wish = { controller: front.url, caSha256: front.caSha256, trustRoot, token, binding: "front" } as const;
      const said = await machine.enrol(wish);
      expect(said).toMatchObject({ code: 0, stderr: "" });
      const { id, standing } = JSON.parse(said.stdout) as { id: string; standing: string };
      expect(standing).toBe("accepted");
      machine.run();
      expect(await reported(admin, id)).toMatchObject({ counts: true });

      // A claim to be bound to the controller's own TLS is not so here, and is not taken.
      await using liar = await EnrollingMachine.make();
      const { token: second } = await admin.makeToken();
      expect(await liar.enrol({ ...wish, token: second, binding: "direct" })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/\(401\).*a front does.*with --binding front/s) as string,
      });
      const session = await askTls(`${front.url}/api/v1/session`, { ca: front.ca, headers: { host: "evil.example" } });
      expect(session.status).toBe(421);
    },
    WITHIN_MS,
  );
});

const whyNoNginx = whyNoFront("nginx");
test.skipIf(whyNoNginx !== undefined)(
  `behind an nginx that passes no upgrade on, an agent enrols and reports by requests alone${whyNoNginx === undefined ? "" : ` (not here: ${whyNoNginx})`}`,
  async () => {
    const controller = await start("--tls", "front", "--name", "localhost");
    await using front = await startFront("nginx", Number(new URL(controller.url).port), { passesUpgrades: false });
    const admin = await Administrator.comes(front.url, front.ca, controller.setupLink);
    const { token } = await admin.makeToken({ acceptance: { kind: "at-once" } });
    await using machine = await EnrollingMachine.make();
    const trustRoot = await admin.trustRoot();
    const wish = { controller: front.url, caSha256: front.caSha256, trustRoot, token, binding: "front" } as const;
    const said = await machine.enrol(wish);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    const { id } = JSON.parse(said.stdout) as { id: string };
    machine.run();
    expect(await reported(admin, id)).toMatchObject({ counts: true });
    expect(await front.asked(LONG_POLL_PATH)).toBe(true);
  },
  WITHIN_MS,
);

test.each([["none"], ["front"]])("beyond loopback nothing listens with --tls %s", async (mode) => {
  await expect(start("--host", "0.0.0.0", "--tls", mode)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("loopback only") as string,
  });
});
