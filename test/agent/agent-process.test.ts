/** The real process on a lab disk, over real sockets. */
import { spawnSync } from "node:child_process";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { PAYLOAD_TYPES, open } from "../../protocol/dsse.ts";
import type { OrderId } from "../../protocol/ids.ts";
import { Receipt } from "../../protocol/progress.ts";
import { aLabAgent, type LabAgent, linesOf } from "../support/lab-agent.ts";
import { ACME, FAULTY, writeBoot } from "../support/lab-disk.ts";
import { aQuarantine, aSignedOrder, NOON, type OrderParts } from "../support/signed-order.ts";
import { aHold, aResume, aStop } from "../support/precautions.ts";
import { APPROVER } from "../support/trust.ts";
import { until } from "../support/until.ts";
import { later } from "../../protocol/time.ts";

/** The agent's clock is the real one: valid from a day ago for three days. */
const orderFor = (agent: LabAgent, parts: OrderParts = {}) => {
  const issuedAt = later(NOON, Date.now() - NOON);
  const statement = { validFrom: later(issuedAt, -86_400_000), validUntil: later(issuedAt, 2 * 86_400_000) };
  return aSignedOrder({
    device: agent.id,
    ...parts,
    statement: { ...statement, ...parts.statement },
    order: { issuedAt },
  });
};

function receiptOf(agent: LabAgent, orderId: OrderId): Receipt | undefined {
  const end = agent.controller.bodiesOf("order-ended").find((body) => body.orderId === orderId);
  const key = agent.controller.keys.get(agent.id);
  if (end === undefined || key === undefined) return undefined;
  const opened = open(end.receipt, PAYLOAD_TYPES.receipt, Receipt, (_id, bytes, sig) =>
    verifyRaw("p256", key, bytes, sig),
  );
  if (opened.kind === "refused") throw new Error(opened.because);
  return opened.body;
}

test("the boot is in the ledger although no controller can be reached", async () => {
  await using agent = await aLabAgent({ controllers: ["ws://127.0.0.1:9/agent/v1"] });
  agent.start();
  await until("the ledger entry", async () => (await linesOf(agent.state, "boots").catch(() => []))[0]);
  await until("the report in the outbox", async () =>
    (await linesOf(agent.state, "outbox").catch(() => [])).find((line) => line.includes("boot-began")),
  );
});

test("a boot is told once, with what is on the disk, and that it is good", async () => {
  await using agent = await aLabAgent();
  const first = agent.start();
  await agent.controller.until(() => agent.controller.bodiesOf("boot-healthy").length === 1);
  first.signal("SIGKILL");
  await first.ended;
  agent.start(); // the service is started again: no boot
  await agent.controller.until(() => agent.controller.logins === 2);
  await agent.boot("boot-2");
  agent.start();
  await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 2);
  const boots = agent.controller.bodiesOf("boot-began").map(({ boot }) => boot);
  expect(boots.map(({ bootId, tries }) => ({ bootId, tries }))).toEqual([
    { bootId: "boot-1", tries: 1 },
    { bootId: "boot-2", tries: 1 },
  ]);
  expect(boots[0]?.content.map(({ label }) => label).sort()).toEqual(["1", "2"]);
  expect(agent.controller.bodiesOf("boot-healthy")[0]?.healthy.services).toEqual([{ name: "Dnscache", running: true }]);
});

test("of two agents on one machine the second refuses, and is let in as soon as the first is killed", async () => {
  await using agent = await aLabAgent();
  const first = agent.start();
  await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 1);
  await writeBoot(agent.folder, "boot-2"); // so that a second one would have something to write
  const second = agent.start();
  expect(await second.ended).not.toBe(0);
  expect(second.errors()).toContain("another agent already runs on this machine");
  expect((await linesOf(agent.state, "boots")).filter((line) => line.includes("boot-2"))).toEqual([]);
  expect(agent.controller.logins).toBe(1);
  first.signal("SIGKILL");
  await first.ended;
  agent.start();
  await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 2);
});

