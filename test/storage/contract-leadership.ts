/** Leadership: one at a time, and every new leader has a higher epoch. */
import { describe, expect, test } from "vitest";
import { later } from "../../protocol/time.ts";
import { NOON, stream } from "../support/fleet-builders.ts";
import type { Given } from "./given.ts";

const [ADA, BOB] = [stream(1), stream(2)];

export const leadershipContract = (given: Given): void => {
  describe("leadership", () => {
    test("the first who asks leads; the other waits for the end of the lease", async () => {
      expect(await given.one.lead(ADA, NOON, 1_000)).toEqual({ leads: true, epoch: 1, until: later(NOON, 1_000) });
      const refused = { leads: false, epoch: 1, until: later(NOON, 1_000) };
      expect(await given.other.lead(BOB, later(NOON, 999), 1_000)).toEqual(refused);
      const taken = { leads: true, epoch: 2, until: later(NOON, 2_000) };
      expect(await given.other.lead(BOB, later(NOON, 1_000), 1_000)).toEqual(taken);
      expect(await given.one.lead(ADA, later(NOON, 1_001), 1_000)).toMatchObject({ leads: false, epoch: 2 });
    });

    test("a leader that asks again stays leader in the same epoch, also late if nobody else asked", async () => {
      await given.one.lead(ADA, NOON, 1_000);
      expect(await given.one.lead(ADA, later(NOON, 500), 1_000)).toMatchObject({ leads: true, epoch: 1 });
      expect(await given.one.lead(ADA, later(NOON, 9_000), 1_000)).toMatchObject({ leads: true, epoch: 1 });
      expect(await given.other.lead(BOB, later(NOON, 9_500), 1_000)).toMatchObject({ leads: false });
    });

    test("a leader that goes in good order hands over at once", async () => {
      await given.one.lead(ADA, NOON, 60_000);
      await given.one.lead(ADA, later(NOON, 10), 0);
      expect(await given.other.lead(BOB, later(NOON, 10), 1_000)).toMatchObject({ leads: true, epoch: 2 });
    });

    test("of many who ask at once exactly one leads, each time", async () => {
      for (let round = 1; round <= 5; round++) {
        const now = later(NOON, round * 10_000);
        const asking = Array.from({ length: 8 }, (_, i) => stream(round * 10 + i));
        const answers = await Promise.all(asking.map((owner, i) => given.alternate(i).lead(owner, now, 1_000)));
        expect(answers.filter(({ leads }) => leads)).toHaveLength(1);
        expect(answers.map(({ epoch }) => epoch)).toEqual(Array(8).fill(round));
      }
    });
  });
};
