import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { at, type Instant, later } from "../../protocol/time.ts";
import { StoreFailed } from "../../controller/store/failures.ts";
import { createAccess, type SetupAccess } from "../../controller/access/tokens.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { codeOf, MemoryAccessStore } from "../support/api-server.ts";

const URL_OF_CONTROLLER = "http://127.0.0.1:8480";
const NOON = at("2026-11-20T12:00:00Z");

describe("set-up and tokens", () => {
  let store: MemoryAccessStore;
  let time: Instant;
  const now = (): Instant => time;
  let access: SetupAccess;
  const code = async () => codeOf(await access.makeSetupLink(URL_OF_CONTROLLER));

  beforeEach(() => {
    store = new MemoryAccessStore();
    access = createAccess(store, now, randomBytes);
    time = NOON;
  });

  test("the code stands in the fragment of the link, which goes to no server", async () => {
    const link = new URL(await access.makeSetupLink(URL_OF_CONTROLLER));
    expect(link.origin + link.pathname + link.search).toBe(`${URL_OF_CONTROLLER}/setup`);
    expect(link.hash).toMatch(/^#code=[A-Za-z0-9_-]{43}$/);
  });

  test("a code is exchanged once for the token of a person", async () => {
    const once = await code();
    const { token = "" } = (await access.setUp(once, "Ada Admin")) ?? {};
    expect(token).toMatch(/^ringback_[A-Za-z0-9_-]{43}$/);
    expect(await access.owner(token)).toBe("Ada Admin");
    expect(await access.setUp(once, "Eve")).toBeUndefined();
  });

  test("who came before is known while the record is away, and nobody else", async () => {
    const seen = (await access.setUp(await code(), "Ada Admin"))?.token ?? "";
    const other = (await access.setUp(await code(), "Bob"))?.token ?? "";
    expect(await access.owner(seen)).toBe("Ada Admin");
    store.tokenOwner = () => Promise.reject(new StoreFailed("unreachable", "a test has cut the line"));
    expect(await access.owner(seen)).toBe("Ada Admin");
    await expect(access.owner(other)).rejects.toThrow(StoreFailed);
    store.tokenOwner = async () => undefined; // it is back, and the token is not good any more
    expect(await access.owner(seen)).toBeUndefined();
    store.tokenOwner = () => Promise.reject(new StoreFailed("unreachable", "a test has cut the line"));
    await expect(access.owner(seen)).rejects.toThrow(StoreFailed);
  });

  test("a code is good for 24 hours", async () => {
    const [early, late] = [await code(), await code()];
    time = later(NOON, 24 * 3_600_000 - 1);
    expect(await access.setUp(early, "Ada Admin")).toBeDefined();
    time = later(NOON, 24 * 3_600_000);
    expect(await access.setUp(late, "Ada Admin")).toBeUndefined();
  });

  test("what is stored is of no use to a thief", async () => {
    const once = await code();
    const { token = "" } = (await access.setUp(once, "Ada Admin")) ?? {};
    const stored = JSON.stringify([[...store.codes], [...store.tokens]]);
    expect(stored).not.toContain(token.slice("ringback_".length));
    for (const hash of store.tokens.keys()) expect(await access.owner(hash)).toBeUndefined();
  });

  test.each(["", "x", "ringback_", `ringback_${"A".repeat(43)}`])("%o is nobody's token", async (token) => {
    await access.setUp(await code(), "Ada Admin");
    expect(await access.owner(token)).toBeUndefined();
  });

  test("no two codes or tokens are the same, and each has 256 bits", async () => {
    const codes = await Promise.all(Array.from({ length: 100 }, code));
    expect(new Set(codes).size).toBe(100);
    for (const text of codes) expect(Buffer.from(text, "base64url")).toHaveLength(32);
  });

  test("set-up is open until it was done, then never by itself again", async () => {
    const once = await code();
    expect([await access.isSetUp(), await access.takesSetup()]).toEqual([false, true]);
    await access.setUp(once, "Ada Admin");
    expect([await access.isSetUp(), await access.takesSetup()]).toEqual([true, false]);
    const restarted = createAccess(store, now, randomBytes);
    expect([await restarted.isSetUp(), await restarted.takesSetup()]).toEqual([true, false]);
  });

  test("a link made later opens it again, for one person and a day: for when a token is lost", async () => {
    await access.setUp(await code(), "Ada Admin");
    const again = await code();
    expect(await access.takesSetup()).toBe(true);
    await access.setUp(again, "Grace Operator");
    expect(await access.takesSetup()).toBe(false);
    await code();
    time = later(NOON, 24 * 3_600_000);
    expect(await access.takesSetup()).toBe(false);
  });
});

test("in the real store, of fifty who redeem a code at the same time one gets a token", async () => {
  const store = openSqliteStoreInThread(":memory:");
  await store.migrate();
  try {
    const now = () => NOON;
    const access = createAccess(store, now, randomBytes);
    const code = codeOf(await access.makeSetupLink(URL_OF_CONTROLLER));
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => access.setUp(code, `Person ${i}`)));
    const tokens = results.filter((result) => result !== undefined);
    expect(tokens).toHaveLength(1);
    expect(await access.owner(tokens[0]?.token ?? "")).toMatch(/^Person \d+$/);
    expect(await access.isSetUp()).toBe(true);
  } finally {
    await store.close();
  }
});
