/** Lists of devices: whatever happens to the fleet, they say what a walk over all devices would. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCrashed } from "../../controller/fleet/condition.ts";
import type { DeviceQuestion, PageWish } from "../../controller/fleet/device-index.ts";
import { Fleet, type FleetDevice, type FleetPage } from "../../controller/fleet/fleet.ts";
import type { DeviceSort } from "../../controller/fleet/slot-order.ts";
import type { Change } from "../../controller/store/feed.ts";
import { Condition } from "../../protocol/api.ts";
import type { BootEnd } from "../../protocol/boot.ts";
import type { ContentVersion } from "../../protocol/content.ts";
import { Role, Site } from "../../protocol/names.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { ACCEPTED, aBoot, aHealthyBoot, aVersion, device, NOON, stream } from "../support/fleet-builders.ts";

const SILENT_AFTER_MS = 600_000;
const MINUTE = 60_000;
const NAMES = ["PC-1", "pc-1", "Ward 3", "wArd 30", "Ä-PC", "ä-pc 2", "a\u0308-pc 2", "x"] as const;
const SITES = ["North", "South", "East"].map((site) => Site.parse(site));
const ROLES = ["workstation", "till"].map((role) => Role.parse(role));
const CRASH = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } } satisfies BootEnd;

/** The same contents under two names, which is one version. */
const twice = (n: number): ContentVersion[] => [
  aVersion(n),
  { ...aVersion(n), path: WindowsPath.parse(String.raw`C:\Windows\Temp\copy.sys`) },
];

type Happening =
  | { readonly kind: "registers"; readonly name: string; readonly site: Site; readonly role: Role }
  | { readonly kind: "says"; readonly body: Change["body"] }
  | { readonly kind: "time passes"; readonly ms: number };

const happenings = fc.oneof(
  fc.record({
    kind: fc.constant("registers" as const),
    name: fc.constantFrom(...NAMES),
    site: fc.constantFrom(...SITES),
    role: fc.constantFrom(...ROLES),
  }),
  fc
    .oneof(
      fc.constantFrom<Change["body"][]>(
        { kind: "connected" },
        { kind: "dropped" },
        { kind: "leaving", reason: "shutdown" },
        { kind: "boot-healthy", healthy: aHealthyBoot() },
      ),
      fc
        .record({ tries: fc.integer({ min: 1, max: 3 }), bad: fc.boolean(), versions: fc.shuffledSubarray([1, 2, 3]) })
        .map(({ tries, bad, versions }) => ({
          kind: "boot-began" as const,
          boot: aBoot({ tries, previousEnd: bad ? CRASH : { kind: "clean" }, content: versions.flatMap(twice) }),
        })),
      fc
        .record({
          change: fc.constantFrom("appeared" as const, "disappeared" as const),
          n: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ change, n }) => ({
          kind: "content-changed" as const,
          entry: { change, noticedAt: NOON, version: aVersion(n) },
        })),
    )
    .map((body) => ({ kind: "says" as const, body })),
  fc.record({ kind: fc.constant("time passes" as const), ms: fc.integer({ min: 0, max: SILENT_AFTER_MS * 2 }) }),
);

/** Seldom: with every filter set nothing would match. */
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: value, weight: 1 });

const questions: fc.Arbitrary<DeviceQuestion> = fc.record({
  site: maybe(fc.constantFrom(...SITES, Site.parse("Nowhere"))),
  role: maybe(fc.constantFrom(...ROLES)),
  condition: maybe(fc.constantFrom(...Condition.options)),
  connected: maybe(fc.boolean()),
  crashed: maybe(fc.boolean()),
  source: maybe(fc.constantFrom(aVersion(1).source, "nobodys.source" as never)),
  sha256: maybe(fc.constantFrom(aVersion(1).sha256, aVersion(2).sha256)),
  search: maybe(fc.constantFrom("pc", "PC-1", "ward 3", "Ä", "a\u0308-", "zzz", device(3).slice(-6), device(2))),
});

const orders = fc.record({
  sort: fc.constantFrom<DeviceSort[]>("name", "last-heard", "id"),
  descending: fc.boolean(),
  limit: fc.integer({ min: 1, max: 4 }),
});

interface World {
  readonly fleet: Fleet;
  now: Instant;
}

