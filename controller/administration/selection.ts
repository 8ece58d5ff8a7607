/** Which devices a selector means, with the groups as they are now. Made for one request, from what the store holds. */
import type { Group } from "../../protocol/api.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { GroupName } from "../../protocol/names.ts";
import { matches, type Selectable, type Selector } from "../../protocol/selector.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import { Refused } from "../ports/refused.ts";

export class Selection {
  private readonly fleet: Fleet;
  private readonly groups: ReadonlyMap<GroupName, Selector>;

  constructor(fleet: Fleet, groups: readonly Group[]) {
    this.fleet = fleet;
    this.groups = new Map(groups.map(({ name, selector }) => [name, selector]));
  }

  /** Groups whose selector names this one. */
  whoNames(group: GroupName): readonly GroupName[] {
    return [...this.groups].filter(([, selector]) => namedIn(selector).includes(group)).map(([name]) => name);
  }

  /** @throws Refused if the selector names a group that is not there: it would silently mean fewer devices. */
  check(selector: Selector, path: string): void {
    const missing = namedIn(selector).filter((name) => !this.groups.has(name) && this.fleet.groups.of(name) === 0);
    if (missing.length === 0) return;
    throw new Refused(
      "invalid-request",
      `The selector names groups that do not exist: ${missing.join(", ")}. Make them first, or correct the names.`,
      missing.map((name) => ({ path: `${path}.groups`, message: `no group "${name}"` })),
    );
  }

  /** Of those that count: what is not accepted is in no plan, and of an image there is one. */
  select(selector: Selector): FleetDevice[] {
    return [...this.fleet.all()].filter((device) => device.counts && matches(selector, this.selectable(device)));
  }

  selectable({ row, condition, state }: FleetDevice, seen: ReadonlySet<GroupName> = new Set()): Selectable {
    return {
      id: row.id,
      site: row.site,
      role: row.role,
      isIn: (group) => this.isInGroup(group, row.id, seen),
      runs: (source, sha256) => this.fleet.runs(row.id, source, sha256),
      isSilentSince: (since) =>
        (condition === "silent" || condition === "unknown") && state !== null && state.lastHeardAt >= since,
    };
  }

  /** Those that enrolled for it, and those its selector means. A group may name groups; one that leads back to itself holds nothing more by that. */
  private isInGroup(group: GroupName, id: DeviceId, seen: ReadonlySet<GroupName>): boolean {
    const selector = this.groups.get(group);
    const device = this.fleet.get(id);
    if (device?.row.group === group) return true;
    if (selector === undefined || device === undefined || seen.has(group)) return false;
    return matches(selector, this.selectable(device, new Set([...seen, group])));
  }
}

const namedIn = (selector: Selector): readonly GroupName[] => [
  ...("groups" in selector ? (selector.groups ?? []) : []),
  ...(selector.except?.groups ?? []),
  ...(selector.exceptAny ?? []).flatMap(({ groups }) => groups ?? []),
];
