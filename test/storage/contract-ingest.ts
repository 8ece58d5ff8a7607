/** Ingest: what is acknowledged is stored, once. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { foldState } from "../../controller/fleet/device-state.ts";
import type { DeviceState } from "../../controller/store/devices.ts";
import type { IngestReport, PresenceReport } from "../../controller/store/reports.ts";
import type { BootId } from "../../protocol/boot.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { later } from "../../protocol/time.ts";
import { aBoot, aHealthyBoot, aVersion, device, NOON, stream } from "../support/fleet-builders.ts";
import { anEnvelope, aRegistration, aReport, bootBegan, epoch, order } from "../support/record-builders.ts";
import { countOf, type Given } from "./given.ts";

const presence = (n: number, kind: "connected" | "dropped", after = 0): PresenceReport => ({
  deviceId: device(n),
  receivedAt: later(NOON, after),
  presence: { kind },
});

export const ingestContract = (given: Given): void => {
  describe("ingest", () => {
    beforeEach(async () => {
      for (const n of [1, 2, 3]) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
    });
    const ingest = (...reports: IngestReport[]) => given.one.ingest(stream(1), reports, []);
    const feedOf = async (n: number) => {
      const { changes } = await given.other.changesAfter({}, 1_000_000);
      return changes.filter(({ deviceId, stream: of }) => deviceId === device(n) && of !== stream(9));
    };

    test("a report is there for everybody once it is stored", async () => {
      expect(await ingest(aReport(1, 1))).toEqual(["stored"]);
      expect(await given.other.through(device(1), epoch(1))).toBe(1);
      expect(await given.other.reportsOf(device(1), 10)).toEqual([aReport(1, 1)]);
      expect(await feedOf(1)).toEqual([
        { stream: stream(1), sequence: 1, at: NOON, deviceId: device(1), body: aReport(1, 1).body },
      ]);
    });

    test("of an epoch that was never heard nothing is durable", async () => {
      await ingest(aReport(1, 1));
      expect(await given.one.through(device(1), epoch(2))).toBe(0);
      expect(await given.one.through(device(2), epoch(1))).toBe(0);
    });

    test("logins are checked against key and durable reports, each in its place, strangers too", async () => {
      await ingest(aReport(1, 1), aReport(1, 2), aReport(2, 1, { epoch: epoch(2) }));
      const ask = (n: number, of: number) => ({ deviceId: device(n), epoch: epoch(of) });
      const facts = await given.other.loginFacts([ask(2, 2), ask(9, 1), ask(1, 1), ask(1, 2), ask(2, 2)]);
      const { publicKey } = aRegistration(1);
      expect(facts.map((of) => of?.through)).toEqual([1, undefined, 2, 0, 1]);
      expect(facts.map((of) => of?.publicKey)).toEqual([publicKey, undefined, publicKey, publicKey, publicKey]);
      expect(await given.one.loginFacts([])).toEqual([]);
    });

    test("nothing to store is no error", async () => {
      expect(await given.one.ingest(stream(1), [], [])).toEqual([]);
    });

    test("the same report again is a duplicate, whoever hears it, and changes nothing", async () => {
      await ingest(aReport(1, 1));
      const before = await given.one.device(device(1));
      const again = aReport(1, 1, { at: later(NOON, 60_000) });
      expect(await given.other.ingest(stream(2), [again], [])).toEqual(["duplicate"]);
      expect(await given.one.device(device(1))).toEqual(before);
      expect(await feedOf(1)).toHaveLength(1);
    });

    test("other bytes under the same sequence are a conflict and change nothing; the rest of the batch is stored", async () => {
      await ingest(aReport(1, 1));
      const before = await given.one.device(device(1));
      const forged = aReport(1, 1, { said: "other", body: bootBegan("forged") });
      expect(await ingest(aReport(2, 1), forged, aReport(3, 1))).toEqual(["stored", "conflict", "stored"]);
      expect(await given.one.device(device(1))).toEqual(before);
      expect(await given.one.reportsOf(device(1), 10)).toEqual([aReport(1, 1)]);
    });

    test("a gap is accepted, and what comes for it later is a duplicate: the device went on without it", async () => {
      expect(await ingest(aReport(1, 3))).toEqual(["stored"]);
      expect(await given.one.through(device(1), epoch(1))).toBe(3);
      expect(await ingest(aReport(1, 2))).toEqual(["duplicate"]);
      expect(await feedOf(1)).toHaveLength(1);
    });

    test("what comes for a gap in the same batch is a duplicate too, whatever it says", async () => {
      const skipped = [aReport(1, 2, { said: "one" }), aReport(1, 2, { said: "other" })];
      expect(await ingest(aReport(1, 3), ...skipped)).toEqual(["stored", "duplicate", "duplicate"]);
      expect(await given.other.reportsOf(device(1), 10)).toEqual([aReport(1, 3)]);
    });

    test("the same sequence twice in one batch is stored once", async () => {
      const answers = await ingest(aReport(1, 1), aReport(1, 1), aReport(1, 1, { said: "other" }), aReport(1, 2));
      expect(answers).toEqual(["stored", "duplicate", "conflict", "stored"]);
      expect(await feedOf(1)).toHaveLength(2);
    });

    test("a new epoch starts its sequence again", async () => {
      const answers = await ingest(aReport(1, 1), aReport(1, 1, { epoch: epoch(2), said: "new disk" }));
      expect(answers).toEqual(["stored", "stored"]);
      expect(await given.one.through(device(1), epoch(2))).toBe(1);
    });

    test("the reports of a device come newest first, over its epochs", async () => {
      await ingest(aReport(1, 1), aReport(1, 2), aReport(2, 7));
      const newer = aReport(1, 1, { epoch: epoch(2), at: later(NOON, 1) });
      await ingest(newer);
      expect(await given.one.reportsOf(device(1), 2)).toEqual([newer, aReport(1, 2)]);
      expect(await given.one.reportsOf(device(1), 9)).toEqual([newer, aReport(1, 2), aReport(1, 1)]);
    });

    test("they are paged by the last one seen: every report once, also over epochs and while new ones come in", async () => {
      const all: IngestReport[] = [];
      for (const [n, count] of [7, 1, 5].entries()) {
        for (let sequence = 1; sequence <= count; sequence++) {
          all.unshift(aReport(1, sequence * 2, { epoch: epoch(n + 1), at: later(NOON, n * 1_000 + sequence) }));
        }
      }
      await ingest(...all.toReversed(), aReport(2, 1));
      for (const limit of [1, 2, 4, 13, 50]) {
        const seen: IngestReport[] = [];
        let page = await given.other.reportsOf(device(1), limit);
        while (page.length > 0) {
          seen.push(...page);
          await ingest(aReport(1, 100 + limit * 50 + seen.length, { epoch: epoch(3), at: later(NOON, 9_000) }));
          page = await given.other.reportsOf(device(1), limit, page.at(-1));
        }
        expect(seen.filter(({ sequence }) => sequence < 100)).toEqual(all);
      }
    });

    test("before a report that does not exist come those older than it would be; an epoch that nobody knows has none", async () => {
      await ingest(aReport(1, 1), aReport(1, 5));
      const sequencesBefore = async (of: number, sequence: number) =>
        (await given.one.reportsOf(device(1), 9, { epoch: epoch(of), sequence })).map((report) => report.sequence);
      expect(await sequencesBefore(1, 4)).toEqual([1]);
      expect(await sequencesBefore(1, 1)).toEqual([]);
      expect(await sequencesBefore(1, Number.MAX_SAFE_INTEGER)).toEqual([5, 1]);
      expect(await sequencesBefore(2, 4)).toEqual([]);
    });

    test("a device that nobody registered is an error, and nothing of its batch is stored", async () => {
      await expect(ingest(aReport(1, 1), aReport(9, 1))).rejects.toThrow(/not registered/);
      expect(await given.one.through(device(1), epoch(1))).toBe(0);
      expect(await given.one.device(device(1))).toMatchObject({ state: null });
    });

    test("a batch that failed can be sent again, and its stream has no gap", async () => {
      await ingest(aReport(1, 1));
      await expect(ingest(aReport(1, 2), aReport(9, 1))).rejects.toThrow(/not registered/);
      expect(await ingest(aReport(1, 2))).toEqual(["stored"]);
      expect((await feedOf(1)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    });

    test("a thousand reports are one batch", async () => {
      const batch = Array.from({ length: 999 }, (_, i) => aReport(1 + (i % 3), 1 + Math.floor(i / 3)));
      expect(countOf(await ingest(...batch), "stored")).toBe(999);
      expect(countOf(await given.other.ingest(stream(2), batch, []), "duplicate")).toBe(999);
      expect(await given.one.through(device(3), epoch(1))).toBe(333);
    });

    test("any text comes back as it went in", async () => {
      const because = "Ünïcode 漢字 🏥 'quotes' \"double\" \\ back; drop table devices";
      const body: ReportBody = { kind: "order-refused", orderId: order(1), rule: "schema", because };
      await ingest(aReport(1, 1, { body }));
      expect((await given.other.reportsOf(device(1), 1))[0]?.body).toEqual(body);
    });

    describe("two writers", () => {
      test("sent the same reports at the same moment store each once", async () => {
        const batch = Array.from({ length: 60 }, (_, i) => aReport(1 + (i % 3), 1 + Math.floor(i / 3)));
        const answers = await Promise.all([0, 1].map((i) => given.alternate(i).ingest(stream(i), batch, [])));
        for (const [i] of batch.entries()) {
          const said = answers.map((results) => results[i]);
          expect([countOf(said, "stored"), countOf(said, "duplicate")]).toEqual([1, 1]);
        }
        expect(await feedOf(1)).toHaveLength(20);
      });

      test("sent different bytes for one sequence at the same moment take one and refuse the other", async () => {
        const answers = await Promise.all(
          ["a", "b"].map((said, i) => given.alternate(i).ingest(stream(i), [aReport(1, 1, { said })], [])),
        );
        expect(answers.flat().toSorted()).toEqual(["conflict", "stored"]);
      });

      test("with the same devices in opposite order do not end each other", async () => {
        const rounds = Array.from({ length: 20 }, (_, round) => {
          const batch = [1, 2, 3].map((n) => aReport(n, 1, { epoch: epoch(10 + round) }));
          return given.alternate(round).ingest(stream(round % 2), round % 2 === 0 ? batch : batch.toReversed(), []);
        });
        expect(new Set((await Promise.all(rounds)).flat())).toEqual(new Set(["stored"]));
      });
    });

    test("batches of one writer are stored in the order they were given, also without waiting for each", async () => {
      const batches = Array.from({ length: 30 }, (_, i) => [1, 2, 3].map((n) => aReport(n, i + 1)));
      const answers = await Promise.all(batches.map((batch) => given.one.ingest(stream(1), batch, [])));
      expect(new Set(answers.flat())).toEqual(new Set(["stored"]));
    });

    describe("what is known of a device", () => {
      const stateOf = async (n: number) => (await given.other.device(device(n)))?.state;
      const boot = (id: string, ...versions: number[]): ReportBody => ({
        kind: "boot-began",
        boot: aBoot({ bootId: id as BootId, content: versions.map(aVersion) }),
      });
      const healthy = (id: string): ReportBody => ({
        kind: "boot-healthy",
        healthy: aHealthyBoot({ bootId: id as BootId }),
      });
      const changed = (change: "appeared" | "disappeared", n: number): ReportBody => ({
        kind: "content-changed",
        entry: { change, noticedAt: NOON, version: aVersion(n) },
      });
      const say = (first: number, ...bodies: ReportBody[]) =>
        ingest(...bodies.map((body, i) => aReport(1, first + i, { body, at: later(NOON, first + i) })));

      test("its last boot, with what was on the disk and that it was good", async () => {
        await say(1, boot("a", 1), healthy("a"));
        expect(await stateOf(1)).toEqual({
          lastHeardAt: later(NOON, 2),
          boot: aBoot({ bootId: "a" as BootId, content: [aVersion(1)] }),
          healthy: aHealthyBoot({ bootId: "a" as BootId }),
          content: [aVersion(1)],
          leaving: null,
          trust: null,
          minor: null,
        } satisfies DeviceState);
      });

      test("a new boot is not good yet; the same boot told again still is", async () => {
        await say(1, boot("a"), healthy("a"), boot("a"));
        expect((await stateOf(1))?.healthy?.bootId).toBe("a");
        await say(4, boot("b"));
        expect((await stateOf(1))?.healthy).toBeNull();
      });

      test("changes of content are applied to what was on the disk, batch after batch", async () => {
        await say(1, boot("a", 1));
        await say(2, changed("appeared", 2));
        await say(3, changed("disappeared", 1));
        expect((await stateOf(1))?.content).toEqual([aVersion(2)]);
        expect((await stateOf(1))?.boot?.content).toEqual([aVersion(1)]);
        await say(4, boot("b", 3));
        expect((await stateOf(1))?.content).toEqual([aVersion(3)]);
      });

      test("that it said goodbye, until it is back", async () => {
        await say(1, boot("a"), { kind: "leaving", reason: "restart" });
        await given.other.ingest(stream(2), [], [presence(1, "dropped", 5)]);
        expect(await stateOf(1)).toMatchObject({ leaving: "restart", lastHeardAt: later(NOON, 5) });
        await given.other.ingest(stream(2), [], [presence(1, "connected", 9)]);
        expect(await stateOf(1)).toMatchObject({ leaving: null, lastHeardAt: later(NOON, 9), boot: { bootId: "a" } });
      });

      test("which minor its agent speaks, until it says otherwise", async () => {
        const login = (n: number, minor?: number): PresenceReport => {
          const said = minor === undefined ? {} : { minor };
          return { deviceId: device(1), receivedAt: later(NOON, n), presence: { kind: "connected", ...said } };
        };
        await given.one.ingest(stream(2), [], [login(1, 2)]);
        await given.other.ingest(stream(2), [], [login(2)]); // at a controller of before this was kept
        await say(1, boot("a"));
        expect(await stateOf(1)).toMatchObject({ minor: 2 });
        await given.other.ingest(stream(2), [], [login(3, 4)]);
        const [known] = await given.one.devicesAfter(null, 1);
        expect(known?.state?.minor).toBe(4);
      });

      test("whom it believes, until it says otherwise", async () => {
        const trust = (trustVersion: number): ReportBody => ({ kind: "trust-changed", trustVersion, policyVersion: 7 });
        await say(1, trust(1));
        expect(await stateOf(1)).toMatchObject({ trust: { trustVersion: 1, policyVersion: 7 } });
        await say(2, boot("a"));
        expect(await stateOf(1)).toMatchObject({ trust: { trustVersion: 1 }, boot: { bootId: "a" } });
        await say(3, trust(4), healthy("a"));
        expect(await stateOf(1)).toMatchObject({ trust: { trustVersion: 4, policyVersion: 7 } });
        const [known] = await given.other.devicesAfter(null, 1);
        expect(known?.state?.trust).toEqual({ trustVersion: 4, policyVersion: 7 });
      });

      test("connections stand in the feed where they happened", async () => {
        const seen = [presence(1, "connected", 1), presence(1, "dropped", 1), presence(1, "connected", 2)];
        await given.one.ingest(stream(1), [aReport(1, 1, { at: later(NOON, 1) })], seen);
        const kinds = (await feedOf(1)).map(({ body }) => body.kind);
        expect(kinds).toEqual(["connected", "boot-began", "dropped", "connected"]);
      });

      test("is the fold of its feed, whatever it says and however it is batched", async () => {
        const bodies: readonly ReportBody[] = [
          boot("a", 1, 2),
          boot("b"),
          healthy("a"),
          healthy("b"),
          changed("appeared", 1),
          changed("appeared", 3),
          changed("disappeared", 1),
          { kind: "leaving", reason: "sleep" },
          { kind: "step-progress", progress: { orderId: order(1), step: 0, event: "started" } },
          { kind: "order-ended", orderId: order(1), receipt: anEnvelope("a receipt") },
        ];
        const said = fc.oneof(fc.constantFrom(...bodies), fc.constantFrom("connected" as const, "dropped" as const));
        let n = 100;
        let sequence = 0;
        const property = fc.asyncProperty(
          fc.array(fc.array(said, { maxLength: 6 }), { maxLength: 4 }),
          async (batches) => {
            await given.one.registerDevice(stream(9), aRegistration(++n), NOON);
            for (const [i, batch] of batches.entries()) {
              const reports = batch.flatMap((body) =>
                typeof body === "string" ? [] : [aReport(n, ++sequence, { body })],
              );
              const seen = batch.flatMap((body) => (typeof body === "string" ? [presence(n, body)] : []));
              await given.alternate(i).ingest(stream(i % 2), reports, seen);
            }
            const { changes } = await given.one.changesAfter({}, 1_000_000);
            const mine = changes.filter(({ deviceId }) => deviceId === device(n));
            expect(mine).toHaveLength(1 + batches.flat().length);
            // Batch by batch, since two streams have no order between them.
            const streams = [stream(0), stream(1)].map((of) => mine.filter((change) => change.stream === of));
            let state: DeviceState | null = null;
            for (const [i, batch] of batches.entries()) {
              for (const { body, at } of streams[i % 2]?.splice(0, batch.length) ?? []) {
                if (body.kind !== "registered" && body.kind !== "standing") state = foldState(state, body, at);
              }
            }
            expect(await stateOf(n)).toEqual(state);
          },
        );
        await fc.assert(property, { numRuns: 25 });
      });
    });
  });
};
