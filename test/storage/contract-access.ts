/** Set-up codes and tokens. */
import { describe, expect, test } from "vitest";
import { later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { hash } from "../support/record-builders.ts";
import { countOf, type Given } from "./given.ts";

const CODE = hash("code");
const token = (name: string) => ({ hash: hash(`token of ${name}`), name });

export const accessContract = (given: Given): void => {
  describe("access", () => {
    test("a code is exchanged for a token once, and then set-up is done", async () => {
      expect(await given.one.isSetUp()).toBe(false);
      await given.one.addSetupCode(CODE, later(NOON, 1_000));
      expect(await given.other.isSetUp()).toBe(false);
      expect(await given.one.redeemSetupCode(CODE, NOON, token("Ada"))).toBe(true);
      expect(await given.other.redeemSetupCode(CODE, NOON, token("Bob"))).toBe(false);
      expect(await given.other.isSetUp()).toBe(true);
      expect(await given.other.tokenOwner(hash("token of Ada"))).toBe("Ada");
      expect(await given.other.tokenOwner(hash("token of Bob"))).toBeUndefined();
    });

    test("a code that is unknown or too old gives nothing", async () => {
      await given.one.addSetupCode(CODE, later(NOON, 1_000));
      expect(await given.one.redeemSetupCode(hash("guess"), NOON, token("Bob"))).toBe(false);
      expect(await given.one.redeemSetupCode(CODE, later(NOON, 1_000), token("Bob"))).toBe(false);
      expect(await given.other.isSetUp()).toBe(false);
      expect(await given.other.tokenOwner(hash("token of Bob"))).toBeUndefined();
    });

    test("fifty who try one code at once get one token", async () => {
      await given.one.addSetupCode(CODE, later(NOON, 1_000));
      const names = Array.from({ length: 50 }, (_, i) => `Person ${i}`);
      const answers = await Promise.all(
        names.map((name, i) => given.alternate(i).redeemSetupCode(CODE, NOON, token(name))),
      );
      expect(countOf(answers, true)).toBe(1);
      const owners = await Promise.all(names.map((name) => given.one.tokenOwner(token(name).hash)));
      expect(owners.filter((owner) => owner !== undefined)).toEqual([names[answers.indexOf(true)]]);
    });
  });
};
