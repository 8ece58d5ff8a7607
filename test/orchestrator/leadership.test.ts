import { afterEach, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { StreamId } from "../../protocol/ids.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { stream } from "../support/fleet-builders.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { watched } from "../support/watched-store.ts";

const LEASE_MS = 5_000;
const open: ControllerHarness[] = [];
const stores: Store[] = [];
function aStore(): Store {
  const store = openSqliteStoreInThread(":memory:");
  stores.push(store);
  return store;
}
/** One of several controllers on the same store. */
async function aController(n: number, store: Store, clock = new ManualClock()): Promise<ControllerHarness> {
  const own: StreamId = stream(100 + n);
  const harness = await ControllerHarness.open({ stream: own, clock, isLive: (candidate) => candidate === own }, store);
  open.push(harness);
  return harness;
}
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.orchestrator.stop();
  for (const store of stores.splice(0)) await store.close();
});

describe("two controllers on one store", () => {
  test("one that stopped gracefully leaves the lead at once: nobody waits for its lease to run out", async () => {
    const store = aStore();
    const clock = new ManualClock();
    const first = await aController(1, store, clock);
    await first.orchestrator.stop();
    const second = await aController(2, store, clock);
    expect(second.orchestrator.leads).toBe(true);
  });

  test("the one that only watches does not say that there are no rollouts: it does not know", async () => {
    const store = aStore();
    const clock = new ManualClock();
    const first = await aController(1, store, clock);
    await first.bring(1);
    const { id } = await first.start();
    const second = await aController(2, store, clock);
    const { administration } = second;
    for (const ask of [
      () => administration.rollout(id),
      () => administration.rollouts(),
      () => administration.overview(),
    ])
      await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("a lead that is lost in the middle of a request changes nothing, says so, and is not believed any more", async () => {
    const store = aStore();
    let beforeAppend: () => Promise<void> = async () => undefined;
    const first = await aController(
      1,
      watched(store, async (method) => method === "appendRollout" && beforeAppend()),
    );
    await first.bring(1);
    const { id } = await first.start();
    const ahead = new ManualClock();
    ahead.advance(LEASE_MS + 1);
    const second = await aController(2, store, ahead);
    beforeAppend = () => second.orchestrator.catchUp();
    ahead.advance(LEASE_MS + 1);
    await expect(first.administration.act(id, "abort", "anna", "mine")).rejects.toMatchObject({ code: "unavailable" });
    await expect(first.administration.rollout(id)).rejects.toMatchObject({ code: "unavailable" });
    expect((await second.administration.rollout(id)).phase).toBe("running");
  });

  test("one whose clock was set back notices that another took over as soon as it is refused", async () => {
    const store = aStore();
    const clock = new ManualClock();
    const first = await aController(1, store, clock);
    await first.bring(1);
    const { id } = await first.start();
    const ahead = new ManualClock();
    ahead.advance(LEASE_MS + 1);
    await aController(2, store, ahead);
    clock.set(-3_600_000);
    const refused = { code: "unavailable" };
    await expect(first.administration.act(id, "pause", "anna", "mine")).rejects.toMatchObject(refused);
    await expect(first.administration.rollout(id)).rejects.toMatchObject(refused);
  });

  test("a group and an incident written down at the one are there at the other", async () => {
    const store = aStore();
    const clock = new ManualClock();
    const first = await aController(1, store, clock);
    const second = await aController(2, store, clock);
    await first.bring(1);
    await first.administration.putGroup({ name: "tills" as never, selector: { all: true } });
    const content = { source: "acme.channel-7" as never, sha256: "a".repeat(64) as never };
    await first.administration.declareIncident({ title: "7-2", content, evidence: "crashes" }, "anna");
    expect((await second.administration.groups()).items).toMatchObject([{ name: "tills" }]);
    expect((await second.administration.incidents()).items).toMatchObject([{ title: "7-2" }]);
  });
});
