import { expect, test } from "vitest";
import { Repeats } from "../../controller/api/repeats.ts";
import { ok } from "../../controller/api/route.ts";
import { at, later } from "../../protocol/time.ts";

const NOON = at("2026-11-20T12:00:00Z");
const HOUR = 3_600_000;

test("an answer is remembered for a day", async () => {
  let time = NOON;
  let made = 0;
  const repeats = new Repeats(() => time);
  const ask = () => repeats.once("key", "Ada", { a: 1 }, async () => ok(++made));
  expect((await ask()).body).toBe(1);
  time = later(NOON, 24 * HOUR - 1);
  expect((await ask()).body).toBe(1);
  time = later(NOON, 24 * HOUR);
  expect((await ask()).body).toBe(2);
});

test("however many keys are sent, only the last thousand are kept", async () => {
  let made = 0;
  const repeats = new Repeats(() => NOON);
  const ask = (key: number) => repeats.once(`key-${key}`, "Ada", {}, async () => ok(++made));
  for (let key = 1; key <= 1_001; key++) await ask(key);
  expect((await ask(1_001)).body).toBe(1_001);
  expect((await ask(2)).body).toBe(2);
  expect((await ask(1)).body).toBe(1_002);
});

test.each(["", " ", "a b", "x".repeat(201), "ä"])("%o is no key", async (key) => {
  const repeats = new Repeats(() => NOON);
  await expect(repeats.once(key, "Ada", {}, async () => ok(1))).rejects.toMatchObject({ code: "invalid-request" });
});
