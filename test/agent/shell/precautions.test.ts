/** Emergency stops and holds as an agent carries them out: at once, over restarts, and without a controller. */
import { describe, expect, test } from "vitest";
import type { BeliefRecord } from "../../../agent/core/belief.ts";
import { RecordNotWritten } from "../../../agent/ports.ts";
import { later } from "../../../protocol/time.ts";
import { aContentMachine } from "../../support/content-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { aKey } from "../../support/keys.ts";
import { anInMemoryAgent, type InMemoryAgent } from "../../support/in-memory-agent.ts";
import { aHold, aResume, aStop } from "../../support/precautions.ts";
import { aQuarantine, aSignedOrder, NOON, SOURCE } from "../../support/signed-order.ts";
import { believing } from "../../support/trust.ts";

const HOUR_MS = 3_600_000;
const WAITS = { kind: "await-healthy", services: ["Dnscache"], settleMs: 600_000, withinMs: 3_600_000 };
const CONFIG = {
  sources: [
    {
      id: SOURCE,
      title: "Acme",
      files: ["C:\\Windows\\System32\\drivers\\Acme\\C-00000007-*.sys"],
      label: { kind: "digest" },
    },
  ],
} as never;

const start = async (machine: FakeMachine, mailbox: Parameters<typeof anInMemoryAgent>[1] = []) => {
  const agent = await anInMemoryAgent(machine, mailbox, CONFIG);
  await machine.advance(2_000);
  return agent;
};
const tell = async (machine: FakeMachine, agent: InMemoryAgent, frame: object) => {
  agent.send(frame);
  await machine.advance(1_000);
};
const bodies = <K extends string>({ heard }: InMemoryAgent, kind: K) =>
  heard.flatMap(({ body }) => (body.kind === kind ? [body] : []));
const stopFrame = (resume: unknown = null) => ({ type: "emergency", stop: aStop(), resume });

describe("an emergency stop", () => {
  const order = aSignedOrder({ steps: [aQuarantine("faulty"), WAITS] });
  const next = aSignedOrder({ steps: [aQuarantine("faulty")], seed: "next" });

  test("ends the order under way at a safe point, refuses others, and outlives the process", async () => {
    const machine = aContentMachine();
    const first = await start(machine, [order]);
    expect(bodies(first, "order-accepted")).toHaveLength(1);
    await tell(machine, first, stopFrame());
    expect(bodies(first, "emergency")).toMatchObject([{ state: "stopped" }]);
    expect(bodies(first, "order-ended")).not.toEqual([]);
    expect(machine.state).toMatchObject({ held: [{}, {}] }); // what was done stays done
    machine.boot({ kind: "power-loss" });
    const second = await start(machine, [next]);
    expect(bodies(second, "order-refused")).toMatchObject([{ rule: "emergency-stop" }]);
  });

  test("is over when approvers say so, and is not believed again afterwards", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    await tell(machine, agent, stopFrame());
    await tell(machine, agent, stopFrame(aResume("a stop", [aKey("eve")])));
    await tell(machine, agent, stopFrame(aResume("another stop")));
    expect(bodies(agent, "trust-refused")).toMatchObject([
      { what: "resume", rule: "signature" },
      { what: "resume", rule: "unknown-stop" },
    ]);
    await tell(machine, agent, stopFrame(aResume()));
    expect(bodies(agent, "emergency")).toMatchObject([{ state: "stopped" }, { state: "resumed" }]);
    await tell(machine, agent, stopFrame());
    agent.controller.mailbox = [next];
    await tell(machine, agent, { type: "nudge" });
    expect(bodies(agent, "order-accepted")).toHaveLength(1);
  });

  test("counts though the disk takes nothing, and is told when it does", async () => {
    const machine = aContentMachine();
    const agent = await start(machine, [order]);
    machine.fullLogs.add("outbox");
    await tell(machine, agent, stopFrame());
    machine.fullLogs.delete("outbox");
    await machine.advance(20_000);
    expect(bodies(agent, "order-ended")).toHaveLength(1);
    await tell(machine, agent, stopFrame()); // as at the next login
    expect(bodies(agent, "emergency")).toMatchObject([{ state: "stopped" }]);
  });
});

