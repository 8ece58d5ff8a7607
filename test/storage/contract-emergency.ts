/** Emergency stops, holds, the signatures under both, and what devices refused. */
import { describe, expect, test } from "vitest";
import type { Approval, Unsigned } from "../../controller/store/signing.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { KeyId, PAYLOAD_TYPES, payloadDigest, toBase64 } from "../../protocol/dsse.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import { anEnvelope, aRegistration, aReport, order } from "../support/record-builders.ts";
import { aStop, holdIdOf, stopIdOf } from "../support/precautions.ts";
import { countOf, type Given } from "./given.ts";

const text = (words: string): Unsigned => ({
  payloadType: PAYLOAD_TYPES.resume,
  payload: toBase64(new TextEncoder().encode(words)),
});
const digest = (words: string) => payloadDigest({ ...text(words), signatures: [] });
const signature = (by: string, n = 1): Approval => ({
  keyId: KeyId.parse(digestOf(by)),
  person: by,
  sig: "AAAA",
  at: later(NOON, n),
  by,
});
const STOP = stopIdOf("a stop");
const HOLD = holdIdOf("a hold");
const enough = (words: string, n = 9) => ({
  statement: digest(words),
  envelope: anEnvelope(words),
  at: later(NOON, n),
  by: "Ada, Bob",
});
const aHoldRow = { id: HOLD, statement: text("hold"), because: "it crashes", madeAt: NOON, madeBy: "Ada" };

export const emergencyContract = (given: Given): void => {
  describe("emergency stops", () => {
    test("a stop is stored once, over two stores; the newest come first", async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => given.alternate(i).addStop(aStop(), text("resume"))),
      );
      expect(countOf(answers, true)).toBe(1);
      const second = aStop("second", { at: later(NOON, 1) });
      await given.other.addStop(second, text("resume second"));
      const rows = await given.one.stops(10);
      expect(rows.map(({ stop }) => stop)).toEqual([second, aStop()]);
      expect(rows[1]).toMatchObject({ statement: text("resume"), approvals: [], envelope: null, resumedAt: null });
    });

    test("signatures count once each, and under their own statement", async () => {
      await given.one.addStop(aStop(), text("resume"));
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          given.alternate(i).addWordApproval(STOP, digest("resume"), signature(i % 2 === 0 ? "ada" : "bob", i % 2)),
        ),
      );
      expect(countOf(answers, "added")).toBe(2);
      expect((await given.one.stops(1))[0]?.approvals).toEqual([signature("ada", 0), signature("bob", 1)]);
      expect(await given.other.renewResume(STOP, text("renewed"))).toBe(true);
      expect((await given.one.stops(1))[0]?.approvals).toEqual([]);
      expect(await given.one.addWordApproval(STOP, digest("resume"), signature("ada"))).toBe("changed");
      expect(await given.one.resumeStop(STOP, enough("resume"))).toBe(false);
      expect(await given.one.addWordApproval(STOP, digest("renewed"), signature("ada"))).toBe("added");
      expect(await given.other.resumeStop(STOP, enough("renewed"))).toBe(true);
      expect((await given.one.stops(1))[0]).toMatchObject({
        envelope: anEnvelope("renewed"),
        resumedAt: later(NOON, 9),
        resumedBy: "Ada, Bob",
      });
    });
  });

  describe("holds", () => {
    test("a hold is approved, and released once, over two stores", async () => {
      await given.one.addHold(aHoldRow);
      expect(await given.other.addWordApproval(HOLD, digest("hold"), signature("ada"))).toBe("added");
      expect(await given.other.approveHold(HOLD, enough("another text"))).toBe(false);
      expect(await given.other.approveHold(HOLD, enough("hold"))).toBe(true);
      expect(await given.one.holds(10)).toMatchObject([
        { ...aHoldRow, approvals: [signature("ada")], envelope: anEnvelope("hold"), releasedAt: null },
      ]);
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => given.alternate(i).releaseHold(HOLD, later(NOON, 20), "Bob")),
      );
      expect(countOf(answers, true)).toBe(1);
      expect(await given.one.holds(10)).toMatchObject([{ releasedAt: later(NOON, 20), releasedBy: "Bob" }]);
      expect(await given.one.approveHold(HOLD, enough("hold"))).toBe(false);
    });
  });

  describe("refusals", () => {
    test("are listed over the fleet, newest first, a page at a time; what is sent again is listed once", async () => {
      for (const n of [1, 2]) await given.one.registerDevice(stream(9), aRegistration(n), NOON);
      const refused = { kind: "order-refused", orderId: order(1), rule: "expired", because: "too late" } as const;
      const withdrawn = { ...refused, rule: "withdrawn" } as const;
      const hold = { kind: "trust-refused", what: "hold", rule: "too-long", because: "8 hours" } as const;
      const reports = [
        aReport(1, 1, { body: refused }),
        aReport(1, 2, { body: withdrawn, at: later(NOON, 1) }),
        aReport(2, 1, { body: hold, at: later(NOON, 2) }),
      ];
      await given.one.ingest(stream(1), reports, []);
      await given.other.ingest(stream(2), reports, []);
      const first = { device: device(1), sequence: 1, at: NOON, body: refused };
      const second = { device: device(2), sequence: 1, at: later(NOON, 2), body: hold };
      expect(await given.other.refusals(10)).toEqual([second, first]);
      expect(await given.other.refusals(1)).toEqual([second]);
      expect(await given.one.refusals(10, second)).toEqual([first]);
    });
  });
};
