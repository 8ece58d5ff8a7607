/** The plan that undoes another one: which steps it can take back, and what it says of those that it cannot. */
import { describe, expect, test } from "vitest";
import { makeUndoPlan } from "../../controller/administration/undo.ts";
import type { RolloutDeviceRow } from "../../controller/store/rollouts.ts";
import { Playbook, Step } from "../../protocol/playbook.ts";
import { deviceIdOf, planIdOf, NOON } from "../support/signed-order.ts";
import { aPlaybook, aStrategy } from "../support/plan-builders.ts";

const REBOOT = { kind: "reboot", noticeMs: 0 };
const HEALTHY = { kind: "await-healthy", services: [], settleMs: 1, withinMs: 9 };
const [QUARANTINE] = aPlaybook().steps;
const SAFE_MODE = { kind: "set-safe-mode", mode: "minimal" };

function undoOf(steps: readonly unknown[]): readonly Step[] {
  const device = deviceIdOf("a device");
  const { waves, ...strategy } = aStrategy();
  const plan = {
    id: planIdOf("a plan"),
    title: "Take it back",
    createdAt: NOON,
    playbook: Playbook.parse({ ...aPlaybook(), steps }),
    strategy: { ...strategy, waves: waves.slice(0, 1) },
    incident: null,
    undoes: null,
    supplements: null,
    waves: [{ name: "canary", devices: [device] }],
  };
  const row = { device, order: "order", status: "succeeded" } as unknown as RolloutDeviceRow; // all that is looked at
  return makeUndoPlan(plan, [row], { id: planIdOf("undo"), at: NOON }).playbook.steps;
}
const kindsOf = (steps: readonly Step[]): string[] => steps.map(({ kind }) => kind);

describe("the plan that undoes another one", () => {
  test("goes through safe mode where that one did, and comes out as that one did", () => {
    const undo = undoOf([SAFE_MODE, REBOOT, QUARANTINE, { ...REBOOT, noticeMs: 5_000 }, HEALTHY]);
    expect(kindsOf(undo)).toEqual(["set-safe-mode", "reboot", "restore-file", "reboot", "await-healthy"]);
    expect(undo[3]).toMatchObject({ noticeMs: 5_000 });
  });

  test("releases what that one holds, and does not repeat what leaves nothing behind", () => {
    const restart = { kind: "restart-service", service: "Acme", withinMs: 60_000 };
    const collect = { kind: "collect-diagnostics", parts: ["status"] };
    const hold = { kind: "hold-content", source: "acme.content-7" };
    expect(kindsOf(undoOf([hold, QUARANTINE, restart, collect]))).toEqual(["restore-file", "release-content"]);
  });

  const update = "KB5034441";
  const sha256 = "0".repeat(64);
  test.each([
    [{ kind: "set-registry-value", key: "HKLM\\SOFTWARE\\Acme", name: "x", value: null }, "HKLM\\SOFTWARE\\Acme"],
    [{ kind: "block-update", update }, update],
    [{ kind: "install-update", update, file: "C:\\Fixes\\fix.msu", sha256, withinMs: 60_000 }, "remove-update"],
    [{ kind: "revert-definitions", versions: ["1.2.3.4"], withinMs: 60_000 }, "by itself"],
    [{ kind: "remove-driver", original: "acme.inf", provider: "Acme", versions: ["1.2.3.4"] }, "acme.inf"],
    [{ kind: "release-content", source: "acme.content-7" }, "hold-content"],
    [{ kind: "restore-from-quarantine", threat: "T:W/X", file: "C:\\Acme\\till.exe", sha256 }, "put files back"],
  ])("refuses what only the devices could put back, and says what to do instead: %j", (step, words) => {
    expect(() => undoOf([step])).toThrow(words);
  });
});

test("a playbook that takes an update off blocks it in the next step", () => {
  const remove = { kind: "remove-update", update: "KB5034441", withinMs: 600_000 };
  const block = { kind: "block-update", update: "KB5034441" };
  const parse = (steps: readonly unknown[]) => Playbook.safeParse({ ...aPlaybook(), steps });
  expect(parse([remove, block, REBOOT]).success).toBe(true);
  for (const steps of [[remove], [remove, REBOOT, block], [block, remove], [remove, { ...block, update: "KB5000001" }]])
    expect(parse(steps).error?.issues[0]).toMatchObject({ path: ["steps", steps.indexOf(remove)] });
});

test("a known-good copy goes to one named file, never to whatever matches", () => {
  const restore = { kind: "restore-file", sha256: "0".repeat(64), from: { knownGood: true } };
  expect(Step.safeParse({ ...restore, files: "C:\\Acme\\a.dat" }).success).toBe(true);
  expect(Step.safeParse({ ...restore, files: "C:\\Acme\\*.dat" }).success).toBe(false);
});
