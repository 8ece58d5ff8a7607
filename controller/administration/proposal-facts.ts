/** What a proposal is made of, gathered from the fleet and the rollouts in memory: one look at each device. */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { DeviceId, RolloutId } from "../../protocol/ids.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import { answersOf } from "../fleet/answers.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import type { ProposalDevice, ProposalIncident } from "../incidents/proposal/facts.ts";
import type { Orchestrator } from "../orchestrator/orchestrator.ts";
import { mayStillTake } from "../rollout/may-still-take.ts";

/** What is under suspicion alone is not taken back: that would be guessing. */
export function proposalIncident(view: IncidentView, fleet: Fleet): ProposalIncident {
  const { id, title, counts, declaredAt } = view;
  const versions = view.versions
    .filter(({ verdict }) => verdict !== "suspect")
    .map(({ source, sha256, label }) => {
      const use = fleet.content.find(source, sha256);
      return { source, sha256, label, path: use?.path ?? null, firstSeenAt: use?.firstSeenAt ?? null };
    });
  return { id, title, versions, counts, openedAt: declaredAt };
}

export function* proposalDevices(
  { fleet }: Orchestrator,
  { versions }: ProposalIncident,
  open: ReadonlyMap<DeviceId, RolloutId>,
  now: Instant,
): Generator<ProposalDevice> {
  // Devices with the same contents share the list of them: each list is looked at once.
  const known = new Map<readonly unknown[], boolean>();
  const runs = (content: NonNullable<FleetDevice["state"]>["content"]): boolean => {
    let found = known.get(content);
    if (found === undefined) {
      found = content.some((on) => versions.some(({ source, sha256 }) => on.source === source && on.sha256 === sha256));
      known.set(content, found);
    }
    return found;
  };
  for (const device of fleet.all()) {
    const { row, state, condition, connected } = device;
    const { id, name, site, role } = row;
    yield {
      id,
      name,
      site,
      role,
      model: modelOf(state),
      condition,
      connected,
      answers: answersOf(device, now),
      lastHeardAt: state?.lastHeardAt ?? null,
      runs: state !== null && runs(state.content),
      barred: barredBy(device),
      inRollout: open.get(id) ?? null,
      minor: state?.minor ?? null,
    };
  }
}

/** Machines of one model share firmware and drivers, and so the ways in which a cure can fail. */
function modelOf(state: FleetDevice["state"]): string | null {
  const { maker = null, model = null } = state?.boot?.machine ?? {};
  return model === null ? null : [maker, model].filter((part) => part !== null).join(" ");
}

function barredBy({ counts, row: { standing } }: FleetDevice): ProposalDevice["barred"] {
  if (counts) return null;
  return standing === "accepted" ? "of-an-image" : standing;
}

const OPEN: ReadonlySet<DeviceStatus> = new Set(["waiting", "offered", "queued", "running"]);

/** Devices of which a rollout may still order something. */
export function openDevices(orchestrator: Orchestrator, now: Instant): ReadonlyMap<DeviceId, RolloutId> {
  const open = new Map<DeviceId, RolloutId>();
  for (const rollout of orchestrator.newestFirst()) {
    if (!mayStillTake(rollout.state, now) && rollout.state.phase !== "paused") continue;
    for (const { device, status } of rollout.allRows()) if (OPEN.has(status)) open.set(device, rollout.row.id);
  }
  return open;
}
