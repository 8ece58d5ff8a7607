/** The change feed: nothing is missed, whoever writes and however commits overtake each other. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Change, Cursor } from "../../controller/store/feed.ts";
import type { StreamId } from "../../protocol/ids.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { aRegistration, aReport, epoch } from "../support/record-builders.ts";
import type { Given } from "./given.ts";

const DEVICES = 8;

/** A stream's sequences, in the order they were read. */
const sequencesOf = (changes: readonly Change[], of: StreamId): number[] =>
  changes.filter((change) => change.stream === of).map(({ sequence }) => sequence);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

export const feedContract = (given: Given): void => {
  describe("change feed", () => {
    beforeEach(async () => {
      for (let n = 0; n < DEVICES; n++) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
    });
    const say = (i: number, of: StreamId, count = 1) => {
      const reports = Array.from({ length: count }, (_, k) => aReport(i % DEVICES, k + 1, { epoch: epoch(1 + i) }));
      return given.alternate(i).ingest(of, reports, []);
    };

    test("streams have no gaps, with two writers on each and batches that fail between", async () => {
      const work = Array.from({ length: 40 }, (_, i) =>
        i % 5 === 4
          ? given
              .alternate(i)
              .ingest(stream(i % 2), [aReport(999, 1)], [])
              .catch(() => [])
          : say(i, stream(i % 2), 3),
      );
      await Promise.all(work);
      const { changes, cursor } = await given.other.changesAfter({}, 10_000);
      for (const of of [stream(0), stream(1)]) {
        expect(sequencesOf(changes, of)).toEqual(upTo(sequencesOf(changes, of).length));
      }
      expect(changes).toHaveLength(DEVICES + 32 * 3);
      expect(await given.one.feedEnd()).toEqual(cursor);
    });

    test("a reader misses nothing while writers overtake each other", async () => {
      const read: Change[] = [];
      let cursor: Cursor = {};
      let writing = true;
      const readOn = async (): Promise<void> => {
        const { changes, cursor: next } = await given.other.changesAfter(cursor, 7);
        read.push(...changes);
        cursor = next;
      };
      const writers = Promise.all(
        [0, 1, 2, 3].map(async (w) => {
          // Two of four share a stream and a store with another; batches of different sizes take different times.
          for (let i = 0; i < 15; i++) await say(w + 4 * i, stream(w % 3), 1 + ((w * 7 + i * 3) % 9));
        }),
      ).finally(() => (writing = false));
      while (writing) await readOn();
      await writers;
      for (let before = -1; before < read.length; ) {
        before = read.length;
        await readOn();
      }
      const end = await given.one.feedEnd();
      expect(cursor).toEqual(end);
      for (const [of, last] of Object.entries(end)) expect(sequencesOf(read, of as StreamId)).toEqual(upTo(last));
    });

    test("gives at most the limit, and each stream its share", async () => {
      await say(0, stream(0), 50);
      await say(1, stream(1), 3);
      const { changes, cursor } = await given.one.changesAfter({ [stream(9)]: DEVICES }, 10);
      expect(changes).toHaveLength(10);
      expect(sequencesOf(changes, stream(1))).toEqual([1, 2, 3]);
      expect(sequencesOf(changes, stream(0))).toEqual(upTo(7));
      expect(cursor).toEqual({ [stream(0)]: 7, [stream(1)]: 3, [stream(9)]: DEVICES });
    });

    test("with more streams than the limit everything is read in the end", async () => {
      for (let i = 0; i < 5; i++) await say(i, stream(i), 4);
      const read: Change[] = [];
      let cursor: Cursor = {};
      for (let before = -1; before < read.length; ) {
        before = read.length;
        const part = await given.one.changesAfter(cursor, 2);
        expect(part.changes.length).toBeLessThanOrEqual(2);
        read.push(...part.changes);
        cursor = part.cursor;
      }
      expect(read).toHaveLength(DEVICES + 20);
    });

    test("at its end there is nothing new and the cursor stays", async () => {
      const end = await given.one.feedEnd();
      expect(await given.other.changesAfter(end, 10)).toEqual({ changes: [], cursor: end });
    });

    test("the cursor keeps streams that it has come to the end of", async () => {
      await say(0, stream(0), 2);
      const { cursor } = await given.one.changesAfter({ [stream(9)]: DEVICES }, 100);
      expect(cursor).toEqual({ [stream(0)]: 2, [stream(9)]: DEVICES });
      expect((await given.one.changesAfter({ ...cursor, [stream(0)]: 1 }, 100)).changes).toMatchObject([
        { stream: stream(0), sequence: 2, deviceId: device(0) },
      ]);
    });
  });
};