describe("what a disk that is full for a while costs", () => {
  test("a stop that it did not take is ended by approvers all the same", async () => {
    const machine = aContentMachine();
    let kept: BeliefRecord = believing();
    let isFull = false;
    const disk = {
      get belief() {
        return kept;
      },
      set belief(record) {
        if (isFull) throw new RecordNotWritten("ENOSPC");
        kept = record;
      },
    };
    const agent = await anInMemoryAgent(machine, [], CONFIG, disk);
    await machine.advance(2_000);
    isFull = true;
    await tell(machine, agent, stopFrame());
    isFull = false;
    await tell(machine, agent, stopFrame(aResume()));
    expect(bodies(agent, "emergency").at(-1)).toMatchObject({ state: "resumed" });
    agent.controller.mailbox = [aSignedOrder({ steps: [aQuarantine("faulty")], seed: "next" })];
    await tell(machine, agent, { type: "nudge" });
    expect(bodies(agent, "order-accepted")).toHaveLength(1);
  });

  test("a refusal that could not be told is told when it comes again", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    await tell(machine, agent, stopFrame());
    machine.fullLogs.add("outbox");
    await tell(machine, agent, stopFrame(aResume("a stop", [aKey("eve")])));
    machine.fullLogs.delete("outbox");
    await tell(machine, agent, stopFrame(aResume("a stop", [aKey("eve")])));
    expect(bodies(agent, "trust-refused")).toMatchObject([{ what: "resume", rule: "signature" }]);
  });
});

describe("a hold", () => {
  const hold = (over: object = {}) => ({
    type: "hold",
    hold: aHold({ from: NOON, hours: 4, ...over }),
    released: false,
  });

  test("is carried out, told, and released by the device itself, also over boots and without a controller", async () => {
    const machine = aContentMachine();
    const first = await start(machine);
    await tell(machine, first, hold());
    expect([...machine.held]).toEqual([SOURCE]);
    expect(bodies(first, "hold-changed")).toMatchObject([{ source: SOURCE, state: "held" }]);
    machine.held.clear(); // as if its hold did not outlive a boot
    machine.boot({ kind: "power-loss" });
    await start(machine);
    expect([...machine.held]).toEqual([SOURCE]);
    await machine.advance(3 * HOUR_MS);
    expect([...machine.held]).toEqual([SOURCE]);
    machine.boot({ kind: "power-loss" });
    await machine.advance(2 * HOUR_MS); // off meanwhile
    const last = await start(machine);
    expect([...machine.held]).toEqual([]);
    expect(bodies(last, "hold-changed").at(-1)).toMatchObject({ state: "released" });
  });

  test("is given back early without a signature, and does not come again by the same word", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    await tell(machine, agent, hold());
    await tell(machine, agent, { ...hold(), released: true });
    expect([...machine.held]).toEqual([]);
    await tell(machine, agent, hold());
    expect([...machine.held]).toEqual([]);
    expect(bodies(agent, "hold-changed").map((body) => (body as { state: string }).state)).toEqual([
      "held",
      "released",
    ]);
  });

  test("that the machine cannot do is refused, and is not remembered", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    machine.faults.set("hold", { kind: "fault", fault: "unexpected", because: "its vendor has no such switch" });
    await tell(machine, agent, hold());
    expect(bodies(agent, "trust-refused")).toMatchObject([{ what: "hold", rule: "not-possible-here" }]);
    machine.faults.clear();
    await tell(machine, agent, hold());
    expect([...machine.held]).toEqual([SOURCE]);
  });

  test("whose release fails is tried again", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    await tell(machine, agent, hold());
    machine.faults.set("releaseHold", { kind: "fault", fault: "file-locked", because: "another program has it" });
    await machine.advance(5 * HOUR_MS);
    expect([...machine.held]).toEqual([SOURCE]);
    machine.faults.clear();
    await machine.advance(20_000);
    expect([...machine.held]).toEqual([]);
    expect(agent.errors).toEqual([]);
  });

  test("of a source that this device has not got, or by a stranger, is refused by its rule", async () => {
    const machine = aContentMachine();
    const agent = await start(machine);
    await tell(machine, agent, hold({ source: "other.content" }));
    await tell(machine, agent, hold({ signers: [aKey("eve")] }));
    await tell(machine, agent, hold({ from: later(NOON, -5 * HOUR_MS) }));
    expect(bodies(agent, "trust-refused").map((body) => (body as { rule: string }).rule)).toEqual([
      "not-possible-here",
      "signature",
      "expired",
    ]);
    expect([...machine.held]).toEqual([]);
  });
});
