/** The engine's promises, over random rollouts and random days. A failure prints the seed and the shrunken day. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { begin, decide, evolve, type RolloutState } from "../../controller/rollout/engine.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { HOUR, kinds } from "../support/rollout-driver.ts";
import { aRandomDay, aRandomRollout } from "./arbitraries.ts";
import type { FleetModel } from "./fleet-model.ts";
import { live } from "./live.ts";

const numRuns = process.env["RINGBACK_TEST_FULL"] === "1" ? 5_000 : 200;

test("every decision is the one that the rules give, whatever happens", () => {
  fc.assert(
    fc.property(aRandomRollout(), aRandomDay, (definition, day) => {
      live(definition, day);
    }),
    { numRuns },
  );
});

test("nothing changes before the time at which the engine asks to be woken", () => {
  fc.assert(
    fc.property(aRandomRollout(), aRandomDay, (definition, day) => {
      live(definition, day, ({ driver }) => {
        const { wakeAt } = driver.decide();
        const before = wakeAt === null ? later(driver.now, 1_000 * HOUR) : later(wakeAt, -1);
        expect(wakeAt ?? driver.now + 1).toBeGreaterThan(driver.now);
        expect(decide(driver.state, before).commands).toEqual([]);
      });
    }),
    { numRuns },
  );
});

/** Folds what a store holds: events in order, rows in any order, and then what the fleet is like. */
function rebuilt({ driver, devices, down }: FleetModel, seed: number): RolloutState {
  const state = begin(driver.definition);
  for (const event of driver.events) evolve(state, { kind: "event", event });
  const rows = [...driver.rows.values()];
  const shuffled = rows
    .map((row, i) => ({ row, key: (i * 7_919 + seed * 104_729) % 1_009 }))
    .sort((a, b) => a.key - b.key);
  for (const { row } of shuffled) evolve(state, { kind: "device", ...row });
  for (const { id, connected, presentAt, told, heardAt } of devices) {
    const { order, generation } = driver.row(id);
    evolve(state, { kind: "presence", device: id, connected, at: presentAt as Instant });
    evolve(state, { kind: "heard", device: id, at: heardAt as Instant });
    if (order !== null && told === generation) evolve(state, { kind: "withdrawn", device: id, order });
  }
  for (const device of down.values()) evolve(state, { kind: "availability", device, up: false });
  return state;
}

test("a state rebuilt from what was stored decides as the one that lived through it", () => {
  // Nobody falls silent here: the clocks of silence begin again after a restart, and that is meant so.
  const patient = { offerMs: 600_000, silentMs: 1_000 * HOUR, orderMs: 1_000 * HOUR };
  fc.assert(
    fc.property(aRandomRollout(patient), aRandomDay, fc.nat({ max: 1_000 }), (definition, day, seed) => {
      live(definition, day, (model) => {
        const { driver } = model;
        const { wakeAt } = driver.decide();
        for (const now of [driver.now, wakeAt ?? driver.now]) {
          expect(decide(rebuilt(model, seed), now)).toEqual(decide(driver.state, now));
        }
      });
    }),
    { numRuns: numRuns / 2 },
  );
});

test("silence alone lets no gate proceed", () => {
  fc.assert(
    fc.property(aRandomRollout(), aRandomDay, (definition, day) => {
      const quiet = day.filter(
        (happening) => happening.kind !== "answer" || happening.status === "running" || happening.status === "queued",
      );
      const { driver } = live(definition, quiet);
      expect(
        driver.events.flatMap((event) => (event.kind === "gate-decided" ? [event.decision.verdict] : [])),
      ).not.toContain("proceed");
      expect(kinds(driver.commands)).not.toContain("complete");
    }),
    { numRuns: numRuns / 2 },
  );
});

test("stop means stop: after a halt, a pause or an abort nobody is offered anything until a person resumes", () => {
  fc.assert(
    fc.property(aRandomRollout(), aRandomDay, (definition, day) => {
      live(definition, day, ({ driver }) => {
        const last = driver.events.findLast(({ kind }) => ["paused", "halted", "aborted", "resumed"].includes(kind));
        if (last === undefined || last.kind === "resumed") return;
        expect(driver.decide().commands).toEqual([]);
        expect([...driver.rows.values()].map(({ status }) => status)).not.toContain("offered");
      });
    }),
    { numRuns: numRuns / 2 },
  );
});
