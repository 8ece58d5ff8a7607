/** AT-01: one token, many devices at once. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "../../controller/store.ts";
import { openPostgresStore } from "../../controller/storage/postgres.ts";
import { openSqliteStore } from "../../controller/storage/sqlite.ts";
import { EnrolmentToken } from "../../protocol/enrolment.ts";
import { newId } from "../../protocol/ids.ts";
import { aTokenRow, anEnrolmentRequest, TOKEN } from "../support/enrolment.ts";
import { startEnrolment } from "../support/enrolment-server.ts";
import { NOON } from "../support/fleet-builders.ts";
import { type Postgres, startPostgres, whyNoPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const DEVICES = 50;

/** The first round opens the connections to the database; from then on all of a round are there at once. */
const ROUNDS = 4;

async function fiftyAtOnce(stores: readonly Store[]): Promise<void> {
  const [one] = stores;
  if (one === undefined) throw new Error("a store is needed");
  await one.migrate();
  await using server = await startEnrolment(stores);
  for (let round = 0; round < ROUNDS; round++) {
    const token = EnrolmentToken.parse(TOKEN.slice(0, -1) + String(round));
    const id = newId("token", NOON, new Uint8Array(10).fill(round));
    await one.addEnrolmentToken(aTokenRow({ id }, token));
    const asked = Array.from({ length: DEVICES }, (_, n) => anEnrolmentRequest(round * DEVICES + n, { token }));
    const answers = await Promise.all(asked.map((request) => server.post(request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(DEVICES - 1);
    expect(await one.devicesAfter(null, 1_000)).toHaveLength(round + 1);
    const alerts = server.logged.filter((line) => line.includes("enrolment-token-used-up") && line.includes(id));
    expect(alerts).toHaveLength(DEVICES - 1);
    const said = [...server.logged, ...answers.map(({ text }) => text)].join("\n");
    expect(said).not.toContain(token.slice(4));
  }
}

describe("AT-01", () => {
  test("AT-01: of 50 devices that show a one-use token at once exactly one is enrolled, the others get 409 (SQLite)", async () => {
    await using folder = await temporaryFolder();
    const stores = [
      await openSqliteStore({ file: `${folder.path}/one.sqlite` }),
      await openSqliteStore({ file: `${folder.path}/one.sqlite` }),
    ];
    try {
      await fiftyAtOnce(stores);
    } finally {
      for (const store of stores) await store.close();
    }
  });

  const why = whyNoPostgres();
  describe.skipIf(why !== undefined)(`PostgreSQL${why === undefined ? "" : ` (not here: ${why})`}`, () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    }, 120_000);
    afterAll(() => server.stop());

    test("AT-01: of 50 devices that show a one-use token at once exactly one is enrolled, the others get 409 (PostgreSQL)", async () => {
      const stores = [await openPostgresStore({ url: server.url }), await openPostgresStore({ url: server.url })];
      try {
        await fiftyAtOnce(stores);
      } finally {
        for (const store of stores) await store.close();
      }
    });
  });

  test("AT-01: the device that was enrolled but did not hear the answer asks again and is told", async () => {
    await using folder = await temporaryFolder();
    const store = await openSqliteStore({ file: `${folder.path}/one.sqlite` });
    try {
      await store.migrate();
      await store.addEnrolmentToken(aTokenRow());
      await using server = await startEnrolment([store]);
      const first = await server.post(anEnrolmentRequest(1));
      const second = await server.post(anEnrolmentRequest(1));
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(JSON.parse(second.text)).toMatchObject({ deviceId: anEnrolmentRequest(1).claim.deviceId });
      expect((await server.post(anEnrolmentRequest(2))).status).toBe(409);
    } finally {
      await store.close();
    }
  });
});
