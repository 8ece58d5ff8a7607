/**
 * A controller that somebody has taken over asks what steps would do: it learns no more than an order could touch, changes
 * nothing, restarts nothing, asks nobody, and leaves no trace on the device.
 */
import { describe, expect, test } from "vitest";
import { newId } from "../../protocol/ids.ts";
import { RegistryKey } from "../../protocol/registry.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { aContentMachine, FAULTY_FILE, OTHER_FAULTY_FILE } from "../support/content-machine.ts";
import type { FakeMachine } from "../support/fake-machine.ts";
import { anInMemoryAgent } from "../support/in-memory-agent.ts";
import { aQuarantine, aSignedOrder, NOON, SOURCE } from "../support/signed-order.ts";
import { aFullMachine, STEP_CASES, treeOf } from "../support/step-cases.ts";
import { aPolicy, aTrust, believing } from "../support/trust.ts";

const REBOOT = { kind: "reboot", noticeMs: 0, deferMs: 60_000 };
const GOOD = { kind: "await-healthy", services: [], settleMs: 0, withinMs: 60_000 };
let n = 0;
const ask = (...steps: readonly unknown[]): { type: "check"; checkId: string; question: unknown } => ({
  type: "check",
  checkId: newId("check", NOON, new Uint8Array(10).fill(++n % 256)),
  question: { source: SOURCE, steps },
});

const ROOTS = ["C:\\Windows\\System32\\drivers", "C:\\ProgramData\\Fixes", "C:\\Program Files\\Acme"].map((path) =>
  WindowsPath.parse(path),
);
const KEYS = [RegistryKey.parse("HKLM\\SOFTWARE\\Policies\\Acme")];
const [RULE] = aPolicy().sources;
/** Allows every step of the cases. */
const WIDE = aPolicy({ sources: RULE === undefined ? [] : [{ ...RULE, roots: ROOTS, registryKeys: KEYS }] });

/** What the machine and the agent's records are, before and after. */
const everything = (machine: FakeMachine): string =>
  JSON.stringify([treeOf(machine), machine.logs, machine.effects, machine.restartsAsked, machine.parts.state]);

async function answersTo(machine: FakeMachine, ...questions: readonly object[]) {
  const asked = await anInMemoryAgent(machine, [], { allowedRoots: ROOTS, allowedRegistryKeys: KEYS });
  await machine.advance(5_000);
  const before = everything(machine);
  for (const question of questions) asked.send(question);
  await machine.advance(40_000);
  expect(asked.errors).toEqual([]);
  expect(everything(machine)).toBe(before);
  return asked.checked;
}

test("says for each step what it would do, and does none of it", async () => {
  const [answer] = await answersTo(aContentMachine(), ask(aQuarantine("faulty"), REBOOT, GOOD, aQuarantine("faulty")));
  expect(answer).toEqual({
    kind: "looked",
    results: [
      { step: 0, would: "change", because: `puts away ${FAULTY_FILE}, ${OTHER_FAULTY_FILE}` },
      { step: 1, would: "change", because: expect.stringContaining("the machine restarts") as string },
      { step: 2, would: "nothing", because: expect.stringContaining("a good start") as string },
      // The step before it would have put them away.
      { step: 3, would: "nothing", because: expect.stringContaining("no file matches") as string },
    ],
  });
});

test("a machine that has nothing wrong would not be restarted", async () => {
  const [answer] = await answersTo(aContentMachine(), ask(aQuarantine("something else"), REBOOT, GOOD));
  expect(answer).toMatchObject({ results: [{ would: "nothing" }, { would: "nothing" }, { would: "nothing" }] });
});

test.each(STEP_CASES.map((each) => [each.kind, each] as const))("%s is looked at and not done", async (_kind, each) => {
  const machine = (await each.prepare()) ?? (await aFullMachine());
  machine.belief = believing(aTrust(), WIDE);
  const [answer] = await answersTo(machine, ask(...each.steps));
  expect(answer?.kind === "looked" ? answer.results.length : answer).toBe(each.steps.length);
});

describe("what no order may do is not looked at either", () => {
  const secret = { ...aQuarantine("hello"), files: "C:\\Users\\ann\\Documents\\*.txt" };
  test.each([
    ["files outside the roots", secret, "path-not-allowed"],
    ["the agent's own folder", { ...secret, files: "C:\\ProgramData\\Ringback\\*.json" }, "path-not-allowed"],
    ["the agent's own service", { kind: "restart-service", service: "Ringback", withinMs: 1_000 }, "step-not-allowed"],
    [
      "how Windows starts",
      {
        kind: "set-registry-value",
        key: "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot",
        name: "x",
        value: null,
      },
      "path-not-allowed",
    ],
  ])("%s", async (_what, step, rule) => {
    const machine = aContentMachine();
    machine.put("C:\\Users\\ann\\Documents\\a.txt", "hello");
    const [answer] = await answersTo(machine, ask(aQuarantine("faulty"), step));
    expect(answer).toMatchObject({ kind: "refused", rule });
    expect(JSON.stringify(answer)).not.toContain("a.txt");
  });
});

test("one that asks without end gets one look, and the device is left to its work", async () => {
  const questions = Array.from({ length: 40 }, () => ask(aQuarantine("faulty")));
  const answers = await answersTo(aContentMachine(), ...questions);
  expect(answers).toHaveLength(40);
  expect(answers.filter(({ kind }) => kind === "refused").length).toBeGreaterThanOrEqual(30);
});

test("nothing is looked at while an order is under way", async () => {
  const machine = aContentMachine();
  const steps = [aQuarantine("faulty"), { kind: "reboot", noticeMs: 0 }, GOOD];
  const asked = await anInMemoryAgent(machine, [aSignedOrder({ steps })]);
  await machine.advance(5_000);
  expect(machine.restartsAsked).toHaveLength(1);
  asked.send(ask(aQuarantine("faulty")));
  await machine.advance(5_000);
  expect(asked.checked).toMatchObject([{ kind: "refused", rule: "busy" }]);
});
