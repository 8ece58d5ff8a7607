/**
 * Several controllers on one store, each with a gateway of its own: when one dies, nobody listens to its machines, and
 * that is known within seconds. Nothing is made of it, and they count again from when they are heard.
 */
import { afterEach, describe, expect, test } from "vitest";
import { GatewayLooks } from "../../controller/watch/gateway-news.ts";
import type { OrchestratorDeps } from "../../controller/orchestrator/orchestrator.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { Store } from "../../controller/store.ts";
import { later } from "../../protocol/time.ts";
import { ControllerHarness } from "../support/controller-harness.ts";
import { BAD, DetectedFleet, MINUTE } from "../support/detected-fleet.ts";
import { NOON, stream } from "../support/fleet-builders.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ToldDetector } from "../support/told-detector.ts";

const SECOND = 1_000;
const stores: Store[] = [];
const open: ControllerHarness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.orchestrator.stop();
  for (const store of stores.splice(0)) await store.close();
});

/** The first leads; machines speak by way of the second. */
async function twoControllers(over: Partial<OrchestratorDeps> = {}) {
  const store = openSqliteStoreInThread(":memory:");
  stores.push(store);
  const told = [new ToldDetector(), new ToldDetector()] as const;
  const start = async (n: 0 | 1, more: Partial<OrchestratorDeps> = {}) => {
    const own = stream(100 + n);
    const clock = new ManualClock(); // one that is dead, or hangs, has a clock that stands still
    const detection = { makeDetector: told[n].make, pace: 1 };
    const parts = { stream: own, clock, isLive: (candidate: string) => candidate === own, detection, ...more };
    const harness = await ControllerHarness.open(parts, store);
    open.push(harness);
    return harness;
  };
  const leader = await start(0);
  const other = await start(1, over);
  const fleet = new DetectedFleet(other, [leader]);
  await fleet.open(120, 10);
  return { store, told, leader, other, fleet };
}
/** Time passes for one alone: the other one is dead, or hangs, and so does its clock. */
async function passFor(controller: ControllerHarness, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 2 * SECOND) await controller.wait(2 * SECOND);
}

