import { describe, expect, test } from "vitest";
import { phaseOf } from "../../controller/rollout/engine.ts";
import { Role, Site } from "../../protocol/names.ts";
import type { MaintenanceWindow } from "../../protocol/strategy.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON } from "../support/fleet-builders.ts";
import {
  aGate,
  aRollout,
  HOUR,
  kinds,
  MINUTE,
  offered,
  PERSON,
  RolloutDriver,
  SITE,
  someDevices,
} from "../support/rollout-driver.ts";

const SOUTH = Site.parse("South");
const DC = Role.parse("domain-controller");
const BUDGETS = { inFlightMax: 1_000, sites: [], roles: [] };

describe("who is offered the order", () => {
  test("a device of the open wave as soon as it appears, and nobody of a wave that is not open", () => {
    const rollout = new RolloutDriver(aRollout({ waves: [{}, {}] }));
    expect(offered(rollout.connect(2, 5))).toEqual([2]);
    expect(offered(rollout.connect(1))).toEqual([1]);
  });

  test("a machine in a boot loop that shows up for two seconds, while the offer stands when it is gone again", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.setUp(false, ...someDevices(1, 1));
    expect(offered(rollout.connect(1))).toEqual([1]);
    rollout.pass(2_000);
    rollout.disconnect(1);
    expect(rollout.row(device(1)).status).toBe("offered");
    expect(rollout.connect(1)).toEqual([]); // it is still offered: one order, not two
  });

  test("first come, first served; at the same instant in the order of the plan", () => {
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, inFlightMax: 1 }, waves: [{ devices: someDevices(1, 5) }] }),
    );
    rollout.connect(4);
    rollout.become("running", 4);
    rollout.pass(MINUTE);
    rollout.connect(5);
    rollout.pass(MINUTE);
    rollout.connect(3, 1, 2);
    const order = [4, 5, 1, 2].flatMap((n) => {
      rollout.become("running", n);
      return offered(rollout.become("not-applicable", n));
    });
    expect(order).toEqual([5, 1, 2, 3]);
  });

  test("a device that comes and goes loses its place in the queue", () => {
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, inFlightMax: 1 }, waves: [{ devices: someDevices(1, 3) }] }),
    );
    rollout.connect(1);
    rollout.become("running", 1);
    rollout.pass(MINUTE);
    rollout.connect(2);
    rollout.pass(MINUTE);
    rollout.connect(3);
    rollout.disconnect(2);
    rollout.connect(2);
    rollout.pass(MINUTE);
    rollout.disconnect(2);
    rollout.connect(2);
    expect(offered(rollout.become("not-applicable", 1))).toEqual([3]);
  });

  test("late devices of a wave that has passed, before those of the wave after it", () => {
    const rollout = new RolloutDriver(aRollout({ budgets: { ...BUDGETS, inFlightMax: 1 }, waves: [{}, {}] }));
    rollout.connect(1);
    rollout.become("running", 1);
    rollout.connect(4, 5);
    rollout.pass(MINUTE);
    rollout.connect(2);
    expect(offered(rollout.become("succeeded", 1))).toEqual([2]);
  });

  test("late devices after the rollout has completed, until the order expires", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.connect(1);
    rollout.become("running", 1);
    rollout.become("succeeded", 1);
    expect(phaseOf(rollout.state)).toBe("completed");
    rollout.pass(23 * HOUR);
    expect(offered(rollout.connect(2))).toEqual([2]);
    rollout.become("running", 2);
    rollout.pass(HOUR);
    expect(offered(rollout.connect(3))).toEqual([]);
    expect(rollout.decide().waitsFor).toContain(
      "The order expired at 2026-11-23T12:00:00Z: 1 device can only be reached by a new plan.",
    );
  });

  test("a wave that may not begin before its time has to wait for it", () => {
    const rollout = new RolloutDriver(aRollout({ waves: [{ notBefore: later(NOON, HOUR) }] }));
    expect(rollout.connect(1)).toEqual([]);
    expect(rollout.decide()).toMatchObject({ wakeAt: later(NOON, HOUR) });
    expect(rollout.decide().because).toBe("Wave 1 of 1 (wave-1) may not open before 2026-11-22T13:00:00Z.");
    expect(kinds(rollout.pass(HOUR))).toEqual(["open-wave", "offer"]);
  });

  test("not a device that has said something final; another offer has a higher generation", () => {
    const rollout = new RolloutDriver(aRollout());
    rollout.connect(1, 2);
    rollout.become("refused", 1);
    rollout.disconnect(2);
    rollout.pass(10 * MINUTE);
    expect(rollout.row(device(2))).toMatchObject({ status: "waiting", generation: 1 });
    expect(rollout.connect(1, 2)).toEqual([{ kind: "offer", device: device(2), wave: 0, generation: 2 }]);
  });

  test("at most a thousand in one decision; the engine asks to be called again at once", () => {
    const many = someDevices(1, 1_500);
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, inFlightMax: 10_000 }, waves: [{ devices: many }] }),
    );
    rollout.run();
    for (const { id } of many) rollout.tell({ kind: "presence", device: id, connected: true, at: NOON });
    expect(rollout.decide().commands).toHaveLength(1_000);
    expect(rollout.decide().wakeAt).toBe(NOON);
    expect(rollout.run()).toHaveLength(1_500);
  });
});

