import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultOfUrl, isPublic } from "../../controller/notify/address-guard.ts";
import { post } from "../../controller/notify/post.ts";
import { nextTryMs, verdictOn } from "../../controller/notify/schedule.ts";
import { WebhookSender } from "../../controller/notify/webhooks.ts";
import type { IncidentNotice, SuspectNotice } from "../../controller/ports/notices.ts";
import type { Store } from "../../controller/store.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";
import { verifies, WebhookReceiver } from "../support/webhook-receiver.ts";

const NOON = at("2026-11-22T12:00:00Z");
const notice = (n: number): IncidentNotice => ({
  id: `inc-1/${n}`,
  type: "incident.opened",
  at: NOON,
  incident: newId("inc", NOON, new Uint8Array(10)),
  title: "Machines crash",
  sentence: "31 of 31 crashed machines run 291-32.",
});

let store: Store;
let clock: ManualClock;
let receiver: WebhookReceiver;
let senders: WebhookSender[];
let logged: string[];
let counter = 0;

beforeEach(async () => {
  store = openSqliteStoreInThread(":memory:");
  await store.migrate();
  clock = new ManualClock();
  receiver = await WebhookReceiver.start();
  senders = [];
  logged = [];
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  await receiver.stop();
  await store.close();
});

/** Another life of the controller, over the same record. */
function aSender(over: { allowsPrivate?: boolean; maySend?: () => boolean } = {}): WebhookSender {
  const log = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const sender = new WebhookSender({
    store,
    clock,
    random: (count) => Uint8Array.from({ length: count }, (_, i) => (i === 0 ? counter++ : 0)),
    log: { info: log, warn: log, error: log },
    post,
    masterKey: new Uint8Array(32).fill(7),
    allowsPrivate: true,
    maySend: () => true,
    ...over,
  });
  senders.push(sender);
  return sender;
}
const arrived = (count: number) =>
  until(`${count} messages`, () => (receiver.received.length >= count ? receiver.received : undefined));
const settled = (sender: WebhookSender, state: string) =>
  until(`delivery that is ${state}`, async () => {
    const [view] = await sender.list();
    return view?.deliveries[0]?.state === state || view?.state === state ? view : undefined;
  });
const answered = (sender: WebhookSender, attempts: number) =>
  until(`${attempts} tries`, async () =>
    (await sender.list())[0]?.deliveries[0]?.attempts === attempts ? true : undefined,
  );

test("a message carries an id, a time and both signatures, and is thin", async () => {
  const sender = aSender();
  const { secret, publicKey } = await sender.make({ name: "pager", url: receiver.url }, "anna");
  await sender.tell([notice(1)]);
  const [message] = await arrived(1);
  const { headers, body } = present(message);
  expect(headers["webhook-id"]).toBe("inc-1/1");
  expect(Number(headers["webhook-timestamp"])).toBe(NOON / 1_000);
  expect(verifies(present(message), secret, "v1")).toBe(true);
  expect(verifies(present(message), publicKey, "v1a")).toBe(true);
  expect(verifies({ headers, body: `${body} ` }, secret, "v1")).toBe(false);
  expect(JSON.parse(body)).toMatchObject({ type: "incident.opened", timestamp: "2026-11-22T12:00:00.000Z" });
  expect(body.length).toBeLessThan(20_000);
  await settled(sender, "working");
});

test("what was told twice is sent once", async () => {
  const sender = aSender();
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  await sender.tell([notice(1)]);
  await sender.tell([notice(1), notice(2)]);
  await settled(sender, "working");
  await until("two deliveries", async () => {
    const [view] = await sender.list();
    return view?.deliveries.every(({ state }) => state === "delivered") === true ? true : undefined;
  });
  const ids = receiver.received.map(({ headers }) => String(headers["webhook-id"]));
  expect(ids).toHaveLength(2);
  expect(new Set(ids)).toEqual(new Set(["inc-1/1", "inc-1/2"]));
});