function happens(world: World, n: number, happening: Happening): void {
  const { fleet } = world;
  switch (happening.kind) {
    case "registers": {
      const { name, site, role } = happening;
      fleet.put(
        { id: device(n), publicKey: "", name, site, role, registeredAt: NOON, ...ACCEPTED, state: null },
        world.now,
      );
      return;
    }
    case "says":
      fleet.apply(
        { stream: stream(1), sequence: 1, at: world.now, deviceId: device(n), body: happening.body },
        () => true,
      );
      return;
    case "time passes":
      world.now = later(world.now, happening.ms);
      fleet.sweep(world.now);
  }
}

// ---- the walk over all devices -------------------------------------------------------------------------------------

const folded = (text: string): string => text.normalize("NFC").toLowerCase();

function fits({ row, state, connected }: FleetDevice, question: DeviceQuestion): boolean {
  const { site, role, source, sha256, search = "" } = question;
  const part = folded(search);
  return (
    (site ?? row.site) === row.site &&
    (role ?? row.role) === row.role &&
    (question.connected ?? connected) === connected &&
    (question.crashed ?? hasCrashed(state)) === hasCrashed(state) &&
    ((source === undefined && sha256 === undefined) ||
      (state?.content ?? []).some(
        (version) => (source ?? version.source) === version.source && (sha256 ?? version.sha256) === version.sha256,
      )) &&
    (folded(row.name).includes(part) || (part.length >= 6 && row.id.includes(part)))
  );
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

function inOrder(devices: readonly FleetDevice[], { sort, descending }: Pick<PageWish, "sort" | "descending">) {
  const key = ({ row, state }: FleetDevice): string | number =>
    sort === "name" ? folded(row.name) : sort === "id" ? row.id : (state?.lastHeardAt ?? 0);
  const sorted = devices.toSorted((a, b) => compare(key(a), key(b)) || compare(a.row.id, b.row.id));
  return descending ? sorted.toReversed() : sorted;
}

const idsOf = (devices: readonly FleetDevice[]) => devices.map(({ row }) => row.id);

// ---- the properties ------------------------------------------------------------------------------------------------

/** Most devices are there from the start. */
const histories = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), happenings), { maxLength: 80 }).map((history) => [
  ...[4, 1, 2, 7, 5, 3].map((n): [number, Happening] => [
    n,
    { kind: "registers", name: NAMES[n] ?? "x", site: SITES[n % 3] as Site, role: ROLES[n % 2] as Role }, // 3 and 2 of them
  ]),
  ...history,
]);

/** All pages one after the other, without the empty one that a list of no device is. */
function pagesOf(fleet: Fleet, question: DeviceQuestion, order: Omit<PageWish, "from">): FleetPage[] {
  const pages: FleetPage[] = [];
  let from: PageWish["from"] = null;
  for (;;) {
    const page = fleet.page(question, { ...order, from });
    const last = page.devices.at(-1);
    if (last === undefined) return pages;
    pages.push(page);
    from = { side: "after", place: fleet.placeOf(last, order.sort) };
  }
}

test("page, total and counts are what a walk over all devices gives, after every history", () => {
  fc.assert(
    fc.property(histories, fc.array(fc.tuple(questions, orders), { minLength: 1, maxLength: 6 }), (history, asked) => {
      const world: World = { fleet: new Fleet({ silentAfterMs: SILENT_AFTER_MS }), now: NOON };
      const { fleet } = world;
      for (const [i, [n, happening]] of history.entries()) {
        happens(world, n, happening);
        const [question, order] = asked[i % asked.length] ?? [{}, undefined]; // searches are asked again and again
        if (order !== undefined) fleet.page(question, { ...order, from: null });
      }
      const all = [...fleet.all()];
      for (const [question, order] of asked) {
        const others = all.filter((each) => fits(each, question));
        const matching = others.filter(({ condition }) => (question.condition ?? condition) === condition);
        const expected = inOrder(matching, order);
        const pages = pagesOf(fleet, question, order);
        expect(pages.flatMap(({ devices }) => idsOf(devices))).toEqual(idsOf(expected));
        for (const [i, { devices, before, total, conditions }] of pages.entries()) {
          expect([devices.length <= order.limit, before, total]).toEqual([true, i * order.limit, expected.length]);
          for (const condition of Condition.options) {
            expect(conditions[condition]).toBe(others.filter((each) => each.condition === condition).length);
          }
          const place = fleet.placeOf(devices[0] as FleetDevice, order.sort); // none of them is empty
          expect(fleet.page(question, { ...order, from: { side: "before", place } })).toEqual(pages[i - 1] ?? pages[0]);
        }
      }
    }),
  );
});

