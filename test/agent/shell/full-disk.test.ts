/** Records that cannot be written: nothing is done without its promise, and everything goes on when there is room. */
import { expect, test } from "vitest";
import { AgentConfig } from "../../../agent/config.ts";
import { verifySignature } from "../../../agent/adapters/keys.ts";
import type { ConnectionEvents } from "../../../agent/ports.ts";
import { startAgent } from "../../../agent/shell/start-agent.ts";
import { aKey } from "../../support/keys.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { silentLog } from "../../support/silent-log.ts";
import { aSignedOrder, DEVICE, TRUST } from "../../support/signed-order.ts";

const FILE = "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-00000000-00000002.sys";

/** An agent whose controller is a pair of functions: it logs in at once and has one order. */
async function anAgent(machine: FakeMachine) {
  const said: string[] = [];
  const process = machine.start();
  const errors: unknown[] = [];
  const agent = await startAgent(
    {
      ...process,
      random: (count) => new Uint8Array(count).fill(7),
      dial: (_url, events: ConnectionEvents) => {
        const tell = (frame: object): void =>
          void process.clock.after(1, () => events.onMessage(JSON.stringify(frame)));
        process.clock.after(1, () => events.onOpen());
        return {
          bufferedBytes: 0,
          close: () => undefined,
          send(message) {
            const frame = JSON.parse(message) as { type: string; sequence?: number; body?: { kind: string } };
            if (frame.type === "hello") tell({ type: "welcome", through: 0, now: machine.now });
            if (frame.type === "pull") tell({ type: "orders", orders: [aSignedOrder()] });
            if (frame.type === "report") {
              said.push(frame.body?.kind ?? "");
              tell({ type: "ack", through: frame.sequence });
            }
          },
        };
      },
      signer: aKey("device"),
      verify: verifySignature,
      trust: () => Promise.resolve(TRUST),
      log: silentLog,
      onMustEnd: (error) => errors.push(error),
    },
    AgentConfig.parse({
      deviceId: DEVICE,
      controllers: ["ws://127.0.0.1:9/agent/v1"],
      allowedRoots: ["C:\\Windows\\System32\\drivers\\Acme"],
      goodAfterMs: 1_000,
    }),
  );
  return { agent, said, errors };
}

test("an order is not begun without its place in the journal, and is when there is room again", async () => {
  const machine = new FakeMachine();
  machine.put(FILE, "faulty");
  await machine.advance(2_000);
  machine.fullLogs.add("journal");
  const { said, errors } = await anAgent(machine);
  await machine.advance(30_000);
  expect(machine.files.has(FILE.toLowerCase())).toBe(true);
  expect(said).not.toContain("order-accepted");
  expect(said).toContain("boot-began");
  machine.fullLogs.clear();
  await machine.advance(600_000);
  expect(said).toContain("order-ended");
  expect(machine.files.has(FILE.toLowerCase())).toBe(false);
  expect(errors).toEqual([]);
});

test("a boot that cannot be entered in the ledger is reported all the same", async () => {
  const machine = new FakeMachine();
  machine.fullLogs.add("boots");
  const { said, errors } = await anAgent(machine);
  await machine.advance(5_000);
  expect(said).toContain("boot-began");
  expect(machine.logs.boots).toEqual([]);
  machine.fullLogs.clear();
  await machine.advance(60_000);
  expect(machine.logs.boots.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["began", "good"]);
  expect(errors).toEqual([]);
});

test("reports that cannot be stored are stored and sent when there is room", async () => {
  const machine = new FakeMachine();
  machine.put(FILE, "faulty");
  const { said, errors } = await anAgent(machine);
  machine.fullLogs.add("outbox");
  await machine.advance(60_000);
  machine.fullLogs.clear();
  await machine.advance(600_000);
  expect(said).toEqual(expect.arrayContaining(["boot-began", "boot-healthy", "order-accepted", "order-ended"]));
  expect(said.filter((kind) => kind === "order-accepted")).toHaveLength(1);
  expect(errors).toEqual([]);
});
