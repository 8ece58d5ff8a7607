/** A controller that somebody else has taken over: it may stop and delay, and cost no more than its frames. */
import { expect, test } from "vitest";
import { newId } from "../../../protocol/ids.ts";
import { Instant, later } from "../../../protocol/time.ts";
import { aContentMachine } from "../../support/content-machine.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { aKey } from "../../support/keys.ts";
import { aQuarantine, aSignedOrder, NOON } from "../../support/signed-order.ts";

const FORGED = aSignedOrder({ approvers: [aKey("a stranger")] });
const REBOOT = { kind: "reboot", noticeMs: 0 };

test("cannot restart a machine again with an order of a plan that it has carried out", async () => {
  const machine = aContentMachine();
  const steps = [aQuarantine("faulty"), REBOOT];
  await anInMemoryAgent(machine, [aSignedOrder({ steps, seed: "first" })]);
  await machine.advance(5_000);
  expect(machine.restartsAsked).toHaveLength(1);
  machine.boot({ kind: "planned-restart" });
  const { errors } = await anInMemoryAgent(machine, [aSignedOrder({ steps, seed: "second" })]);
  await machine.advance(5_000);
  expect(machine.logs.journal.filter((line) => line.includes('"event":"ended"'))).toHaveLength(2);
  expect(machine.restartsAsked).toHaveLength(1);
  expect(errors).toEqual([]);
});

test("cannot make a device forget reports by acknowledging what this connection has not sent", async () => {
  const machine = new FakeMachine();
  const { controller, heard, send, closes } = await anInMemoryAgent(machine, [], {
    sources: [
      {
        id: "acme.content-7",
        title: "x",
        files: ["C:\\Windows\\System32\\drivers\\Acme\\*.sys"],
        label: { kind: "digest" },
      } as never,
    ],
    watchEveryMs: 1_000,
  });
  controller.acknowledges = false;
  for (let n = 0; n < 200; n++) machine.put(`C:\\Windows\\System32\\drivers\\Acme\\${n}.sys`, `${n}`);
  await machine.advance(5_000);
  expect(heard).toHaveLength(64);
  controller.acknowledges = true;
  send({ type: "ack", through: 150 });
  await machine.advance(600_000);
  expect(closes).toMatchObject([{ code: 4400 }]);
  const changes = heard.filter(({ body }) => body.kind === "content-changed");
  expect(new Set(changes.map(({ sequence }) => sequence)).size).toBe(200);
});

test("cannot fill the disk with orders that are refused", async () => {
  const machine = new FakeMachine();
  const { controller, send, errors } = await anInMemoryAgent(machine);
  await machine.advance(1_000);
  controller.acknowledges = false;
  const dice = new Uint8Array(10);
  for (let n = 0; n < 4_000; n += 4) {
    const orders = Array.from({ length: 4 }, (_, i) => {
      new DataView(dice.buffer).setUint32(0, n + i);
      return { ...FORGED, orderId: newId("order", NOON, dice) };
    });
    send({ type: "orders", orders });
    if (n % 360 === 0) await machine.advance(11_000); // no faster than the agent bears
  }
  for (let i = 0; i < 20; i++) await machine.advance(100);
  expect(machine.logs.journal.some((line) => line.includes('"n":4000,'))).toBe(true);
  expect(machine.logs.journal.length).toBeLessThan(2_600);
  expect(errors).toEqual([]);
});

test("cannot have the agent's own service switched off, whoever signed it", async () => {
  const machine = aContentMachine();
  machine.services.set("Ringback", { start: "automatic", running: true });
  const step = { kind: "set-service-start", service: "ringback", start: "disabled" };
  const { heard } = await anInMemoryAgent(machine, [aSignedOrder({ steps: [step] })]);
  await machine.advance(5_000);
  expect(heard.map(({ body }) => body)).toContainEqual(
    expect.objectContaining({ kind: "order-refused", rule: "step-not-allowed" }),
  );
  expect(machine.services.get("Ringback")?.start).toBe("automatic");
});

test.each([
  { name: "its clock", now: Number.MAX_SAFE_INTEGER, issuedAt: later(NOON, 1_000) },
  { name: "its order", now: NOON, issuedAt: Instant.parse(8_640_000_000_000_000) },
])("that dates $name to the end of time ends no agent", async ({ now, issuedAt }) => {
  const machine = aContentMachine();
  const { controller, errors, said } = await anInMemoryAgent(machine, [aSignedOrder({ order: { issuedAt } })]);
  controller.now = now;
  await machine.advance(5_000);
  expect(errors).toEqual([]);
  expect(said).not.toContain("order-accepted");
});

test("that stops orders which never came here is asked for them, and nothing else happens", async () => {
  const machine = aContentMachine();
  const { controller, said, send, errors } = await anInMemoryAgent(machine);
  const order = aSignedOrder();
  await machine.advance(1_000);
  const before = [...said];
  send({ type: "stop", orderIds: [order.orderId] });
  await machine.advance(1_000);
  expect(said).toEqual(before);
  controller.mailbox = [{ ...order, withdrawn: true }];
  send({ type: "stop", orderIds: [order.orderId] });
  await machine.advance(1_000);
  expect(said.slice(before.length)).toEqual(["order-refused"]);
  expect(errors).toEqual([]);
});

test("that lost a refusal and offers the order again hears it again, once", async () => {
  const machine = aContentMachine();
  const expired = aSignedOrder({ statement: { validUntil: later(NOON, 1) } });
  const { said, send } = await anInMemoryAgent(machine, [expired]);
  await machine.advance(5_000);
  expect(said.filter((kind) => kind === "order-refused")).toHaveLength(1);
  for (let i = 0; i < 3; i++) {
    send({ type: "nudge" });
    await machine.advance(1_000);
  }
  expect(said.filter((kind) => kind === "order-refused")).toHaveLength(2);
});

test("cannot fill the memory with documents, stops and orders faster than they are written down", async () => {
  const machine = new FakeMachine();
  const { send, closes, said } = await anInMemoryAgent(machine);
  await machine.advance(1_000);
  for (let n = 0; n < 1_000; n++) send({ type: "trust", documents: [] });
  await machine.advance(1_000);
  expect(closes).toMatchObject([{ code: 4429 }]);
  await machine.advance(600_000); // it comes back and reports
  send({ type: "trust", documents: [] });
  await machine.advance(1_000);
  expect(closes).toHaveLength(1);
  expect(said).toContain("boot-healthy");
});