test("each kind is counted with all filters but its own", () => {
  fc.assert(
    fc.property(histories, questions, (history, question) => {
      const world: World = { fleet: new Fleet({ silentAfterMs: SILENT_AFTER_MS }), now: NOON };
      for (const [n, happening] of history) happens(world, n, happening);
      const all = [...world.fleet.all()];
      const left = (without: DeviceQuestion): FleetDevice[] => {
        const rest = { ...question, ...without };
        return all.filter((each) => fits(each, rest) && (rest.condition ?? each.condition) === each.condition);
      };
      for (const { sha256, devices, crashed } of world.fleet.content.list()) {
        const holders = all.filter(({ state }) => state?.content.some((version) => version.sha256 === sha256));
        expect(devices).toBe(holders.length);
        expect(crashed).toBe(holders.filter(({ state }) => hasCrashed(state)).length);
      }
      const { sites, roles, content } = world.fleet.kinds(question);
      const tally = (values: readonly string[]): Record<string, number> =>
        Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, { length }]) => [value, length]));
      const counted = (pairs: readonly (readonly [string, number])[]): Record<string, number> =>
        Object.fromEntries(pairs);
      expect(counted(sites.map(({ site, devices }) => [site, devices]))).toEqual(
        tally(left({ site: undefined }).map(({ row }) => row.site)),
      );
      expect(counted(roles.map(({ role, devices }) => [role, devices]))).toEqual(
        tally(left({ role: undefined }).map(({ row }) => row.role)),
      );
      expect(counted(content.map(({ use, devices }) => [use.sha256, devices]))).toEqual(
        tally(
          left({ source: undefined, sha256: undefined }).flatMap(({ state }) => [
            ...new Set((state?.content ?? []).map(({ sha256 }) => sha256)),
          ]),
        ),
      );
    }),
  );
});

test("walking the pages while devices come, go and are renamed shows each that stays once", () => {
  const settled = fc.constantFrom<DeviceSort[]>("name", "id");
  const comers = fc.array(fc.record({ n: fc.integer({ min: 1, max: 40 }), name: fc.constantFrom(...NAMES) }), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(settled, fc.boolean(), fc.integer({ min: 1, max: 5 }), comers, (sort, descending, limit, coming) => {
      const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
      const register = (n: number, name: string): void => {
        const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
        fleet.put(
          { id: device(n), publicKey: "", name, site, role, registeredAt: NOON, ...ACCEPTED, state: null },
          NOON,
        );
      };
      const stays = Array.from({ length: 20 }, (_, i) => 2 * i); // even numbers
      for (const n of stays) register(n, NAMES[n % NAMES.length] ?? "x");
      const seen: string[] = [];
      let from: PageWish["from"] = null;
      for (;;) {
        const { devices } = fleet.page({}, { sort, descending, from, limit });
        seen.push(...idsOf(devices));
        const last = devices.at(-1);
        if (last === undefined) break;
        from = { side: "after", place: fleet.placeOf(last, sort) };
        const next = coming[seen.length % coming.length];
        if (next !== undefined) register(2 * next.n + 1, next.name); // odd numbers come, and are renamed
      }
      expect(new Set(seen.filter((id) => stays.some((n) => device(n) === id))).size).toBe(stays.length);
      for (const n of stays) expect(seen.filter((id) => id === device(n))).toHaveLength(1);
    }),
  );
});

test("the page before one that begins near the top is the first page, not a short one", () => {
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
  for (const n of [1, 2, 3, 4, 5])
    fleet.put(
      { id: device(n), publicKey: "", name: `pc-${n}`, site, role, registeredAt: NOON, ...ACCEPTED, state: null },
      NOON,
    );
  const place = { sort: "id", id: device(3) } as const;
  const page = fleet.page({}, { sort: "id", descending: false, from: { side: "before", place }, limit: 4 });
  expect(idsOf(page.devices)).toEqual([1, 2, 3, 4].map(device));
  expect(page.before).toBe(0);
});