describe("in flight", () => {
  test("offered and running devices never exceed the most allowed, and every end makes room", () => {
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, inFlightMax: 2 }, waves: [{ devices: someDevices(1, 4) }] }),
    );
    expect(offered(rollout.connect(1, 2, 3, 4))).toEqual([1, 2]);
    rollout.become("running", 1, 2);
    expect(rollout.decide().waitsFor).toContain(
      "2 of 2 allowed in flight; 2 devices that are connected wait for a place.",
    );
    expect(offered(rollout.become("failed", 1))).toEqual([3]);
    expect(offered(rollout.become("silent", 2))).toEqual([4]);
  });

  test("an order that waits behind another takes no room", () => {
    const rollout = new RolloutDriver(aRollout({ budgets: { ...BUDGETS, inFlightMax: 1 } }));
    rollout.connect(1, 2);
    expect(offered(rollout.become("queued", 1))).toEqual([2]);
    expect(rollout.decide().waitsFor).toContain("1 device is behind another order.");
  });
});

describe("budgets", () => {
  const threeAtNorth = (downMax: { count: number } | { share: number }) =>
    new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, downMaxPerSite: downMax }, waves: [{ devices: someDevices(1, 4) }] }),
    );

  test("of a site bound how many of its devices are taken at once; silent ones stay taken", () => {
    const rollout = threeAtNorth({ count: 2 });
    expect(offered(rollout.connect(1, 2, 3, 4))).toEqual([1, 2]);
    rollout.become("running", 1, 2);
    expect(rollout.become("silent", 1)).toEqual([]);
    expect(offered(rollout.become("succeeded", 2))).toEqual([3]);
    expect(rollout.decide().waitsFor).toContain("Site North: 2 down or taken, 2 allowed; 1 device waits.");
  });

  test("count devices that are down anyway, also those outside the plan", () => {
    const rollout = threeAtNorth({ count: 2 });
    rollout.setUp(false, ...someDevices(90, 91));
    expect(rollout.connect(1)).not.toContainEqual(expect.objectContaining({ kind: "offer" }));
    expect(offered(rollout.setUp(true, ...someDevices(91, 91)))).toEqual([1]);
  });

  test("do not keep a device from help that is down already", () => {
    const rollout = threeAtNorth({ count: 1 });
    rollout.setUp(false, ...someDevices(1, 3));
    expect(offered(rollout.connect(1, 2, 3, 4))).toEqual([1, 2, 3]);
  });

  test("see a helped device as taken until it has finished, although it came up", () => {
    const rollout = threeAtNorth({ count: 1 });
    rollout.setUp(false, ...someDevices(1, 1));
    rollout.connect(1, 2);
    rollout.become("running", 1);
    expect(rollout.setUp(true, ...someDevices(1, 1))).toEqual([]);
    expect(offered(rollout.become("succeeded", 1))).toEqual([2]);
  });

  test("hold a device back while another of the site waits behind another order: that one begins by itself", () => {
    const rollout = threeAtNorth({ count: 1 });
    rollout.connect(1, 2);
    expect(rollout.become("queued", 1)).toEqual([]);
  });

  test("as shares are rounded down, but are at least one device", () => {
    expect(offered(threeAtNorth({ share: 0.74 }).connect(1, 2, 3, 4))).toEqual([1, 2]);
    expect(offered(threeAtNorth({ share: 0.75 }).connect(1, 2, 3, 4))).toEqual([1, 2, 3]);
    expect(offered(threeAtNorth({ share: 0 }).connect(1, 2, 3, 4))).toEqual([1]);
  });

  test("of a role hold at all sites together: never both domain controllers", () => {
    const devices = [
      ...someDevices(1, 1, { role: DC }),
      ...someDevices(2, 2, { role: DC, site: SOUTH }),
      ...someDevices(3, 3),
    ];
    const budgets = { ...BUDGETS, roles: [{ role: DC, downMax: { count: 1 } }] };
    const rollout = new RolloutDriver(aRollout({ budgets, waves: [{ devices }] }));
    expect(offered(rollout.connect(1, 2, 3))).toEqual([1, 3]);
    expect(rollout.decide().waitsFor).toContain("Role domain-controller: 1 down or taken, 1 allowed; 1 device waits.");
    rollout.become("running", 1);
    expect(offered(rollout.become("succeeded", 1))).toEqual([2]);
  });

  test("of a role that is taken one by one hold those that are down back, too, and nobody else", () => {
    const devices = [...someDevices(1, 3, { role: DC }), ...someDevices(4, 4)];
    const budgets = { ...BUDGETS, roles: [{ role: DC, downMax: { count: 1 }, atOnceMax: 1 }] };
    const rollout = new RolloutDriver(aRollout({ budgets, waves: [{ devices }] }));
    rollout.setUp(false, ...someDevices(1, 3, { role: DC }));
    expect(offered(rollout.connect(1, 2, 3, 4))).toEqual([1, 4]);
    expect(rollout.decide().waitsFor).toContain(
      "Role domain-controller: 1 under way, 1 allowed at once; 2 devices wait.",
    );
    rollout.become("running", 1);
    rollout.setUp(true, ...someDevices(1, 1, { role: DC }));
    expect(offered(rollout.become("succeeded", 1))).toEqual([2]);
    rollout.become("running", 2);
    expect(rollout.decide().commands.filter(({ kind }) => kind === "offer")).toEqual([]);
    expect(offered(rollout.become("not-applicable", 2))).toEqual([3]);
  });

  test("of a site by name win over those for all sites", () => {
    const devices = [...someDevices(1, 2), ...someDevices(3, 4, { site: SOUTH })];
    const budgets = { ...BUDGETS, downMaxPerSite: { count: 1 }, sites: [{ site: SOUTH, downMax: { count: 2 } }] };
    const rollout = new RolloutDriver(aRollout({ budgets, waves: [{ devices }] }));
    expect(offered(rollout.connect(1, 2, 3, 4))).toEqual([1, 3, 4]);
  });

  test("hold nobody else up: the queue goes on behind a device that has to wait", () => {
    const devices = [...someDevices(1, 2), ...someDevices(3, 3, { site: SOUTH })];
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, downMaxPerSite: { count: 1 } }, waves: [{ devices }] }),
    );
    rollout.connect(1);
    rollout.pass(1);
    rollout.connect(2);
    rollout.pass(1);
    expect(offered(rollout.connect(3))).toEqual([3]);
  });

  test("that many sites have used up are told in a few sentences", () => {
    const devices = Array.from({ length: 8 }, (_, i) =>
      someDevices(2 * i + 1, 2 * i + 2, { site: Site.parse(`Site ${i}`) }),
    ).flat();
    const rollout = new RolloutDriver(
      aRollout({ budgets: { ...BUDGETS, downMaxPerSite: { count: 1 } }, waves: [{ devices }] }),
    );
    rollout.connect(...devices.keys().map((i) => i + 1));
    expect(rollout.decide().waitsFor.slice(1)).toEqual([
      "Site Site 0: 1 down or taken, 1 allowed; 1 device waits.",
      "Site Site 1: 1 down or taken, 1 allowed; 1 device waits.",
      "6 more sites without room; 6 devices wait there.",
    ]);
  });
});

