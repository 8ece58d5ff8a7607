import { afterEach, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import type { PresenceReport } from "../../controller/store/reports.ts";
import type { RolloutAppend } from "../../controller/store/rollouts.ts";
import { decide } from "../../controller/rollout/engine.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { DeviceId, RolloutId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { aKey } from "../support/keys.ts";
import { device } from "../support/fleet-builders.ts";
import { aGate, aStrategy } from "../support/plan-builders.ts";
import { watched } from "../support/watched-store.ts";

const open: ControllerHarness[] = [];
async function aController(...args: Parameters<typeof ControllerHarness.open>): Promise<ControllerHarness> {
  const harness = await ControllerHarness.open(...args);
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.stop();
});

const allAtOnce = aStrategy({
  waves: [{ name: "all", take: { rest: true }, gate: aGate({ sampleMin: { share: 1 } }) }],
  budgets: { inFlightMax: 1_000_000 },
});

/** Many devices at once, straight into the store: each comes and goes `times` times, and is there in the end. */
async function crowd({ store, orchestrator, clock }: ControllerHarness, count: number, times = 1): Promise<DeviceId[]> {
  const ids = Array.from({ length: count }, (_, i) => device(1_000 + i));
  const { publicKey } = aKey("crowd");
  const { stream } = orchestrator.deps;
  for (const [i, id] of ids.entries()) {
    const place = { site: "Ward 1" as never, role: "workstation" as never };
    await store.registerDevice(stream, { id, publicKey, name: `pc-${i}`, ...place }, clock.now());
  }
  const said = (kind: "connected" | "dropped") =>
    ids.map((deviceId): PresenceReport => ({ deviceId, receivedAt: clock.now(), presence: { kind } }));
  for (let time = 0; time < times; time += 1) {
    if (time > 0) await store.ingest(stream, [], said("dropped"));
    await store.ingest(stream, [], said("connected"));
  }
  return ids;
}

describe("a person who presses halt", () => {
  test("does not wait until all that devices say has been read, and is obeyed at once", async () => {
    const controller = await aController();
    const first = await controller.bring(1);
    const { id } = await controller.start({ strategy: allAtOnce });
    await crowd(controller, 300, 12);
    const story: string[] = [];
    const read = controller.orchestrator.catchUp().then(() => story.push("all is read"));
    await controller.administration.act(id, "halt", "anna", "looks wrong");
    story.push("halted");
    expect(await controller.pull(first)).toBeUndefined();
    await read;
    expect(story).toEqual(["halted", "all is read"]);
  });

  test("does not wait until everybody has an order", async () => {
    let posted = 0;
    const memory = openSqliteStoreInThread(":memory:");
    const count = async (method: keyof Store, [append]: readonly unknown[]) => {
      if (method === "appendRollout") posted += (append as RolloutAppend).posts.length;
    };
    const controller = await aController(
      {},
      watched(memory, async () => undefined, count),
    );
    await crowd(controller, 2_500);
    await controller.orchestrator.catchUp();
    const { id } = await controller.start({ strategy: allAtOnce });
    await controller.administration.act(id, "halt", "anna", "looks wrong");
    await controller.orchestrator.catchUp();
    expect(posted).toBeLessThan(2_500);
    expect((await controller.administration.rollout(id)).counts).toMatchObject({ offered: 0, waiting: 2_500 });
  });
});

test("a rollout on which nothing can be decided stands still; the others go on, and people are heard", async () => {
  const broken = new Set<RolloutId>();
  const errors: unknown[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (fields: unknown) => void errors.push(fields) };
  const controller = await aController({
    log,
    decide: (state, now) => {
      if (broken.has(state.definition.id)) throw new RangeError("nobody thought of this");
      return decide(state, now);
    },
  });
  const first = await controller.bring(1);
  const { id } = await controller.start({ strategy: allAtOnce });
  broken.add(id);
  await controller.bring(2);
  const other = await controller.start({ strategy: allAtOnce, devices: { devices: [device(2)] } });
  expect(await controller.pull(device(2))).toBeDefined();
  const broke = await controller.pull(first);
  expect(broke).toBeDefined();
  await controller.administration.act(other.id, "pause", "anna", "wait");
  expect((await controller.administration.rollout(other.id)).phase).toBe("paused");
  expect(errors).toContainEqual(expect.objectContaining({ rollout: id }));
});