describe("a controller that dies", () => {
  test("leaves machines of which nothing is made: gone within seconds, not silent, and back when they are heard", async () => {
    const { told, leader, fleet } = await twoControllers();
    const [heard] = told;
    const ours = await leader.start();
    await fleet.pass(20 * SECOND, 2 * SECOND);
    expect(heard.online.size).toBe(120);
    const diedAt = leader.clock.now();
    await passFor(leader, 14 * SECOND);
    expect(heard.online.size).toBe(0);
    expect(new Set(heard.left.map(({ how }) => how))).toEqual(new Set(["service-stop"]));
    expect(Math.max(...heard.left.map(({ heardAt }) => heardAt))).toBeLessThanOrEqual(diedAt);
    await passFor(leader, 20 * MINUTE);
    // Deaf from its last sign of life without a gap, for as long as agents take to come back.
    const [atOnce, after] = heard.deaf.filter(({ gateway }) => gateway !== null);
    expect(atOnce?.from).toBeLessThanOrEqual(diedAt);
    expect(after?.from).toBe(atOnce?.until);
    expect((after?.until ?? 0) - (after?.from ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE);
    expect((await leader.administration.incidents()).items).toEqual([]);
    expect(await leader.administration.rollout(ours.id)).toMatchObject({ phase: "running" });

    const there = new DetectedFleet(leader);
    there.ids.push(...fleet.ids);
    await there.connect(there.ids);
    await there.pass(2 * MINUTE);
    expect(heard.online.size).toBe(120);
    await there.push(5, BAD);
    const { items } = await leader.administration.incidents();
    expect(items).toMatchObject([{ cause: "conviction", content: { sha256: BAD.sha256 } }]);
  });

  test("is told again by whoever takes over before that was saved", async () => {
    const { store, told, leader, fleet } = await twoControllers();
    await leader.orchestrator.detection.save(leader.clock.now());
    const saved = await store.detection();
    await passFor(leader, 14 * SECOND);
    expect((await store.detection())?.at).toBe(saved?.at);
    leader.orchestrator.detection.close(); // killed as well
    await leader.restart();
    await passFor(leader, 4 * SECOND);
    const [heard] = told;
    expect(heard.deaf.filter(({ gateway }) => gateway !== null)).toHaveLength(1);
    await leader.orchestrator.detection.save(leader.clock.now());
    const rows = await store.detectionDevicesAfter(-1, 1_000);
    expect(new Set(rows.map(({ known }) => known[0]))).toEqual(new Set([0])); // at no gateway
    expect(fleet.ids).toHaveLength(rows.length);
  });

  test("that led is followed by one whose own machines have been there all the time", async () => {
    const { told, other, fleet } = await twoControllers();
    await fleet.pass(MINUTE);
    await passFor(other, 30 * SECOND); // the leader is killed
    expect(other.orchestrator.leads).toBe(true);
    expect(told[1].online.size).toBe(120);
    const alone = new DetectedFleet(other);
    alone.ids.push(...fleet.ids);
    await alone.push(5, BAD);
    const { items } = await other.administration.incidents();
    expect(items).toMatchObject([{ cause: "conviction", content: { sha256: BAD.sha256 } }]);
  });

  test("and does not: one that only hung says again who is connected to it", async () => {
    let announced = 0;
    const gateway = {
      announce: () => announced++,
      tellTrust: () => undefined,
      tellPrecautions: () => undefined,
      nudge: () => undefined,
      stopOrders: () => undefined,
      standingChanged: () => undefined,
    };
    const { told, leader, other, fleet } = await twoControllers({ gateway });
    await fleet.pass(20 * SECOND, 2 * SECOND);
    await passFor(leader, 14 * SECOND);
    expect([told[0].online.size, announced]).toEqual([0, 0]);
    await other.wait(leader.clock.now() - other.clock.now());
    expect(announced).toBe(1);
    await fleet.connect(fleet.ids);
    await fleet.connect(fleet.ids.slice(0, 3)); // said twice, it is the same connection
    await fleet.pass(4 * SECOND, 2 * SECOND);
    expect(told[0].online.size).toBe(120);
    expect(told[0].left.filter(({ how }) => how === "dropped")).toEqual([]);
    await passFor(other, SECOND);
    expect(announced).toBe(1);
  });
});

test("a machine that has come back elsewhere is there, whatever its gateway of before finds out later", async () => {
  const { told, leader, fleet } = await twoControllers();
  const here = new DetectedFleet(leader);
  await here.connect(fleet.ids.slice(0, 5));
  const heardAt = leader.clock.now();
  await fleet.pass(30 * SECOND, 2 * SECOND);
  await fleet.drop(fleet.ids.slice(0, 7), heardAt);
  await fleet.pass(10 * SECOND, 2 * SECOND);
  expect(told[0].online.size).toBe(118);
});

test("whoever did not look himself takes nobody for dead who stood still meanwhile", () => {
  const row = (beats: number) => ({ stream: stream(2), beats, aliveAt: NOON, lost: null });
  const looks = new GatewayLooks();
  const look = (seconds: number, beats: number) => looks.look([row(beats)], stream(1), later(NOON, seconds * SECOND));
  expect(look(0, 7)).toEqual({ goOn: [], stopped: [] });
  expect(look(2, 8)).toEqual({ goOn: [stream(2)], stopped: [] });
  expect(look(100, 8).stopped).toEqual([]); // suspended for a while, all of them
  expect(look(105, 8).stopped).toEqual([]);
  const loss = { beats: 8, from: NOON, at: later(NOON, 110 * SECOND) };
  expect(look(110, 8).stopped).toEqual([{ stream: stream(2), loss, wasSeen: true }]);
});
