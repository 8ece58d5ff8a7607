/** The link and the outbox against a real WebSocket server; the machine is in memory, its disk outlives the agent. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { dialWithFallback } from "../../../agent/adapters/dial.ts";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import { systemClock } from "../../../agent/adapters/system-clock.ts";
import { AgentConfig } from "../../../agent/config.ts";
import { Outbox } from "../../../agent/shell/outbox.ts";
import { type RunningAgent, startAgent } from "../../../agent/shell/start-agent.ts";
import { CLOSE, type ReportBody } from "../../../protocol/frames.ts";
import { newId } from "../../../protocol/ids.ts";
import { AgentController } from "../../support/agent-controller.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { aKey } from "../../support/keys.ts";
import { silentLog } from "../../support/silent-log.ts";
import { DEVICE, NOON, SOURCE } from "../../support/signed-order.ts";
import { DIRECT } from "../../support/way.ts";

const KEY = aKey("device");
const PATH = (n: number): string => `C:\\Windows\\System32\\drivers\\Acme\\C-00000007-${n}.sys`;

interface Under extends AsyncDisposable {
  readonly machine: FakeMachine;
  readonly controller: AgentController;
  start(): Promise<RunningAgent>;
  readonly mustEnd: unknown[];
}

async function aLinkedAgent(controllers?: (controller: AgentController) => string[]): Promise<Under> {
  const machine = new FakeMachine();
  const controller = await AgentController.start();
  controller.keys.set(DEVICE, KEY.publicKey);
  const config = AgentConfig.parse({
    deviceId: DEVICE,
    controllers: controllers?.(controller) ?? [controller.url],
    sources: [{ id: SOURCE, title: "x", files: [PATH(0).replace("0.sys", "*.sys")], label: { kind: "digest" } }],
    goodAfterMs: 3_600_000,
    watchEveryMs: 50,
    backoff: { baseMs: 10, capMs: 40, resetAfterMs: 60_000 },
  });
  const running: RunningAgent[] = [];
  const mustEnd: unknown[] = [];
  return {
    machine,
    controller,
    mustEnd,
    async start() {
      const { machine: ports, records } = machine.start();
      const agent = await startAgent(
        {
          clock: systemClock(0),
          random: (count) => randomBytes(count),
          records,
          machine: ports,
          dial: dialWithFallback({ way: DIRECT }),
          signer: KEY,
          verify: verifyRaw,
          belief: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
          log: silentLog,
          onMustEnd: (error) => mustEnd.push(error),
        },
        config,
      );
      running.push(agent);
      return agent;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((agent) => agent.stop("service-stop").catch(() => undefined)));
      await controller[Symbol.asyncDispose]();
      expect(mustEnd).toEqual([]);
    },
  };
}

describe("reports", () => {
  test("that were not acknowledged come again as the same bytes, also from the next process", async () => {
    await using under = await aLinkedAgent();
    const { controller, machine } = under;
    controller.acknowledges = false;
    machine.put(PATH(1), "one");
    const first = await under.start();
    await controller.until(() => controller.heard.length === 2);
    controller.cut();
    await controller.until(() => controller.heard.length === 4);
    await first.stop("service-stop");
    await controller.until(() => controller.heard.length === 5);
    controller.acknowledges = true;
    await under.start();
    await controller.until(() => controller.heard.length === 8);
    const texts = controller.heard.map(({ text }) => text);
    expect(texts.slice(2, 4)).toEqual(texts.slice(0, 2));
    expect(texts.slice(5, 8)).toEqual([...texts.slice(0, 2), texts[4]]);
    expect(controller.bodies.map(({ kind }) => kind)).toEqual(["content-changed", "boot-began", "leaving"]);
  });

  test("that the controller has already are not sent again", async () => {
    await using under = await aLinkedAgent();
    const { controller, machine } = under;
    await under.start();
    await controller.until(() => controller.heard.length === 1);
    for (let n = 1; n <= 5; n++) {
      controller.cut();
      await controller.until(() => controller.logins === n + 1);
    }
    machine.put(PATH(1), "one");
    await controller.until(() => controller.heard.length === 2);
    expect(controller.heard.map(({ report }) => report.sequence)).toEqual([1, 2]);
  });

  test.each([
    { controller: "of the same minor", minor: 1, isTold: true },
    { controller: "that is older", minor: 0, isTold: false },
  ])("carry evidence to a controller $controller: $isTold", async ({ minor, isTold }) => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    controller.minor = minor;
    await under.start();
    await controller.until(() => controller.bodiesOf("boot-began").length === 1);
    expect(controller.bodiesOf("boot-began")[0]?.boot.evidence !== undefined).toBe(isTold);
  });

  test("come in order and in a window, and all of them in the end", async () => {
    await using under = await aLinkedAgent();
    const { controller, machine } = under;
    controller.acknowledges = false;
    for (let n = 1; n <= 100; n++) machine.put(PATH(n), `contents ${n}`);
    await under.start();
    await controller.until(() => controller.heard.length === 64);
    controller.acknowledges = true;
    controller.cut();
    await controller.until(() => controller.bodies.length === 101);
    const sequences = controller.heard.slice(64).map(({ report }) => report.sequence);
    expect(sequences).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
  });

  test("of another history of this disk do not stop it: a new epoch begins", async () => {
    await using under = await aLinkedAgent();
    const { controller, machine } = under;
    const first = await under.start();
    await controller.until(() => controller.heard.length === 1);
    const snapshot = structuredClone(machine.logs);
    machine.put(PATH(1), "one");
    await controller.until(() => controller.heard.length === 2);
    await first.stop("service-stop");
    Object.assign(machine.logs, snapshot); // the virtual machine is put back
    machine.put(PATH(2), "two");
    await under.start();
    await controller.until(() => controller.heard.at(-1)?.report.epoch !== controller.heard[0]?.report.epoch);
    await controller.until(() => controller.bodiesOf("content-changed").length >= 3);
    expect(controller.bodies.at(-1)?.kind).toBe("content-changed");
  });

  test("that conflict with what the controller holds begin a new epoch, once they are told apart", async () => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    controller.acknowledges = false;
    await under.start();
    await controller.until(() => controller.heard.length === 1);
    controller.acknowledges = true;
    controller.closeAll(CLOSE.replayConflict, "report 1 came before with other content");
    await controller.until(() => controller.heard.length === 2);
    const [one, two] = controller.heard;
    expect(two?.report.epoch).not.toBe(one?.report.epoch);
    expect(two?.report.body).toEqual(one?.report.body);
  });
});

describe("a controller", () => {
  test.each([
    { name: "not JSON", frame: "hello?" },
    { name: "an unknown frame", frame: '{"type":"format-disk"}' },
    { name: "an unknown field", frame: '{"type":"nudge","run":"calc.exe"}' },
  ])("that sends $name is hung up on, with a reason, and tried again", async ({ frame }) => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    await under.start();
    await controller.until(() => controller.logins === 1);
    controller.send(frame);
    await controller.until(() => controller.closes.length === 1);
    expect(controller.closes[0]?.code).toBe(CLOSE.malformed);
    await controller.until(() => controller.logins === 2);
  });

  test("that says at once that there are orders is not hung up on", async () => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    controller.nudgesAtOnce = true;
    await under.start();
    await controller.until(() => controller.pulls >= 1 && controller.heard.length === 1);
    expect(controller.closes).toEqual([]);
  });

  test("that asks for a second signature before it welcomes is hung up on, too", async () => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    controller.asksTwice = true;
    await under.start();
    await controller.until(() => controller.closes.length === 1);
    expect(controller.closes[0]).toEqual({ code: CLOSE.malformed, reason: "challenge: was answered before" });
    expect(controller.logins).toBe(0);
  });

  test("that asks for a second signature is hung up on", async () => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    await under.start();
    await controller.until(() => controller.heard.length === 1);
    controller.send({ type: "challenge", nonce: Buffer.alloc(32).toString("base64"), minor: 0 });
    await controller.until(() => controller.closes.length === 1);
    expect(controller.closes[0]?.code).toBe(CLOSE.malformed);
  });

  test("that acknowledges what was never sent is not believed", async () => {
    await using under = await aLinkedAgent();
    const { controller, machine } = under;
    controller.acknowledges = false;
    await under.start();
    await controller.until(() => controller.heard.length === 1);
    controller.send({ type: "ack", through: 1_000 });
    await controller.until(() => controller.closes.length === 1);
    controller.acknowledges = true;
    machine.put(PATH(1), "one");
    await controller.until(() => controller.bodies.length === 2);
  });

  test("that is not there is passed over for the next one", async () => {
    await using under = await aLinkedAgent((controller) => ["ws://127.0.0.1:9/agent/v1", controller.url]);
    await under.start();
    await under.controller.until(() => under.controller.logins === 1);
  });

  test("that does not know the device yet is asked again until it does", async () => {
    await using under = await aLinkedAgent();
    const { controller } = under;
    controller.keys.clear();
    await under.start();
    await controller.until(() => controller.closes.length >= 2);
    controller.keys.set(DEVICE, KEY.publicKey);
    await controller.until(() => controller.heard.length === 1);
  });
});

describe("the outbox", () => {
  const boot = (n: number): ReportBody => ({ kind: "leaving", reason: n % 2 === 0 ? "sleep" : "shutdown" });
  const LIMITS = { reportsMax: 50, staleMax: 20, cachedMax: 4 };
  const openOutbox = (machine: FakeMachine): Promise<Outbox> =>
    Outbox.open(machine.start().records.outbox, () => newId("epoch", NOON, randomBytes(10)), silentLog, LIMITS);

  test("gives back what it was given, however long ago, and across restarts", async () => {
    const machine = new FakeMachine();
    const outbox = await openOutbox(machine);
    for (let n = 1; n <= 30; n++) await outbox.put(boot(n));
    const all = await outbox.after(0, 100);
    expect(all.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await (await openOutbox(machine)).after(0, 100)).toEqual(all);
  });

  test("does not grow while everything is acknowledged", async () => {
    const machine = new FakeMachine();
    const outbox = await openOutbox(machine);
    let largest = 0;
    for (let n = 1; n <= 500; n++) {
      await outbox.put(boot(n));
      await outbox.acknowledged(outbox.epoch, n);
      largest = Math.max(largest, machine.logs.outbox.length);
    }
    expect(largest).toBeLessThan(60);
    expect(outbox.length).toBe(0);
  });

  test("makes room when it is full, in a new epoch without gaps, and ignores acknowledgements of the old one", async () => {
    const machine = new FakeMachine();
    const outbox = await openOutbox(machine);
    const { epoch } = outbox;
    for (let n = 1; n <= 50; n++) await outbox.put(boot(n));
    const began: ReportBody = {
      kind: "boot-began",
      boot: {
        ...(await machine.start().machine.kernelBoot()),
        uptimeMs: 1,
        tries: 1,
        previousEnd: { kind: "unknown" },
        content: [],
        agentVersion: "1",
      },
    };
    const again = await openOutbox(machine);
    await again.put(began);
    expect(again.epoch).not.toBe(epoch);
    expect(await again.after(0, 100)).toMatchObject([{ sequence: 1 }]);
    await again.acknowledged(epoch, 50);
    expect(again.length).toBe(1);
  });

  test("puts a ledger's record once, whatever crashes in between", async () => {
    const machine = new FakeMachine();
    const outbox = await openOutbox(machine);
    await outbox.put(boot(1), { of: "journal", is: 7 });
    await outbox.acknowledged(outbox.epoch, 1);
    const again = await openOutbox(machine);
    await again.put(boot(1), { of: "journal", is: 7 });
    await again.put(boot(2), { of: "journal", is: 8 });
    expect(again.last).toBe(2);
  });
});
