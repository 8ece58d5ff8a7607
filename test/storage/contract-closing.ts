/** Closing: what has begun is finished, what comes later is refused. */
import { describe, expect, test } from "vitest";
import { StoreFailed } from "../../controller/store/failures.ts";
import { NOON, stream } from "../support/fleet-builders.ts";
import { aRegistration } from "../support/record-builders.ts";
import type { Given } from "./given.ts";

export const closingContract = (given: Given): void => {
  describe("closing", () => {
    test("waits for what is under way", async () => {
      const work = Array.from({ length: 30 }, (_, n) => given.one.registerDevice(stream(1), aRegistration(n), NOON));
      await given.one.close();
      expect(new Set(await Promise.all(work))).toEqual(new Set(["registered"]));
      expect(await given.other.devicesAfter(null, 100)).toHaveLength(30);
    });

    test("refuses what comes later, in words", async () => {
      await given.one.close();
      const late = given.one.feedEnd();
      await expect(late).rejects.toBeInstanceOf(StoreFailed);
      await expect(late).rejects.toMatchObject({ code: "closed" });
      await expect(given.one.ingest(stream(1), [], [])).rejects.toMatchObject({ code: "closed" });
    });

    test("can be asked for twice", async () => {
      await Promise.all([given.one.close(), given.one.close()]);
      await given.one.close();
      expect(await given.other.feedEnd()).toEqual({});
    });
  });
};