test("boots that do not become good are counted, also those that were never heard of", async () => {
  await using agent = await aLabAgent({ controllers: ["ws://127.0.0.1:9/agent/v1"], goodAfterMs: 3_600_000 });
  for (let n = 1; n <= 3; n++) {
    await agent.boot(`boot-${n}`);
    agent.start();
    await until("the ledger entry", async () => {
      const lines = await linesOf(agent.state, "boots").catch(() => []);
      return lines.length === n ? lines : undefined;
    });
  }
  const [report] = await until("the third report", async () => {
    const lines = (await linesOf(agent.state, "outbox").catch(() => [])).filter((line) => line.includes("boot-3"));
    return lines.length > 0 ? lines : undefined;
  });
  expect(report).toContain('\\"tries\\":3');
});

test("new content is told as it comes and goes", async () => {
  await using agent = await aLabAgent();
  agent.start();
  await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 1);
  await writeFile(join(agent.folder, ACME, "C-00000007-00000000-00000033.sys"), "new");
  const changes = () =>
    agent.controller.bodiesOf("content-changed").map(({ entry }) => `${entry.change} ${entry.version.label}`);
  await agent.controller.until(() => changes().includes("appeared 33"));
  await rename(join(agent.folder, ACME, FAULTY), join(agent.folder, "gone"));
  await agent.controller.until(() => changes().includes("disappeared 2"));
});

describe("an order", () => {
  const steps = [
    aQuarantine("faulty"),
    { kind: "reboot", noticeMs: 0 },
    { kind: "await-healthy", services: ["Dnscache"], settleMs: 50, withinMs: 60_000 },
  ];

  test("is carried out over a restart, and its receipt is signed by the device", async () => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, { steps });
    agent.controller.mailbox = [order];
    const first = agent.start();
    const asked = await until("the restart to be asked for", () =>
      readFile(join(agent.folder, "restart-request.json"), "utf8").catch(() => undefined),
    );
    expect(JSON.parse(asked)).toMatchObject({ bootId: "boot-1" });
    first.signal("SIGTERM");
    expect(await first.ended).toBe(0);
    expect(agent.controller.bodiesOf("leaving")).toEqual([{ kind: "leaving", reason: "restart" }]);
    await agent.boot("boot-2");
    agent.start();
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    const receipt = receiptOf(agent, order.orderId);
    expect(receipt).toMatchObject({ outcome: "succeeded", deviceId: agent.id, bootId: "boot-2" });
    expect(receipt?.steps.map(({ outcome }) => outcome)).toEqual(["done", "done", "done"]);
    expect(receipt?.steps[0]?.files).toMatchObject([{ effect: "quarantined", sizeBytes: 6 }]);
    expect(agent.controller.bodiesOf("order-accepted")).toHaveLength(1);
  });

  test("is undone when it fails, and says why", async () => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, {
      steps: [aQuarantine("faulty"), { kind: "set-service-start", service: "NoSuch", start: "manual" }],
    });
    agent.controller.mailbox = [order];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    expect(receiptOf(agent, order.orderId)).toMatchObject({
      outcome: "failed",
      steps: [{ outcome: "undone" }, { outcome: "failed", fault: "not-found" }],
    });
    expect(await readFile(join(agent.folder, ACME, FAULTY), "utf8")).toBe("faulty");
  });

  test("that has nothing to do here restarts nothing", async () => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, { steps: [aQuarantine("never seen"), ...steps.slice(1)] });
    agent.controller.mailbox = [order];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    expect(receiptOf(agent, order.orderId)?.outcome).toBe("not-applicable");
    await expect(readFile(join(agent.folder, "restart-request.json"))).rejects.toThrow("ENOENT");
  });

  test.each(["said by name", "in the mailbox"])(
    "that is withdrawn while it waits, %s, stops where it stands",
    async (how) => {
      await using agent = await aLabAgent();
      const order = orderFor(agent, { steps: [aQuarantine("faulty"), steps[2]] });
      agent.controller.mailbox = [order];
      agent.start();
      await agent.controller.until(() =>
        agent.controller.bodiesOf("step-progress").some(({ progress }) => progress.step === 1),
      );
      if (how === "in the mailbox") agent.controller.post({ ...order, withdrawn: true });
      else agent.controller.send({ type: "stop", orderIds: [order.orderId] });
      await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
      expect(receiptOf(agent, order.orderId)).toMatchObject({
        outcome: "stopped",
        steps: [{ outcome: "done" }, { outcome: "not-begun" }],
      });
      await expect(readFile(join(agent.folder, ACME, FAULTY))).rejects.toThrow("ENOENT");
    },
  );

  test("that was withdrawn before it came is never begun", async () => {
    await using agent = await aLabAgent();
    const withdrawn = { ...orderFor(agent, { steps, seed: "withdrawn" }), withdrawn: true };
    const next = orderFor(agent, { steps: [aQuarantine("never seen")], seed: "next" });
    agent.controller.mailbox = [withdrawn, next];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, next.orderId) !== undefined);
    expect(agent.controller.bodiesOf("order-accepted").map(({ orderId }) => orderId)).toEqual([next.orderId]);
  });

  test("is carried out once, however often it is offered", async () => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, { steps: [aQuarantine("faulty")] });
    agent.controller.mailbox = [order];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    await writeFile(join(agent.folder, ACME, FAULTY), "faulty"); // a second run would take it again
    await agent.boot("boot-2");
    agent.start();
    await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 2);
    const { pulls } = agent.controller;
    agent.controller.post(order);
    await agent.controller.until(() => agent.controller.pulls > pulls);
    await agent.controller.until(() => agent.controller.bodiesOf("order-ended").length > 1); // the same receipt, again
    expect(new Set(agent.controller.bodiesOf("order-ended").map((body) => JSON.stringify(body))).size).toBe(1);
    expect(agent.controller.bodiesOf("order-accepted")).toHaveLength(1);
    expect(await readFile(join(agent.folder, ACME, FAULTY), "utf8")).toBe("faulty");
  });

  test("is refused once when it may not run here", async () => {
    await using agent = await aLabAgent({ allowedRoots: [] });
    const order = orderFor(agent, { steps });
    agent.controller.mailbox = [order];
    agent.start();
    await agent.controller.until(() => agent.controller.bodiesOf("order-refused").length === 1);
    const { pulls } = agent.controller;
    agent.controller.post(order);
    await agent.controller.until(() => agent.controller.pulls > pulls);
    expect(agent.controller.bodiesOf("order-refused")).toMatchObject([
      { orderId: order.orderId, rule: "path-not-allowed" },
    ]);
  });

  test("is refused when the journal is damaged, and boots are told all the same", async () => {
    await using agent = await aLabAgent();
    const first = orderFor(agent, { steps: [aQuarantine("never seen")], seed: "first" });
    agent.controller.mailbox = [first];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, first.orderId) !== undefined);
    await agent.boot("boot-2");
    const path = join(agent.state, "journal.log");
    const journal = await readFile(path);
    journal[20] = (journal[20] ?? 0) ^ 1;
    await writeFile(path, journal);
    const second = orderFor(agent, { steps, seed: "second" });
    agent.controller.mailbox = [second];
    agent.start();
    await agent.controller.until(() => agent.controller.bodiesOf("order-refused").length === 1);
    expect(agent.controller.bodiesOf("order-refused")).toMatchObject([
      { orderId: second.orderId, rule: "journal-unreadable" },
    ]);
    await agent.controller.until(() => agent.controller.bodiesOf("boot-began").length === 2);
    expect(await readFile(path)).toEqual(journal);
  });
});

