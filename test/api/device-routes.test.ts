/** What the API tells of one device, in front of the controller as it is shipped. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../controller/cli/client.ts";
import { ApiProblem } from "../../controller/cli/errors.ts";
import { DeviceId } from "../../protocol/ids.ts";
import { aBootLoop } from "../support/device-stories.ts";
import { Hospital } from "../support/hospital.ts";

let hospital: Hospital;
let client: ApiClient;
beforeAll(async () => {
  hospital = await Hospital.open({ consoleFolder: join(tmpdir(), "ringback-no-console") });
  client = new ApiClient({ url: hospital.url, token: await hospital.setUp() });
});
afterAll(() => hospital.close());

const refusalOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiProblem ? error.code : error),
  );

test("tells a device's boots, reports and orders, and refuses what it does not have", async () => {
  const machine = await aBootLoop(hospital, "LOOP-1");
  const id = machine.identity.deviceId;
  const { items } = await client.deviceBoots(id, { limit: 3 });
  expect(items.map(({ kind, ending }) => [kind, ending === null ? null : ending.by])).toEqual([
    ["reported", null],
    ["reported", "event-log"],
    ["logged", "event-log"],
  ]);
  expect(items[0]).toMatchObject({ boot: { evidence: { startupRepair: { sessions: 2 } } } });
  const first = await client.deviceReports(id, { limit: 5 });
  const second = await client.deviceReports(id, { limit: 5, cursor: first.next ?? "" });
  expect([...first.items, ...second.items].map(({ sequence }) => sequence)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await client.deviceOrders(id)).toMatchObject({ items: [], next: null });
  const nobody = DeviceId.parse(id.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
  for (const asked of [client.deviceBoots(nobody), client.deviceReports(nobody), client.deviceOrders(nobody)])
    expect(await refusalOf(asked)).toBe("not-found");
  for (const asked of [
    client.deviceBoots(id, { cursor: "x" }),
    client.deviceReports(id, { cursor: id }),
    client.deviceOrders(id, { cursor: "-1" }),
    client.deviceBoots(id, { limit: 201 }),
    client.deviceReports(id, { kind: "nothing" as never }),
  ])
    expect(await refusalOf(asked)).toBe("invalid-request");
});
