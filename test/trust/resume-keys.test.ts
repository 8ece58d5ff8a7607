import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openResumeKeys } from "../../controller/trust/resume-keys.ts";
import { TICKET_LIFETIME_MS } from "../../protocol/resume.ts";
import { ManualClock } from "../support/manual-clock.ts";

let folder: string;
const clock = new ManualClock();
const file = (): string => join(folder, "keys", "resume.key");
const open = () => openResumeKeys(file(), () => clock.now(), randomBytes);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringback-resume-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const secrets = (keys: Awaited<ReturnType<typeof open>>): readonly string[] =>
  keys.keys().map(({ secret }) => Buffer.from(secret).toString("hex"));

test("the key is made once, for its owner's eyes alone, and is the same after a restart", async () => {
  const first = await open();
  expect(first.keys().map(({ secret }) => secret.length)).toEqual([32]);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  clock.advance(TICKET_LIFETIME_MS - 1);
  expect(secrets(await open())).toEqual(secrets(first));
});

test("after a day there is a new one; the one before stays for a day, and then goes", async () => {
  const keys = await open();
  const [one] = secrets(keys);
  clock.advance(TICKET_LIFETIME_MS);
  await keys.rotate();
  const [two, ...older] = secrets(keys);
  expect(older).toEqual([one]);
  clock.advance(TICKET_LIFETIME_MS);
  await keys.rotate();
  expect(secrets(keys).slice(1)).toEqual([two]);
  expect(await readFile(file(), "utf8")).not.toContain(Buffer.from(one ?? "", "hex").toString("base64"));
  expect(secrets(await open())).toEqual(secrets(keys));
});

test.each(["", "{}", "not json", '{"keys":[{"madeAt":1,"secret":"short"}]}'])(
  "a file that holds no keys costs a key, not a start: %j",
  async (text) => {
    await open();
    await writeFile(file(), text);
    expect((await open()).keys()).toHaveLength(1);
  },
);

test("a key from the future, made before the clock was set back, is not kept as the newest for ever", async () => {
  clock.advance(10 * TICKET_LIFETIME_MS);
  const [future] = secrets(await open());
  clock.set(-9 * TICKET_LIFETIME_MS);
  expect(secrets(await open())[0]).not.toBe(future);
});
