/** The list of devices and the choices for its filters, as the API shows them, from what is in memory. */
import type { z } from "zod";
import type {
  DeviceFacetQuery,
  DeviceFacets,
  DevicePage,
  DeviceQuery,
  DeviceSummary,
} from "../../protocol/api-devices.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { Instant } from "../../protocol/time.ts";
import type { DeviceQuestion } from "../fleet/device-index.ts";
import { folded } from "../fleet/device-search.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import { readCursor, writeCursor } from "./list-cursor.ts";

/** @throws Refused for a cursor of another list */
export function listDevices(
  fleet: Fleet,
  query: z.output<typeof DeviceQuery>,
  now: Instant,
): z.infer<typeof DevicePage> {
  const { cursor, limit, sort, order } = query;
  const { devices, total, before, conditions } = fleet.page(questionOf(query), {
    sort,
    descending: order === "descending",
    from: cursor === undefined ? null : readCursor(cursor, sort),
    limit,
  });
  const [first, last] = [devices[0], devices.at(-1)];
  const hasNext = before + devices.length < total;
  return {
    items: devices.map(summarise),
    next: last === undefined || !hasNext ? null : writeCursor({ side: "after", place: fleet.placeOf(last, sort) }),
    previous:
      first === undefined || before === 0 ? null : writeCursor({ side: "before", place: fleet.placeOf(first, sort) }),
    asOf: now,
    total,
    before,
    fleet: fleet.size,
    gone: fleet.gone,
    counted: fleet.counted,
    standings: standingsOf(fleet),
    conditions,
  };
}

export function listFacets(
  fleet: Fleet,
  query: z.output<typeof DeviceFacetQuery>,
  now: Instant,
): z.infer<typeof DeviceFacets> {
  const { sites, roles, content } = fleet.kinds(questionOf(query));
  const versions = content.map(({ use: { source, sha256, label }, devices }) => ({ source, sha256, label, devices }));
  return {
    sites: most(sites, ({ site }) => site, query),
    roles: most(roles, ({ role }) => role, query),
    content: most(versions, ({ source, label, sha256 }) => `${source} ${label} ${sha256}`, query),
    asOf: now,
  };
}

/** Those whose text has what is looked for, the ones with the most devices first. */
function most<Item extends { readonly devices: number }>(
  all: readonly Item[],
  textOf: (item: Item) => string,
  { find, limit }: z.output<typeof DeviceFacetQuery>,
): { items: Item[]; choices: number } {
  const part = find === undefined ? "" : folded(find);
  const found = all.filter((item) => folded(textOf(item)).includes(part));
  const items = found.toSorted((a, b) => b.devices - a.devices || (textOf(a) < textOf(b) ? -1 : 1)).slice(0, limit);
  return { items, choices: found.length };
}

function questionOf({
  connected,
  crashed,
  site,
  role,
  condition,
  source,
  sha256,
  standing,
  gone,
  search,
}: z.output<typeof DeviceFacetQuery> | z.output<typeof DeviceQuery>): DeviceQuestion {
  return {
    site,
    role,
    condition,
    source,
    sha256,
    standing,
    gone: isYes(gone),
    search,
    connected: isYes(connected),
    crashed: isYes(crashed),
  };
}

const isYes = (answer: "yes" | "no" | undefined): boolean | undefined =>
  answer === undefined ? undefined : answer === "yes";

export const standingsOf = ({ standings }: Fleet): Record<DeviceStanding, number> => ({
  pending: standings.of("pending"),
  accepted: standings.of("accepted"),
  revoked: standings.of("revoked"),
  cloned: standings.of("cloned"),
});

function summarise({ row, state, condition, connected, counts }: FleetDevice): DeviceSummary {
  const { id, name, site, role, registeredAt, standing, group, image } = row;
  const boot = state?.boot ?? null;
  return {
    id,
    name,
    site,
    role,
    condition,
    connected,
    standing,
    counts,
    group,
    image,
    registeredAt,
    lastHeardAt: state?.lastHeardAt ?? null,
    lastEnd: boot?.previousEnd ?? null,
    tries: boot?.tries ?? null,
    versions: (state?.content ?? []).map(({ source, label }) => ({ source, label })),
  };
}