test("a failure is tried again by the schedule, with the same id, until it arrives", async () => {
  const sender = aSender();
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  receiver.answers.push({ status: 500 }, { status: 302, headers: { location: receiver.url } });
  await sender.tell([notice(1)]);
  await answered(sender, 1);
  clock.advance(10_000);
  await answered(sender, 2);
  expect(receiver.received).toHaveLength(2); // the redirection was not followed
  clock.advance(60_000);
  expect(receiver.received).toHaveLength(2);
  clock.advance(600_000);
  await settled(sender, "delivered");
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set(["inc-1/1"]));
});

test("what was told is sent by the next life of the controller, if this one ends before", async () => {
  const before = aSender({ maySend: () => false }); // killed before it could send
  const { secret } = await before.make({ name: "pager", url: receiver.url }, "anna");
  await before.tell([notice(1)]);
  await before.stop();
  aSender().start();
  const [message] = await arrived(1);
  expect(verifies(present(message), secret, "v1")).toBe(true);
});

test("for a day after a rotation both secrets verify, then the new one alone", async () => {
  const sender = aSender();
  const old = await sender.make({ name: "pager", url: receiver.url }, "anna");
  const next = await sender.rotate("pager");
  expect(next.secret).not.toBe(old.secret);
  await sender.test("pager");
  clock.advance(86_400_000);
  await sender.test("pager");
  const [young, aged] = receiver.received;
  expect([old, next].map(({ secret }) => verifies(present(young), secret, "v1"))).toEqual([true, true]);
  expect([old, next].map(({ publicKey }) => verifies(present(young), publicKey, "v1a"))).toEqual([true, true]);
  expect([old, next].map(({ secret }) => verifies(present(aged), secret, "v1"))).toEqual([false, true]);
});

test("410 disables it until a person switches it on; what is told meanwhile is not kept for it", async () => {
  const sender = aSender();
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  receiver.answers.push({ status: 410 });
  await sender.tell([notice(1)]);
  await settled(sender, "disabled");
  await sender.tell([notice(2)]);
  expect((await sender.list())[0]?.deliveries).toHaveLength(1);
  expect(await sender.switch("pager", true, "anna")).toMatchObject({ state: "failing" });
  await sender.tell([notice(3)]);
  await settled(sender, "working");
});

test("a receiver that asks for less is left alone for so long, whatever waits for it", async () => {
  const sender = aSender();
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  receiver.answers.push({ status: 429, headers: { "retry-after": "120" } });
  await sender.tell([notice(1)]);
  await answered(sender, 1);
  await sender.tell([notice(2)]);
  clock.advance(100_000);
  expect(receiver.received).toHaveLength(1);
  clock.advance(30_000);
  await arrived(3);
});

test("what waits for a receiver that is disabled keeps no other waiting, however much it is", async () => {
  const other = await WebhookReceiver.start();
  const before = aSender({ maySend: () => false });
  await before.make({ name: "dead", url: receiver.url }, "anna");
  await before.tell(Array.from({ length: 150 }, (_none, n) => notice(n)));
  await before.switch("dead", false, "anna");
  await before.make({ name: "pager", url: other.url }, "anna");
  await before.stop();
  clock.advance(1_000);
  const sender = aSender();
  await sender.tell([{ ...notice(900), at: clock.now() }]);
  await until("a message at the other one", () => (other.received.length > 0 ? true : undefined));
  expect(receiver.received).toEqual([]);
  await sender.stop();
  await other.stop();
});

test("a webhook is not told what happened before it was made", async () => {
  const sender = aSender();
  clock.advance(60_000);
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  await sender.tell([notice(1), { ...notice(2), at: clock.now() }]);
  await settled(sender, "working");
  expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(["inc-1/2"]);
});

test("a suspect is told with the version in the place of an incident", async () => {
  const sender = aSender();
  await sender.make({ name: "pager", url: receiver.url }, "anna");
  const of = { source: "acme.channel-7", sha256: "a".repeat(64) } as SuspectNotice["of"];
  const sentence = "3 of 3 crashed machines run 3.";
  await sender.tell([
    { id: "s-1", type: "detection.suspect", at: clock.now(), of, title: "3 is under suspicion", sentence },
  ]);
  const [message] = await arrived(1);
  expect(JSON.parse(present(message).body)).toMatchObject({
    type: "detection.suspect",
    data: { ...of, sentence, path: "/api/v1/detection" },
  });
});

