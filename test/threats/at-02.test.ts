/** AT-02: tokens that are not good are all answered alike, cost the same work, and leave nothing behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import { callOn, storeFrom } from "../../controller/storage/store-methods.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import { EnrolmentToken } from "../../protocol/enrolment.ts";
import { aTokenRow, anEnrolmentRequest, TOKEN } from "../support/enrolment.ts";
import { type EnrolmentServer, startEnrolment } from "../support/enrolment-server.ts";
import { NOON } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";

const token = (letter: string): EnrolmentToken => EnrolmentToken.parse(`rbe_${letter.repeat(32)}`);
const [EXPIRED, REVOKED, UNKNOWN] = [token("1"), token("2"), token("3")];

const CASES = [
  ["an unknown token", anEnrolmentRequest(1, { token: UNKNOWN })],
  ["an expired token", anEnrolmentRequest(2, { token: EXPIRED })],
  ["a revoked token", anEnrolmentRequest(3, { token: REVOKED })],
  ["a token of another group", anEnrolmentRequest(4, { group: "servers" })],
  ["a token that is for no image", anEnrolmentRequest(5, { image: "vdi-1" })],
  ["a good token, and another's key", anEnrolmentRequest(6, {}, aKey("a thief"))],
] as const;

describe("AT-02", () => {
  let store: Store;
  let server: EnrolmentServer;
  let asked: string[] = [];

  beforeAll(async () => {
    store = openSqliteStoreInThread(":memory:");
    await store.migrate();
    await store.addEnrolmentToken(aTokenRow({ usesMax: 100 }));
    const other = (letter: number) => ({ id: aTokenRow().id.replace(/.$/, String(letter)) as never });
    await store.addEnrolmentToken(aTokenRow({ ...other(1), expiresAt: NOON }, EXPIRED));
    await store.addEnrolmentToken(aTokenRow({ ...other(2), revokedAt: NOON, revokedBy: "Ada" }, REVOKED));
    const call = callOn(store);
    const watchedStore = storeFrom(async (method, args) => {
      asked.push(method);
      return call(method, args);
    });
    server = await startEnrolment([watchedStore], { refusalsPerMinuteMax: 1_000 });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await store.close();
  });

  test.each(CASES)("AT-02: %s is refused in the same words, and nothing is stored", async (_what, request) => {
    asked = [];
    const { status, text } = await server.post(request);
    const reference = await server.post(CASES[0][1]);
    expect([status, text]).toEqual([401, reference.text]);
    expect(reference.status).toBe(401);
    expect(await store.devicesAfter(null, 10)).toEqual([]);
    // The same class of work: one look at the record before anything is said, and no write.
    expect(asked[0]).toBe("enrolmentToken");
  });

  test("AT-02: a binding that is not so is told apart without a look at the token, good or not", async () => {
    asked = [];
    const [good, unknown] = [{}, { token: UNKNOWN }].map((over) =>
      anEnrolmentRequest(7, { binding: "direct", ...over }),
    );
    const { status, text } = await server.post(good);
    expect({ status, text }).toEqual({ status: 401, text: expect.stringContaining("--binding front") as string });
    expect((await server.post(unknown)).text).toBe(text);
    expect(asked).toEqual([]);
  });

  test("AT-02: the log says why, under the device's id, and never the token", () => {
    const said = server.logged.join("\n");
    for (const because of ["not known", "has expired", "is revoked", "another group", "not signed by the key"])
      expect(said).toContain(because);
    for (const secret of [TOKEN, EXPIRED, REVOKED, UNKNOWN]) expect(said).not.toContain(secret.slice(4));
  });

  test("AT-02: whoever goes on guessing is slowed down", async () => {
    await using slow = await startEnrolment([store], { refusalsPerMinuteMax: 5 });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) statuses.push((await slow.post(anEnrolmentRequest(1, { token: UNKNOWN }))).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  });

  test("a good token works beside them", async () => {
    expect((await server.post(anEnrolmentRequest(8))).status).toBe(200);
  });
});
