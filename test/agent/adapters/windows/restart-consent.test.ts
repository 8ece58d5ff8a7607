/** When a restart waits for a person, and when it does not. */
import { expect, test } from "vitest";
import { consentOf } from "../../../../agent/adapters/windows/restart-consent.ts";

const HOUR = 3_600_000;

test("nobody there: nobody is asked, whatever was asked before", () => {
  expect(consentOf(undefined, 0, false)).toBe("nobody-there");
  expect(consentOf({ askedAtMs: 0, answer: undefined }, 1, false)).toBe("nobody-there");
  expect(consentOf({ askedAtMs: 0, answer: "no" }, 1, false)).toBe("nobody-there");
});

test("somebody there is asked once, and it is waited for his answer", () => {
  expect(consentOf(undefined, 0, true)).toBeUndefined();
  expect(consentOf({ askedAtMs: 0, answer: undefined }, HOUR, true)).toBe("asked");
});

test("yes is now; no holds for a while and then is asked about again; no answer in time is nobody", () => {
  expect(consentOf({ askedAtMs: 0, answer: "yes" }, 1, true)).toBe("now");
  expect(consentOf({ askedAtMs: 0, answer: "no" }, 60_000, true)).toBe("later");
  expect(consentOf({ askedAtMs: 0, answer: "no" }, HOUR, true)).toBeUndefined();
  expect(consentOf({ askedAtMs: 0, answer: "none" }, HOUR, true)).toBe("nobody-there");
});