test("no secret and no address is in the log, and no secret in the list", async () => {
  const sender = aSender();
  const { secret } = await sender.make({ name: "pager", url: receiver.url }, "anna");
  receiver.answers.push({ status: 500 });
  await sender.tell([notice(1)]);
  await answered(sender, 1);
  const shown = JSON.stringify([logged, await sender.list(), await store.webhooks()]);
  expect(shown).not.toContain(secret.slice("whsec_".length));
  expect(logged.join()).not.toContain("of-the-receiver");
  expect(logged.join()).toMatch(/could not be delivered/);
});

test("a webhook that is deleted takes what waits for it along; its name is free again, with another secret", async () => {
  const sender = aSender({ maySend: () => false });
  const first = await sender.make({ name: "pager", url: receiver.url }, "anna");
  await sender.tell([notice(1)]);
  await expect(sender.make({ name: "pager", url: receiver.url }, "anna")).rejects.toMatchObject({ code: "conflict" });
  await sender.remove("pager");
  const second = await sender.make({ name: "pager", url: receiver.url }, "anna");
  expect(second.secret).not.toBe(first.secret);
  expect((await sender.list())[0]?.deliveries).toEqual([]);
});

describe("addresses", () => {
  test.each([
    "http://hooks.example/x",
    "ftp://hooks.example/x",
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://10.1.2.3/x",
    "https://0x7f000001/x",
    "https://2130706433/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://[fd00::1]/x",
    "https://user:word@hooks.example/x",
  ])("%s is refused", async (url) => {
    const sender = aSender({ allowsPrivate: false });
    await expect(sender.make({ name: "pager", url }, "anna")).rejects.toMatchObject({ code: "invalid-request" });
    expect(await sender.list()).toEqual([]);
  });

  test("plain http leads nowhere but to this machine, and only where the administrator allows it", () => {
    expect(faultOfUrl(new URL("http://127.0.0.1:8/x"), true)).toBeUndefined();
    expect(faultOfUrl(new URL("http://10.0.0.1/x"), true)).toMatch(/https/);
    expect(faultOfUrl(new URL("https://10.0.0.1/x"), true)).toBeUndefined();
  });

  test("a name that leads to a private address is not connected to", async () => {
    const posting = { method: "POST", headers: {}, body: "{}", withinMs: 5_000, answerBytesMax: 1_000 } as const;
    // On every machine this name leads to loopback, and it is none of the names that are refused by looking at them.
    const url = new URL("https://localhost.:1/x");
    expect(await post({ ...posting, url, allowsPrivate: false })).toMatchObject({
      kind: "unreachable",
      because: expect.stringMatching(/private address|could not be reached/) as string,
    });
  });

  test.each([
    ["8.8.8.8", true],
    ["2606:4700::1111", true],
    ["100.64.0.1", false],
    ["192.168.1.1", false],
    ["::ffff:8.8.8.8", false],
    ["2002:0a00:0001::1", false],
    ["64:ff9b::a00:1", false],
    ["not an address", false],
  ])("%s: public is %s", (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });
});

test("ten tries over three days, each at most a fifth later than the schedule says", () => {
  const waits = Array.from({ length: 11 }, (_, attempts) => nextTryMs(attempts, 0));
  const [S, M, H] = [1_000, 60_000, 3_600_000];
  expect(waits).toEqual([0, 5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H, null]);
  expect(nextTryMs(2, 0.999)).toBeGreaterThan(5 * M);
  expect(nextTryMs(2, 0.999)).toBeLessThanOrEqual(6 * M);
});

test.each([
  [200, "delivered"],
  [204, "delivered"],
  [301, "failed"],
  [400, "failed"],
  [410, "gone"],
  [429, "failed"],
  [503, "failed"],
])("an answer of %i means %s", (status, kind) => {
  expect(verdictOn({ kind: "status", status, retryAfterMs: null }).kind).toBe(kind);
});
