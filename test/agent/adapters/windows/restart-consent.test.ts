/** When a restart waits for a person, and when it does not. */
import { expect, test } from "vitest";
import { consentOf } from "../../../../agent/adapters/windows/restart-consent.ts";

const HOUR = 3_600_000;

const answered = (answer: "yes" | "no" | "none") => ({ answer, answeredAtMs: HOUR });

test("nobody there: nobody is asked, whatever was asked before", () => {
  expect(consentOf(undefined, 0, false)).toBe("nobody-there");
  expect(consentOf("open", 1, false)).toBe("nobody-there");
  expect(consentOf(answered("no"), HOUR + 1, false)).toBe("nobody-there");
});

test("somebody there is asked once, and it is waited for his answer", () => {
  expect(consentOf(undefined, 0, true)).toBeUndefined();
  expect(consentOf("open", HOUR, true)).toBe("asked");
});

test("yes is now; no holds for a while from when it is said, and then is asked about again; no answer is nobody", () => {
  expect(consentOf(answered("yes"), HOUR + 1, true)).toBe("now");
  expect(consentOf(answered("no"), HOUR + 60_000, true)).toBe("later");
  expect(consentOf(answered("no"), 2 * HOUR, true)).toBeUndefined();
  expect(consentOf(answered("none"), HOUR + 1, true)).toBe("nobody-there");
});

test("an answer to an order that was taken back is none to the next one", () => {
  expect(consentOf(answered("yes"), 2 * HOUR, true)).toBeUndefined();
  expect(consentOf(answered("none"), 2 * HOUR, true)).toBeUndefined();
});
