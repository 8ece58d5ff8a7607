/** Devices: an id belongs to the key it came with. */
import { describe, expect, test } from "vitest";
import type { DeviceRow } from "../../controller/store/devices.ts";
import { Site } from "../../protocol/names.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON, REGISTERED, stream } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";
import { aRegistration, epoch } from "../support/record-builders.ts";
import { countOf, type Given } from "./given.ts";

export const devicesContract = (given: Given): void => {
  describe("devices", () => {
    test("a registered device is there, with nothing known of it, and the feed says so", async () => {
      expect(await given.one.registerDevice(stream(1), aRegistration(1), NOON)).toBe("registered");
      const row: DeviceRow = {
        ...aRegistration(1),
        registeredAt: NOON,
        ...REGISTERED,
        state: null,
      };
      expect(await given.other.device(device(1))).toEqual(row);
      const { changes } = await given.other.changesAfter({}, 10);
      expect(changes).toEqual([
        { stream: stream(1), sequence: 1, at: NOON, deviceId: device(1), body: { kind: "registered" } },
      ]);
    });

    test("a device that nobody registered is not there", async () => {
      expect(await given.one.device(device(9))).toBeUndefined();
    });

    test("the same registration again is the same device and says nothing new", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      expect(await given.other.registerDevice(stream(2), aRegistration(1), later(NOON, 5))).toBe("same");
      expect((await given.one.device(device(1)))?.registeredAt).toBe(NOON);
      expect(await given.one.feedEnd()).toEqual({ [stream(1)]: 1 });
    });

    test("registered again with the same key it gets its new name and place, and the feed says so", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      const moved = aRegistration(1, { name: "PC-1b", site: Site.parse("Ward 2") });
      expect(await given.other.registerDevice(stream(2), moved, NOON)).toBe("same");
      expect(await given.one.device(device(1))).toMatchObject({ name: "PC-1b", site: "Ward 2" });
      expect(await given.one.feedEnd()).toEqual({ [stream(1)]: 1, [stream(2)]: 1 });
    });

    test("another key does not get the id, and changes nothing", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      const thief = aRegistration(1, { publicKey: aKey("another").publicKey, name: "EVIL" });
      expect(await given.other.registerDevice(stream(2), thief, NOON)).toBe("conflict");
      expect(await given.one.device(device(1))).toMatchObject({ name: "PC-1" });
      expect(await given.one.feedEnd()).toEqual({ [stream(1)]: 1 });
    });

    test("of two keys that want one id at the same moment exactly one gets it", async () => {
      for (let n = 1; n <= 10; n++) {
        const wanted = ["a", "b"].map((seed) => aRegistration(n, { publicKey: aKey(seed).publicKey }));
        const answers = await Promise.all(
          wanted.map((registration, i) => given.alternate(i).registerDevice(stream(i), registration, NOON)),
        );
        expect(answers.toSorted()).toEqual(["conflict", "registered"]);
        const winner = wanted[answers.indexOf("registered")];
        expect((await given.one.device(device(n)))?.publicKey).toBe(winner?.publicKey);
      }
    });

    test("a standing is kept with its reason, told in the feed, and known at login", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      const at = later(NOON, 5);
      expect(await given.other.setStanding(stream(2), device(1), "cloned", "Two machines use it.", at)).toBe("changed");
      expect(await given.one.setStanding(stream(1), device(1), "cloned", "Again.", later(NOON, 9))).toBe("same");
      const stands = { standing: "cloned", standingSince: at, standingBecause: "Two machines use it." };
      expect(await given.one.device(device(1))).toMatchObject(stands);
      expect(await given.one.devicesAfter(null, 1)).toMatchObject([{ id: device(1), standing: "cloned" }]);
      const { changes } = await given.one.changesAfter({ [stream(1)]: 1 }, 10);
      expect(changes).toEqual([
        { stream: stream(2), sequence: 1, at, deviceId: device(1), body: { kind: "standing", standing: "cloned" } },
      ]);
      const [facts] = await given.one.loginFacts([{ deviceId: device(1), epoch: epoch(1) }]);
      expect(facts).toMatchObject({ standing: "cloned", binding: "front" });
    });

    test("what is revoked stays revoked until somebody accepts it, whoever comes at once", async () => {
      await given.one.registerDevice(stream(1), aRegistration(1), NOON);
      expect(await given.one.setStanding(stream(1), device(1), "revoked", "Stolen.", NOON)).toBe("changed");
      const answers = await Promise.all(
        (["cloned", "pending", "cloned", "pending"] as const).map((standing, i) =>
          given.alternate(i).setStanding(stream(i % 2), device(1), standing, "A rule says so.", NOON),
        ),
      );
      expect(answers).toEqual(["same", "same", "same", "same"]);
      expect(await given.one.device(device(1))).toMatchObject({ standing: "revoked", standingBecause: "Stolen." });
      expect(await given.other.setStanding(stream(1), device(1), "accepted", "Found.", NOON)).toBe("changed");
    });

    test("nobody stands who is not registered", async () => {
      expect(await given.one.setStanding(stream(1), device(9), "revoked", "Stolen.", NOON)).toBe("unknown");
      expect(await given.one.feedEnd()).toEqual({});
    });

    test("all devices can be read by id, a page at a time", async () => {
      const numbers = [5, 3, 1, 4, 2];
      await Promise.all(numbers.map((n) => given.alternate(n).registerDevice(stream(1), aRegistration(n), NOON)));
      const first = await given.one.devicesAfter(null, 3);
      const second = await given.one.devicesAfter(first.at(-1)?.id ?? null, 3);
      expect([...first, ...second].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map(device));
      expect(await given.one.devicesAfter(device(5), 3)).toEqual([]);
    });

    test("registering a hundred devices over two stores counts each once", async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          given.alternate(i).registerDevice(stream(i % 2), aRegistration(1 + (i >> 1)), NOON),
        ),
      );
      expect(countOf(answers, "registered")).toBe(100);
      expect(countOf(answers, "same")).toBe(100);
    });
  });
};