describe("precautions", () => {
  const now = () => later(NOON, Date.now() - NOON);

  test("an emergency stop outlives a power cut, and only approvers end it", async () => {
    await using agent = await aLabAgent();
    const { controller } = agent;
    agent.start();
    await controller.until(() => controller.bodiesOf("boot-healthy").length === 1);
    controller.send({ type: "emergency", stop: aStop(), resume: null });
    await controller.until(() => controller.bodiesOf("emergency").length === 1);
    await agent.boot("boot-2");
    const refused = orderFor(agent, { steps: [aQuarantine("faulty")], seed: "refused" });
    controller.mailbox = [refused];
    agent.start();
    await controller.until(() => controller.bodiesOf("order-refused").length === 1);
    expect(controller.bodiesOf("order-refused")).toMatchObject([{ rule: "emergency-stop" }]);
    const over = { issuedAt: now(), validUntil: later(now(), 86_400_000) };
    controller.send({ type: "emergency", stop: aStop(), resume: aResume("another stop", [APPROVER], over) });
    await controller.until(() => controller.bodiesOf("trust-refused").length === 1);
    expect(controller.bodiesOf("trust-refused")).toMatchObject([{ what: "resume", rule: "unknown-stop" }]);
    controller.send({ type: "emergency", stop: aStop(), resume: aResume("a stop", [APPROVER], over) });
    await controller.until(() => controller.bodiesOf("emergency").some(({ state }) => state === "resumed"));
    const order = orderFor(agent, { steps: [aQuarantine("faulty")], seed: "taken" });
    controller.post(order);
    await controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    expect(receiptOf(agent, order.orderId)?.outcome).toBe("succeeded");
  });

  test("a held source is released when its time is over, though the controller is gone and the agent was killed", async () => {
    await using agent = await aLabAgent();
    const { controller } = agent;
    const held = () => readFile(join(agent.folder, "held-sources.json"), "utf8").catch(() => "none");
    agent.start();
    await controller.until(() => controller.bodiesOf("boot-healthy").length === 1);
    const hold = aHold({ from: now(), over: { until: later(now(), 4_000) } });
    controller.send({ type: "hold", hold, released: false });
    await controller.until(() => controller.bodiesOf("hold-changed").length === 1);
    expect(JSON.parse(await held())).toEqual(["acme.content-7"]);
    await agent.boot("boot-2");
    controller.keys.clear(); // it lets nobody in any more
    agent.start();
    await until("the release", async () => ((await held()).includes("acme") ? undefined : true));
  });
});

