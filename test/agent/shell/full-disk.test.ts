/** Records that cannot be written: nothing is done without its promise, and everything goes on when there is room. */
import { expect, test } from "vitest";
import { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { newId } from "../../../protocol/ids.ts";
import { aQuarantine, aSignedOrder } from "../../support/signed-order.ts";

const FILE = "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-00000000-00000002.sys";
const anAgent = (machine: FakeMachine) => anInMemoryAgent(machine, [aSignedOrder()]);

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

test("waiting for room on the disk is not counted as restarts: the order is there when there is room again", async () => {
  const machine = new FakeMachine();
  machine.put(FILE, "faulty");
  const order = aSignedOrder({ steps: [aQuarantine("faulty"), { kind: "reboot", noticeMs: 0 }] });
  await anInMemoryAgent(machine, [order]);
  await machine.advance(5_000);
  expect(machine.restartsAsked).toHaveLength(1);
  // The machine restarts, and the outbox finds no room for what the journal had still to tell.
  machine.logs.outbox.length = 0;
  machine.logs.outbox.push(
    JSON.stringify({
      event: "head",
      epoch: newId("epoch", machine.now, new Uint8Array(10)),
      last: 0,
      handed: 0,
      marks: {},
      dropped: 0,
    }),
  );
  machine.fullLogs.add("outbox");
  machine.boot({ kind: "planned-restart" });
  const { said, errors } = await anInMemoryAgent(machine, [order]);
  await machine.advance(3_600_000);
  machine.fullLogs.clear();
  await machine.advance(60_000);
  expect(said).toContain("order-ended");
  expect(machine.files.has(FILE.toLowerCase())).toBe(false);
  expect(machine.logs.journal.filter((line) => line.includes('"resumed"'))).toHaveLength(1);
  expect(errors).toEqual([]);
});

test("a restart that does not come is noticed, also when the disk was full meanwhile", async () => {
  const machine = new FakeMachine();
  machine.put(FILE, "faulty");
  const order = aSignedOrder({ steps: [aQuarantine("faulty"), { kind: "reboot", noticeMs: 0 }] });
  const { controller, send, said, errors } = await anInMemoryAgent(machine, [order]);
  await machine.advance(5_000);
  expect(machine.restartsAsked).toHaveLength(1);
  machine.fullLogs.add("journal");
  controller.mailbox = [{ ...order, withdrawn: true }];
  send({ type: "nudge" });
  await machine.advance(30_000);
  machine.fullLogs.clear();
  await machine.advance(3_600_000);
  expect(said).toContain("order-ended");
  expect(errors).toEqual([]);
});