describe("searching", () => {
  const fleetOf = (...names: string[]): Fleet => {
    const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
    const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
    for (const [i, name] of names.entries())
      fleet.put(
        { id: device(i + 1), publicKey: "", name, site, role, registeredAt: NOON, ...ACCEPTED, state: null },
        NOON,
      );
    return fleet;
  };
  const namesOf = (fleet: Fleet, search: string): string[] =>
    fleet
      .page({ search }, { sort: "id", descending: false, from: null, limit: 100_000 })
      .devices.map(({ row }) => row.name);

  test("finds a part of a name in any case and either form of an accent", () => {
    const fleet = fleetOf("Zoë-PC", "zoe-pc", "ZOE\u0308-PC 2");
    expect(namesOf(fleet, "zoë")).toEqual(["Zoë-PC", "ZOE\u0308-PC 2"]);
    expect(namesOf(fleet, "PC 2")).toEqual(["ZOE\u0308-PC 2"]);
  });

  test("a part of an id counts from six characters on, so that a word is not found in ids by chance", () => {
    const fleet = fleetOf("a", "b");
    expect(namesOf(fleet, device(2))).toEqual(["b"]);
    expect(namesOf(fleet, device(2).slice(-6))).toEqual(["b"]);
    expect(namesOf(fleet, device(2).slice(-5))).toEqual([]);
  });

  test("finds each of thousands of names, the first and the last included", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `pc-${i}`);
    const fleet = fleetOf(...names);
    for (const search of ["pc-", "99", "pc-0", "pc-9999", "-4095", "-4096"])
      expect(namesOf(fleet, search)).toEqual(names.filter((name) => name.includes(search)));
  });
});

test("a fleet that is registered in any order is listed by name", () => {
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
  const numbers = Array.from({ length: 20_000 }, (_, i) => (i * 7_919) % 20_000); // each once, in disorder
  for (const n of numbers) {
    const name = `pc-${String(n).padStart(5, "0")}`;
    fleet.put({ id: device(n), publicKey: "", name, site, role, registeredAt: NOON, ...ACCEPTED, state: null }, NOON);
  }
  const { devices } = fleet.page({}, { sort: "name", descending: false, from: null, limit: 20_000 });
  expect(devices.map(({ row }) => row.name)).toEqual(numbers.map((n) => `pc-${String(n).padStart(5, "0")}`).toSorted());
  expect(fleet.page({}, { sort: "name", descending: true, from: null, limit: 1 }).devices[0]?.row.name).toBe(
    "pc-19999",
  );
});

test.each([false, true])("thousands are listed by when they were heard, descending %s", (descending) => {
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
  for (let n = 0; n < 5_000; n++) {
    fleet.put(
      { id: device(n), publicKey: "", name: "pc", site, role, registeredAt: NOON, ...ACCEPTED, state: null },
      NOON,
    );
    const at = later(NOON, ((n * 7_919) % 5_000) >> 2); // four at a time
    fleet.apply({ stream: stream(1), sequence: 1, at, deviceId: device(n), body: { kind: "connected" } }, () => true);
  }
  const order = { sort: "last-heard", descending, limit: 700 } as const;
  const listed = pagesOf(fleet, {}, order).flatMap(({ devices }) => idsOf(devices));
  expect(listed).toEqual(idsOf(inOrder([...fleet.all()], order)));
});

test("those not heard for longest come first, the never heard before them", () => {
  const fleet = new Fleet({ silentAfterMs: SILENT_AFTER_MS });
  const [site, role] = [SITES[0] as Site, ROLES[0] as Role]; // both lists have one
  for (const n of [1, 2, 3])
    fleet.put(
      { id: device(n), publicKey: "", name: `pc-${n}`, site, role, registeredAt: NOON, ...ACCEPTED, state: null },
      NOON,
    );
  for (const [n, minutes] of [
    [1, 5],
    [3, 2],
  ] as const) {
    const at = later(NOON, minutes * MINUTE);
    fleet.apply({ stream: stream(1), sequence: 1, at, deviceId: device(n), body: { kind: "connected" } }, () => true);
  }
  const { devices } = fleet.page({}, { sort: "last-heard", descending: false, from: null, limit: 10 });
  expect(devices.map(({ row }) => row.name)).toEqual(["pc-2", "pc-3", "pc-1"]);
});
