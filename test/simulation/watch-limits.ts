/** Watches budgets: who is in flight and who is down is counted anew, over the whole fleet, after every order. */
import { isUp } from "../../controller/fleet/condition.ts";
import type { Fleet, FleetDevice } from "../../controller/fleet/fleet.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { CountOrShare } from "../../protocol/strategy.ts";
import type { RolloutMirror } from "./rollout-mirror.ts";

/** Taken and not given back: each may be down on our account. */
const TAKEN = ["offered", "queued", "running", "silent"] as const;

/** Which limit is exceeded after orders were posted, and by how much; nothing if none is. */
export function overLimit(
  mirror: RolloutMirror,
  posted: readonly DeviceId[],
  fleet: Fleet,
): { readonly rule: string; readonly what: string } | undefined {
  const { inFlightMax, downMaxPerSite, downMaxPerRole, sites, roles } = mirror.plan.strategy.budgets;
  const inFlight = mirror.count("offered", "running");
  if (inFlight > inFlightMax) return { rule: "no more in flight than allowed", what: `${inFlight} of ${inFlightMax}` };

  // A device that is down may always be taken: only those that were up are somebody's loss.
  const wereUp = posted.flatMap((id) => fleet.get(id) ?? []).filter(({ condition }) => isUp(condition) === true);
  for (const { row } of wereUp) {
    const site = sites.find((named) => named.site === row.site)?.downMax ?? downMaxPerSite;
    const role = roles.find((named) => named.role === row.role)?.downMax ?? downMaxPerRole;
    const fault =
      tooManyDown(mirror, fleet, site, (other) => other.row.site === row.site) ??
      tooManyDown(mirror, fleet, role, (other) => other.row.role === row.role);
    if (fault !== undefined) {
      return { rule: "no more down than allowed", what: `${fault} of ${row.role} at ${row.site}` };
    }
  }
  return undefined;
}

function tooManyDown(
  mirror: RolloutMirror,
  fleet: Fleet,
  limit: CountOrShare | undefined,
  isMember: (device: FleetDevice) => boolean,
): string | undefined {
  if (limit === undefined) return undefined;
  const members = [...fleet.all()].filter(isMember);
  const isTaken = ({ row }: FleetDevice): boolean => TAKEN.some((status) => mirror.rows.get(row.id)?.status === status);
  const down = members.filter((device) => isUp(device.condition) === false || isTaken(device));
  const most = "count" in limit ? limit.count : Math.max(1, Math.floor(limit.share * members.length + 1e-9));
  return down.length > most ? `${down.length} down, ${most} allowed` : undefined;
}
