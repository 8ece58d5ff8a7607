/** Enrolment: a token makes so many devices known and no more, whoever comes at once. */
import { describe, expect, test } from "vitest";
import { later } from "../../protocol/time.ts";
import { GroupName, Image } from "../../protocol/names.ts";
import { aTokenRow, anEnrolment, DAY_MS, GROUP } from "../support/enrolment.ts";
import { device, NOON, stream } from "../support/fleet-builders.ts";
import type { Given } from "./given.ts";

export const enrolmentContract = (given: Given): void => {
  describe("enrolment", () => {
    const enrol = (n: number, over: Parameters<typeof anEnrolment>[1] = {}, at = NOON) =>
      given.alternate(n).enrol(stream(n % 2), anEnrolment(n, over), at);

    test("makes a device known where its token says, counts the use, and the feed says so", async () => {
      await given.one.addEnrolmentToken(aTokenRow());
      expect(await enrol(1, { binding: "direct", standing: "pending", because: "It waits." })).toEqual({
        kind: "enrolled",
        deviceId: device(1),
        standing: "pending",
        isNew: true,
      });
      expect(await given.one.device(device(1))).toMatchObject({
        site: "Ward 7",
        role: "clinical",
        group: GROUP,
        image: null,
        binding: "direct",
        standing: "pending",
        standingSince: NOON,
        standingBecause: "It waits.",
      });
      expect(await given.other.enrolmentToken(aTokenRow().hash)).toEqual(aTokenRow({ uses: 1 }));
      const { changes } = await given.one.changesAfter({}, 10);
      expect(changes).toMatchObject([{ deviceId: device(1), body: { kind: "registered" } }]);
    });

    test("a counted token makes so many known, whoever comes at once over two stores", async () => {
      await given.one.addEnrolmentToken(aTokenRow({ usesMax: 7 }));
      const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => enrol(n)));
      expect(answers.filter(({ kind }) => kind === "enrolled")).toHaveLength(7);
      expect(answers.filter(({ kind }) => kind === "used-up")).toHaveLength(23);
      expect(await given.one.devicesAfter(null, 100)).toHaveLength(7);
      expect(await given.one.enrolmentToken(aTokenRow().hash)).toMatchObject({ uses: 7 });
    });

    test("a key that is known keeps its id and takes no use, also after the last one is taken", async () => {
      await given.one.addEnrolmentToken(aTokenRow());
      await enrol(1);
      const again = await given.other.enrol(stream(1), anEnrolment(1, { deviceId: device(9), name: "PC-1b" }), NOON);
      expect(again).toEqual({ kind: "enrolled", deviceId: device(1), standing: "accepted", isNew: false });
      expect(await given.one.device(device(1))).toMatchObject({ name: "PC-1b" });
      expect(await given.one.device(device(9))).toBeUndefined();
      expect(await given.one.enrolmentToken(aTokenRow().hash)).toMatchObject({ uses: 1 });
    });

    test("an id that belongs to another key is not given away, and no use is taken", async () => {
      await given.one.addEnrolmentToken(aTokenRow({ usesMax: 2 }));
      await enrol(1);
      expect(await enrol(2, { deviceId: device(1) })).toEqual({ kind: "taken" });
      expect(await given.one.enrolmentToken(aTokenRow().hash)).toMatchObject({ uses: 1 });
    });

    test("enrolling again lets a pending device in by rule, and lifts neither revocation nor a clone", async () => {
      await given.one.addEnrolmentToken(aTokenRow({ usesMax: 3 }));
      for (const n of [1, 2, 3]) await enrol(n, { standing: "pending", because: "It waits." });
      await given.one.setStanding(stream(1), device(2), "cloned", "Two machines.", NOON);
      await given.one.setStanding(stream(1), device(3), "revoked", "Stolen.", NOON);
      expect(await enrol(1)).toMatchObject({ standing: "accepted", isNew: false });
      expect(await enrol(2)).toMatchObject({ standing: "cloned", isNew: false });
      expect(await enrol(3)).toMatchObject({ kind: "refused" });
      expect(await given.one.device(device(3))).toMatchObject({ standing: "revoked" });
    });

    test.each([
      ["unknown", undefined, {}],
      ["revoked", aTokenRow({ revokedAt: NOON, revokedBy: "Ada" }), {}],
      ["expired", aTokenRow({ expiresAt: NOON }), {}],
      ["another group", aTokenRow(), { group: GroupName.parse("servers") }],
      ["of an image, with a token that is for none", aTokenRow(), { image: Image.parse("vdi-1") }],
      ["of no image, with a token that is for one", aTokenRow({ pool: true }), {}],
    ])("nothing is stored for a token or device that is %s", async (_what, token, over) => {
      if (token !== undefined) await given.one.addEnrolmentToken(token);
      expect(await enrol(1, over)).toMatchObject({ kind: "refused" });
      expect(await given.one.device(device(1))).toBeUndefined();
      expect(await given.one.feedEnd()).toEqual({});
    });

    test("a token is revoked once, and works until then", async () => {
      await given.one.addEnrolmentToken(aTokenRow({ usesMax: 5 }));
      expect(await enrol(1)).toMatchObject({ kind: "enrolled" });
      const { id } = aTokenRow();
      expect(await given.other.revokeEnrolmentToken(id, later(NOON, 5), "Ada")).toBe(true);
      expect(await given.one.revokeEnrolmentToken(id, later(NOON, 6), "Eve")).toBe(false);
      expect(await given.one.enrolmentTokens(10)).toMatchObject([{ id, revokedBy: "Ada", uses: 1 }]);
      expect(await enrol(2, {}, later(NOON, 7))).toMatchObject({ kind: "refused" });
      expect(await enrol(3, {}, later(NOON, DAY_MS))).toMatchObject({ kind: "refused" });
    });
  });
};
