/** The list of devices over the API of a whole controller: what a filter leaves, what is counted, how pages follow. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../controller/cli/client.ts";
import { ApiProblem } from "../../controller/cli/errors.ts";
import { DeviceFacets, type DeviceQuery } from "../../protocol/api-devices.ts";
import type { z } from "zod";
import { FAULTY, Hospital } from "../support/hospital.ts";

let hospital: Hospital;
let client: ApiClient;
beforeAll(async () => {
  hospital = await Hospital.open({ consoleFolder: join(tmpdir(), "ringback-no-console") });
  client = new ApiClient({ url: hospital.url, token: await hospital.setUp() });
  for (const name of ["Ward 2", "ward 1", "Ward 10"]) await hospital.healthyMachine(name);
  const till = await hospital.machine("Till 1", "Oak Road", "till");
  await till.connects();
  await till.isInBootLoop();
  (await hospital.healthyMachine("Till 2", [FAULTY])).vanishes();
  await hospital.machine("new one", "Oak Road");
});
afterAll(() => hospital.close());

const names = async (query: z.input<typeof DeviceQuery>): Promise<string[]> =>
  (await client.devices(query)).items.map(({ name }) => name);
const site = "Oak Road";

describe("what a filter leaves", () => {
  test.each<[z.input<typeof DeviceQuery>, string[]]>([
    [{}, ["new one", "Till 1", "Till 2", "ward 1", "Ward 10", "Ward 2"]],
    [{ order: "descending", limit: 2 }, ["Ward 2", "Ward 10"]],
    [{ site }, ["new one", "Till 1"]],
    [{ role: "till" }, ["Till 1"]],
    [{ condition: "boot-loop" }, ["Till 1"]],
    [{ crashed: "yes" }, ["Till 1"]],
    [{ condition: "unknown", connected: "no" }, ["new one"]],
    [{ source: FAULTY.source, sha256: FAULTY.sha256 }, ["Till 1", "Till 2"]],
    [{ source: "nobodys.source" }, []],
    [{ search: "WARD 1" }, ["ward 1", "Ward 10"]],
    [{ search: "till", site, condition: "healthy" }, []],
  ])("%j", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test("a device that has gone is found under no", async () => {
    await expect.poll(() => names({ connected: "no", search: "till" }), { timeout: 20_000 }).toEqual(["Till 2"]);
  });

  test("a device is found by its id", async () => {
    const [first] = (await client.devices({ search: "till 1" })).items;
    expect(await names({ search: first?.id.slice(-8) ?? "" })).toEqual(["Till 1"]);
  });
});

test("an item says what a list shows, and no more", async () => {
  const [till] = (await client.devices({ search: "Till 1" })).items;
  expect(till).toMatchObject({
    site,
    role: "till",
    condition: "boot-loop",
    connected: true,
    tries: 3,
    lastEnd: { kind: "bugcheck", bugcheck: { code: "50" } },
    versions: [{ source: FAULTY.source, label: FAULTY.label }],
  });
});

test("says how many match, how many there are, and how many each condition would leave", async () => {
  const page = await client.devices({ site, condition: "boot-loop" });
  expect(page).toMatchObject({ total: 1, fleet: 6, before: 0, next: null, previous: null });
  expect(page.conditions).toMatchObject({ "boot-loop": 1, unknown: 1, healthy: 0 });
});

test.each(["name", "id", "last-heard"] as const)("pages by %s follow one another, there and back", async (sort) => {
  const all = await names({ sort });
  const first = await client.devices({ sort, limit: 4 });
  const second = await client.devices({ sort, limit: 4, cursor: first.next ?? "" });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(all);
  expect([first.previous, second.next, second.before]).toEqual([null, null, 4]);
  const back = await client.devices({ sort, limit: 4, cursor: second.previous ?? "" });
  expect(back.items).toEqual(first.items);
});

test("a cursor is good for a device that was renamed meanwhile", async () => {
  const machine = await hospital.machine("aaa");
  const { next } = await client.devices({ limit: 1 });
  await hospital.rename(machine, "zzz");
  expect((await client.devices({ limit: 1, cursor: next ?? "" })).items[0]?.name).toBe("new one");
});

test.each([
  ["no-cursor", "name"],
  ["after.name.dev_1.x", "name"],
  ["after.id.dev_01jd9gk8g00000000000000000", "name"],
  ["after.id.dev_01jd9gk8g00000000000000000.more", "id"],
  ["after.last-heard.dev_01jd9gk8g00000000000000000.soon", "last-heard"],
  ["after.last-heard.dev_01jd9gk8g00000000000000000.9999999999999999", "last-heard"],
] as const)("the cursor %s is refused in a list by %s", async (cursor, sort) => {
  const refusal: unknown = await client.devices({ cursor, sort }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApiProblem);
  expect(refusal).toMatchObject({ code: "invalid-request", status: 400, faults: [{ path: "cursor" }] });
});

describe("choices for the filters", () => {
  const facets = async (query: string): Promise<z.infer<typeof DeviceFacets>> =>
    DeviceFacets.parse(await hospital.call(`/devices/facets?${query}`));

  test("say how many devices each would leave, with the other filters as they are", async () => {
    const { sites, roles, content } = await facets("condition=boot-loop&site=Elm+Street");
    expect(sites).toEqual({ items: [{ site, devices: 1 }], choices: 1 });
    expect([roles.choices, content.choices]).toEqual([0, 0]);
  });

  test("are searched, and bounded, those with the most devices first", async () => {
    expect((await facets("find=OAK")).sites.items).toEqual([{ site, devices: 2 }]);
    const { sites, content } = await facets("limit=1");
    expect(sites).toMatchObject({ items: [{ site: "Elm Street" }], choices: 2 });
    expect(content.choices).toBe(2);
    const { source, sha256, label } = FAULTY;
    expect((await facets(`find=${sha256}`)).content.items).toEqual([{ source, sha256, label, devices: 2 }]);
  });
});
