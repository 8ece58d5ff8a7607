/** How machines of a drill come back: which strategy, which fix and how many people make which difference. */
import { describe, expect, test } from "vitest";
import {
  type Recovery,
  type RecoveryOptions,
  simulateRecovery,
} from "../../controller/drill/recovery/simulate-recovery.ts";
import { type Staff, Technicians } from "../../controller/drill/recovery/technicians.ts";
import { carefulStrategy, onceStrategy, stagedStrategy } from "../../controller/drill/strategies.ts";
import { anOutbreak, type OutbreakWish } from "../support/an-outbreak.ts";

const STAFF: Staff = { technicians: 10, each: "fleet", minutesAMachine: 20, hours: null, onTheirWayMinutes: 30 };

const recovered = (wish: OutbreakWish, over: Partial<RecoveryOptions> = {}): Recovery =>
  simulateRecovery(anOutbreak(wish), {
    name: "in stages",
    strategy: (targets) => stagedStrategy(targets).strategy,
    staff: STAFF,
    seed: 5,
    approvalMinutes: 10,
    badFixShare: 0,
    ...over,
  });
const once: RecoveryOptions["strategy"] = (targets) => onceStrategy(targets).strategy;
const careful: RecoveryOptions["strategy"] = (targets) => carefulStrategy(targets).strategy;

describe("a good fix", () => {
  test("brings every machine back, each by the rung that reaches it", () => {
    const { recovered: back, hurt, byRung, end, ninetyNine } = recovered({ size: 1_000 });
    expect({ back, hurt, end }).toEqual({ back: 1_000, hurt: 1_000, end: "went through" });
    expect(byRung.online + byRung.moments + byRung.guardian + byRung.visit).toBe(1_000);
    for (const count of Object.values(byRung)) expect(count).toBeGreaterThan(100);
    expect(ninetyNine).not.toBeNull();
  });

  test("is slower the more it waits, and costs more machine-hours", () => {
    const wish = { size: 800, reach: { online: 0.5, moments: 0.5, guardian: 0, visit: 0 } };
    const [fast, staged, slow] = [
      recovered(wish, { strategy: once }),
      recovered(wish),
      recovered(wish, { strategy: careful }),
    ];
    expect(fast.ninety).toBeLessThan(staged.ninety ?? 0);
    expect(staged.ninety).toBeLessThan(slow.ninety ?? 0);
    expect(fast.machineHoursDown).toBeLessThan(staged.machineHoursDown);
    expect(staged.machineHoursDown).toBeLessThan(slow.machineHoursDown);
  });

  test("reaches machines that carry the version and are well before it hurts them", () => {
    const { hurt, targets, machineHoursUnprotected } = recovered({ size: 500, hurtShare: 0.2 });
    expect(hurt).toBe(100);
    expect(targets).toBeGreaterThan(400);
    expect(machineHoursUnprotected).toBeGreaterThan(0);
  });

  test("does the same again for the same seed", () => {
    expect(recovered({ size: 300 })).toEqual(recovered({ size: 300 }));
    expect(recovered({ size: 300 }, { seed: 6 })).not.toEqual(recovered({ size: 300 }));
  });
});

describe("a fix that makes machines worse", () => {
  const bad = { badFixShare: 0.3 };

  test.each([{ size: 1_000 }, { size: 20_000 }])("stops at the canary of $size machines", ({ size }) => {
    const { end, because, worsened } = recovered({ size }, bad);
    expect(end).toBe("stopped");
    expect(because).toContain("(canary)");
    expect(worsened).toBeGreaterThan(0);
    expect(worsened).toBeLessThanOrEqual(size / 100);
  });

  test("goes through the whole fleet where there is no canary", () => {
    const { worsened, targets } = recovered({ size: 1_000 }, { ...bad, strategy: once });
    expect(worsened).toBeGreaterThan(targets / 10);
  });

  test("leaves machines to the technicians, who bring all of them back", () => {
    const { recovered: back, hurt, byRung } = recovered({ size: 400 }, bad);
    expect(back).toBe(hurt);
    expect(byRung.visit).toBeGreaterThan(hurt / 4);
  });
});

describe("without a plan", () => {
  test("no product means a visit for all but the lucky, and takes much longer", () => {
    const wish = { size: 500 };
    const without = recovered(wish, { name: "no product", strategy: null });
    expect(without.end).toBe("no plan");
    expect(without.byRung.visit).toBeGreaterThan(200);
    expect(without.ninety).toBeGreaterThan((recovered(wish).ninety ?? 0) * 2);
  });

  test("a fault that nothing can roll back needs somebody at each machine", () => {
    const { byRung, end, because } = recovered({ size: 100, scenario: { playbook: null } });
    expect(byRung).toEqual({ online: 0, moments: 0, guardian: 0, visit: 100 });
    expect(end).toBe("no plan");
    expect(because).toContain("Nothing can be rolled back");
  });
});

describe("technicians", () => {
  const machines = { role: Uint8Array.of(0, 3, 4, 1), site: Uint32Array.of(0, 0, 1, 1), siteCount: 2 };
  const atNoon = { from: 0, midnight: -12 * 3_600 };
  const sent = (staff: Staff, times = atNoon): Technicians => {
    const technicians = new Technicians(staff, times, machines, () => 600);
    for (const machine of [0, 1, 2, 3]) technicians.ask(machine);
    return technicians;
  };

  test("go to the domain controller first and to the laptop last", () => {
    const technicians = sent({ ...STAFF, technicians: 4 });
    const order = [0, 0, 0, 0].map((near) => technicians.next(near, 0)?.machine);
    expect(order).toEqual([1, 2, 0, 3]);
    expect(technicians.next(0, 0)).toBeUndefined();
  });

  test("stay at their site where each site has its own", () => {
    const technicians = sent({ ...STAFF, technicians: 1, each: "site" });
    expect(technicians.next(0, 0)?.machine).toBe(1);
    expect(technicians.next(0, 0)).toBeUndefined(); // the other technician does not leave site 1
    expect(technicians.next(2, 0)?.machine).toBe(2);
  });

  test("begin no visit outside their hours", () => {
    const technicians = sent({ ...STAFF, technicians: 2, hours: { from: 8, to: 18 } });
    expect(technicians.next(0, 6 * 3_600)?.endsAt).toBe(20 * 3_600 + 600); // at 18:00, so at 8:00 the next day
    expect(technicians.next(0, 3_600)?.endsAt).toBe(3_600 + 600);
  });

  test("more of them bring machines back sooner", () => {
    const wish = { size: 300, reach: { online: 0, moments: 0, guardian: 0.2, visit: 0.8 } };
    const few = recovered(wish, { staff: { ...STAFF, technicians: 3 } });
    const many = recovered(wish, { staff: { ...STAFF, technicians: 30 } });
    expect(many.ninety).toBeLessThan((few.ninety ?? 0) / 2);
  });
});