describe("windows and freezes", () => {
  /** From two to three in the afternoon in London; it is noon. */
  const AFTERNOON: MaintenanceWindow = { zone: "Europe/London", days: ["sun"], from: "14:00", to: "15:00" };

  test("nobody is taken outside the window, and the engine asks to be woken when it opens", () => {
    const rollout = new RolloutDriver(
      aRollout({ windows: [AFTERNOON], waves: [{ gate: aGate({ deadlineMs: 10 * HOUR }) }] }),
    );
    expect(rollout.connect(1)).toEqual([]);
    expect(rollout.decide()).toMatchObject({ wakeAt: later(NOON, 2 * HOUR) });
    expect(rollout.decide().waitsFor.join(" ")).toContain(
      "No maintenance window is open. Devices may be taken again from 2026-11-22T14:00:00Z.",
    );
    expect(offered(rollout.pass(2 * HOUR))).toEqual([1]);
  });

  test("a wave opens with the window, so that its deadline does not run out before anyone may be taken", () => {
    const rollout = new RolloutDriver(
      aRollout({ windows: [AFTERNOON], waves: [{ gate: aGate({ deadlineMs: HOUR }) }] }),
    );
    rollout.connect(1);
    expect(kinds(rollout.pass(2 * HOUR))).toEqual(["open-wave", "offer"]);
    expect(phaseOf(rollout.state)).toBe("running");
  });

  test("an offer that was not taken when the window closes is taken back; a device at work finishes", () => {
    const rollout = new RolloutDriver(
      aRollout({
        windows: [AFTERNOON],
        patience: { offerMs: 5 * HOUR, silentMs: 5 * HOUR, orderMs: 5 * HOUR },
        waves: [{ gate: aGate({ deadlineMs: 10 * HOUR }) }],
      }),
    );
    rollout.pass(2 * HOUR);
    rollout.connect(1, 2);
    rollout.become("running", 1);
    expect(rollout.decide().wakeAt).toBe(later(NOON, 3 * HOUR));
    expect(kinds(rollout.pass(HOUR))).toEqual(["recall"]);
    expect(rollout.row(device(1)).status).toBe("running");
    expect(rollout.row(device(2)).status).toBe("waiting");
  });

  test("a freeze wins over an open window, with its reason", () => {
    const freezes = [
      { zone: "Europe/London", from: "2026-11-22T00:00", to: "2026-11-23T00:00", reason: "election day" },
    ];
    const rollout = new RolloutDriver(aRollout({ windows: [{ ...AFTERNOON, from: "11:00" }], freezes }));
    expect(rollout.connect(1)).toEqual([]);
    expect(rollout.decide().waitsFor.join(" ")).toContain(
      "Frozen until 2026-11-23 00:00 (Europe/London): election day.",
    );
  });
});

test("devices that are not in the plan are heard without effect", () => {
  const rollout = new RolloutDriver(aRollout({ waves: [{ devices: someDevices(1, 1, { site: SITE }) }] }));
  rollout.run();
  const before = rollout.decide();
  rollout.tell({ kind: "presence", device: device(99), connected: true, at: NOON });
  rollout.tell({ kind: "heard", device: device(99), at: NOON });
  rollout.tell({ kind: "device", device: device(99), status: "failed", generation: 1, order: null, at: NOON });
  rollout.tell({ kind: "event", event: { kind: "started", at: NOON, by: PERSON } });
  expect(rollout.decide()).toEqual(before);
});
