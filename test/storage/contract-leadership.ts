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

    test("a process that has stopped is lost at the beat at which it stopped, and alive again when it goes on", async () => {
      await given.one.lead(ADA, NOON, 60_000);
      expect(await given.one.beat(ADA, NOON)).toBe("alive");
      for (const seconds of [0, 2]) expect(await given.other.beat(BOB, later(NOON, seconds * 1_000))).toBe("alive");
      const loss = { beats: 2, from: later(NOON, 2_000), at: later(NOON, 12_000) };
      const lost = { leaderEpoch: 1, stream: BOB, loss };
      expect(await given.one.loseGateway({ ...lost, loss: { ...loss, beats: 1 } })).toBe("alive");
      expect(await given.other.loseGateway({ ...lost, leaderEpoch: 7 })).toBe("stale-leader");
      expect(await given.one.loseGateway({ ...lost, stream: stream(9) })).toBe("alive"); // nobody knows it
      expect((await given.other.gateways()).map((row) => row.lost)).toEqual([null, null]);
      expect(await given.one.loseGateway(lost)).toBe("lost");
      expect(await given.other.gateways()).toEqual([
        { stream: ADA, beats: 1, aliveAt: NOON, lost: null },
        { stream: BOB, beats: 2, aliveAt: later(NOON, 2_000), lost: loss },
      ]);
      expect(await given.other.beat(BOB, later(NOON, 20_000))).toBe("was-lost");
      expect(await given.other.beat(BOB, later(NOON, 22_000))).toBe("alive");
      expect((await given.one.gateways())[1]).toMatchObject({ beats: 4, lost: loss }); // whoever goes on must know of it
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
