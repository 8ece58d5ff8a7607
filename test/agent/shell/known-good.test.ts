/** What is kept as known good, and when. */
import { describe, expect, test } from "vitest";
import type { ContentSource } from "../../../protocol/content-source.ts";
import { aContentMachine, FAULTY_FILE, GOOD_FILE } from "../../support/content-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";
import { sha256Of } from "../../support/sha256-of.ts";
import { SAFE_ONLY } from "../../support/step-cases.ts";

const RESTORABLE = { ...SAFE_ONLY, isRestorable: true };
const start = (machine: FakeMachine, source: ContentSource = RESTORABLE) =>
  anInMemoryAgent(machine, [], { sources: [source], services: ["Dnscache"], goodAfterMs: 60_000, watchEveryMs: 1_000 });
const kept = ({ parts }: FakeMachine): string[] => [...parts.knownGood.values()].sort();

function aMachine(): FakeMachine {
  const machine = aContentMachine();
  machine.files.delete(FAULTY_FILE.toLowerCase());
  return machine;
}

describe("known-good copies", () => {
  test("are kept when a boot has become good, and not before", async () => {
    const machine = aMachine();
    await start(machine);
    await machine.advance(50_000);
    expect(kept(machine)).toEqual([]);
    await machine.advance(20_000);
    expect(kept(machine)).toEqual(["faulty", "good"]); // which is which, a good boot knows better than a name
  });

  test("are of what the boot began with: what came since was never started with", async () => {
    const machine = aMachine();
    await start(machine);
    await machine.advance(50_000);
    machine.put(FAULTY_FILE, "came a moment ago");
    machine.put(GOOD_FILE, "replaced a moment ago");
    await machine.advance(20_000);
    expect(kept(machine)).toEqual(["faulty"]);
  });

  test("are not kept of a boot that a second process has only seen the end of", async () => {
    const machine = aMachine();
    await start(machine);
    await machine.advance(10_000);
    machine.put(FAULTY_FILE, "came between two processes");
    machine.loseProcess();
    await start(machine);
    await machine.advance(70_000);
    expect(kept(machine)).toEqual([]);
  });

  test("are not kept of a source whose vendor does not let old contents be put back, nor of safe mode", async () => {
    const machine = aMachine();
    await start(machine, SAFE_ONLY);
    await machine.advance(70_000);
    const safe = aMachine();
    safe.parts.next = "minimal";
    safe.boot({ kind: "planned-restart" });
    const agent = await start(safe);
    await safe.advance(70_000);
    expect([kept(machine), kept(safe), agent.said.includes("boot-healthy")]).toEqual([[], [], false]);
  });

  test("that cannot be kept cost nothing else", async () => {
    const machine = aMachine();
    machine.parts.faults.set("knownGood.keep", { kind: "fault", fault: "disk-full", because: "a test" });
    const agent = await start(machine);
    await machine.advance(70_000);
    expect([kept(machine), agent.errors, agent.said.includes("boot-healthy")]).toEqual([[], [], true]);
    expect(machine.parts.knownGood.has(sha256Of("good"))).toBe(false);
  });
});