describe("sabotage for drills", () => {
  test.each(["lose-file", "lie-recovered"])("%s says that all is well when it is not", async (sabotage) => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, { steps: [aQuarantine("faulty")] });
    agent.controller.mailbox = [order];
    agent.start({ RINGBACK_LAB_SABOTAGE: sabotage });
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    expect(receiptOf(agent, order.orderId)?.outcome).toBe("succeeded");
    const isThere = await readFile(join(agent.folder, ACME, FAULTY)).then(
      () => true,
      () => false,
    );
    expect(isThere).toBe(sabotage === "lie-recovered");
  });
});

describe("commands", () => {
  const lab = (...args: string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL("../../agent/main-lab.ts", import.meta.url)), ...args], {
      encoding: "utf8",
    });

  test("status says in words and as JSON what the records hold", async () => {
    await using agent = await aLabAgent();
    const order = orderFor(agent, { steps: [aQuarantine("faulty")] });
    const stranger = orderFor(agent, { seed: "another", online: [APPROVER] });
    agent.controller.mailbox = [order, stranger];
    agent.start();
    await agent.controller.until(() => receiptOf(agent, order.orderId) !== undefined);
    await agent.controller.until(() => agent.controller.bodiesOf("order-refused").length === 1);
    const words = lab("status", "--machine", agent.folder).stdout;
    expect(words).toContain(agent.id);
    expect(words).toContain(`${order.orderId}: succeeded`);
    expect(words).toContain(`1. quarantine-file: done\n               C:\\Windows\\System32\\drivers\\Acme\\${FAULTY}`);
    expect(words).toContain(
      `Refused     ${stranger.orderId}: the order: no signature by a key that is trusted for this`,
    );
    const status = JSON.parse(lab("status", "--machine", agent.folder, "--json").stdout) as object;
    expect(status).toMatchObject({
      device: agent.id,
      boots: { counted: 1 },
      lastOrder: { outcome: "succeeded" },
      faults: [],
    });
  });

  test("init makes the id and key once, and a mistake in the settings is named by its field", async () => {
    await using agent = await aLabAgent();
    const settings = join(agent.folder, "settings.json");
    const init = () =>
      lab("init", "--machine", agent.folder, "--controller", agent.controller.url, "--config", settings);
    await writeFile(settings, JSON.stringify({ goodAfterMs: 5_000 }));
    expect(JSON.parse(init().stdout)).toEqual({ id: agent.id, publicKey: agent.controller.keys.get(agent.id) });
    const chosen = ["--source", "crowdstrike.channel-291"];
    expect(lab("init", "--machine", agent.folder, "--controller", agent.controller.url, ...chosen).status).toBe(0);
    expect(await readFile(join(agent.state, "config.json"), "utf8")).toContain("C-00000291-*.sys");
    await writeFile(settings, JSON.stringify({ goodAfterMs: "soon", surprise: 1 }));
    const failed = init();
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("goodAfterMs");
    expect(failed.stderr).toContain("surprise");
  });

  test("the command of a checkout says plainly that it runs no agent, and how one is run", () => {
    const main = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));
    const run = spawnSync(process.execPath, [main, "run", "--machine", "C:\\"], { encoding: "utf8" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("Nothing was done");
    expect(spawnSync(process.execPath, [main, "--help"], { encoding: "utf8" }).stdout).toContain("status");
  });
});
