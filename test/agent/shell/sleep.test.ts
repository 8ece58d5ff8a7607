/** A machine that sleeps and wakes: what its agent says before, and that it is back at once. */
import { expect, test } from "vitest";
import { CLOSE } from "../../../protocol/frames.ts";
import { aContentMachine } from "../../support/content-machine.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { aQuarantine, aSignedOrder } from "../../support/signed-order.ts";

/** Every login is followed by one question for orders. Far less than any wait between two tries. */
const AT_ONCE_MS = 10;
const HOUR_MS = 3_600_000;
const BACKOFF = { baseMs: 60_000, capMs: HOUR_MS };

test("it says that it goes to sleep, and is connected anew as soon as it wakes", async () => {
  const machine = new FakeMachine();
  const { agent, controller, heard, closes, errors } = await anInMemoryAgent(machine, [], { backoff: BACKOFF });
  await machine.advance(5_000);
  agent.sleep();
  await machine.advance(AT_ONCE_MS);
  expect(heard.at(-1)?.body).toEqual({ kind: "leaving", reason: "sleep" });
  const [reports, logins] = [heard.length, controller.nonces.length];
  agent.wake();
  await machine.advance(AT_ONCE_MS);
  expect(closes).toEqual([{ code: CLOSE.goingAway, reason: "the machine was asleep" }]);
  expect(controller.nonces).toHaveLength(logins + 1);
  await machine.advance(HOUR_MS);
  expect(controller.nonces).toHaveLength(logins + 1);
  expect(heard).toHaveLength(reports);
  expect(errors).toEqual([]);
});

test("it does not wait out a pause between two tries that began before it slept, and tries at once after a failure", async () => {
  const machine = new FakeMachine();
  const { agent, controller, cut } = await anInMemoryAgent(machine, [], { backoff: BACKOFF });
  await machine.advance(5_000);
  const logins = controller.nonces.length;
  machine.hasNetwork = false;
  cut();
  await machine.advance(20 * HOUR_MS);
  agent.wake();
  await machine.advance(AT_ONCE_MS);
  expect(controller.nonces).toHaveLength(logins);
  machine.hasNetwork = true;
  // The network often comes some time after the machine: what is waited for then is the first, short pause.
  await machine.advance(BACKOFF.baseMs);
  expect(controller.nonces).toHaveLength(logins + 1);
});

test("what was sent and not acknowledged before it slept comes again, the same, over the new connection", async () => {
  const machine = new FakeMachine();
  const { agent, controller, heard } = await anInMemoryAgent(machine);
  await machine.advance(5_000);
  controller.acknowledges = false;
  agent.sleep();
  await machine.advance(AT_ONCE_MS);
  controller.acknowledges = true;
  agent.wake();
  await machine.advance(AT_ONCE_MS);
  const goodbyes = heard.filter(({ body }) => body.kind === "leaving");
  expect(goodbyes).toHaveLength(2);
  expect(goodbyes[1]).toEqual(goodbyes[0]);
});

test("an order that waits for it is asked for on waking, not before", async () => {
  const machine = aContentMachine();
  const { agent, controller } = await anInMemoryAgent(machine);
  await machine.advance(5_000);
  agent.sleep();
  controller.mailbox = [aSignedOrder({ steps: [aQuarantine("faulty")] })];
  await machine.advance(AT_ONCE_MS);
  expect(machine.entries).toEqual([]);
  agent.wake();
  await machine.advance(1_000);
  expect(machine.entries).not.toEqual([]);
});

test("once it is stopped, it neither says that it sleeps nor connects when the machine wakes", async () => {
  const machine = new FakeMachine();
  const { agent, controller, heard, said, errors } = await anInMemoryAgent(machine);
  await machine.advance(5_000);
  const stopped = agent.stop("service-stop");
  await machine.advance(5_000);
  await stopped;
  const [reports, logins] = [heard.length, controller.nonces.length];
  agent.sleep();
  agent.wake();
  await machine.advance(HOUR_MS);
  expect([heard.length, controller.nonces.length]).toEqual([reports, logins]);
  expect(said.at(-1)).toBe("leaving");
  expect(errors).toEqual([]);
});
