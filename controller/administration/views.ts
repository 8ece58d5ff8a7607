/** What people see of the fleet and of rollouts: shapes of the API, made from what is in memory. Pure. */
import type {
  ContentVersionView,
  DeviceView,
  IncidentCrashView,
  PlanView,
  RolloutDeviceView,
  RolloutView,
} from "../../protocol/api.ts";
import type { BootEvidence } from "../../protocol/boot.ts";
import { payloadDigest, peek } from "../../protocol/dsse.ts";
import type { Site } from "../../protocol/names.ts";
import { kindOf, PlanStatement } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import type { z } from "zod";
import { becauseOf } from "../fleet/because.ts";
import type { ContentUse } from "../fleet/content-index.ts";
import type { Fleet, FleetDevice } from "../fleet/fleet.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { DeviceRow } from "../store/devices.ts";
import type { IncidentCrash } from "../store/incidents.ts";
import type { PlanRow } from "../store/plans.ts";
import type { RolloutDeviceRow } from "../store/rollouts.ts";
import { countsOf, decide, gateOf, phaseOf, waveStateOf } from "../rollout/engine.ts";
import { approvalOf, viewApproval } from "./approvals.ts";
import { approvalsNeeded } from "./statement.ts";
import type { LiveRollout } from "../orchestrator/live-rollout.ts";

/**
 * @param stored the fleet in memory keeps less of it
 * @param evidence of its last boot, for who looked it up: the reason then names the driver that crash dumps point at
 */
export function viewDevice(device: FleetDevice, stored: DeviceRow, evidence?: BootEvidence): DeviceView {
  const { row, condition, connected, counts } = device;
  const { id, name, site, role, registeredAt, group, image } = row;
  const { standing, standingSince, standingBecause, binding, state } = stored;
  return {
    id,
    name,
    site,
    role,
    condition,
    because: becauseOf(device, evidence),
    connected,
    standing,
    standingSince,
    standingBecause,
    standingAdvice: standingAdvice(device),
    counts,
    binding,
    group,
    image,
    registeredAt,
    lastHeardAt: state?.lastHeardAt ?? null,
    trust: state?.trust ?? null,
    content: [...(state?.content ?? [])],
    lastBoot: state?.boot ?? null,
    lastHealthy: state?.healthy ?? null,
    lastEnd: state?.boot?.previousEnd ?? null,
  };
}

/** Why a device does not count, and what to do; null for one that counts. */
function standingAdvice({ row: { id, standing, image }, counts, gone }: FleetDevice): string | null {
  if (gone)
    return `It is a machine of the image ${image ?? ""} and was not heard for more than a day: it is taken for thrown away, and is in no count, list or plan until it is heard again.`;
  switch (standing) {
    case "pending":
      return `It waits to be accepted: it reports, but counts nowhere and is in no plan. If you know this machine: ringback devices accept ${id}; if not: ringback devices revoke ${id}.`;
    case "revoked":
      return `It is revoked: it is not let in and counts nowhere. If that was a mistake: ringback devices accept ${id}.`;
    case "cloned":
      return `Two machines live with this identity, so neither can be believed and no plan is made for it. Run "agent seal" on the copy, let it enrol with a token of its own, then: ringback devices accept ${id}.`;
    case "accepted":
      return counts
        ? null
        : `Another device stands for the image ${image ?? ""}: all machines of an image have one vote, that of the one heard last.`;
  }
}

export function viewContent({
  source,
  sha256,
  label,
  path,
  firstSeenAt,
  devices,
  crashed,
}: ContentUse): z.infer<typeof ContentVersionView> {
  return { source, sha256, label, path, firstSeenAt, devices, crashed };
}

/** A device that is gone is shown by its id. */
export function viewCrash(
  { device, at, boot }: IncidentCrash,
  known: FleetDevice | undefined,
): z.infer<typeof IncidentCrashView> {
  const { name, site = null, role = null } = known?.row ?? { name: device };
  return { device, name, site, role, at, boot };
}

export function viewPlan(row: PlanRow, fleet: Fleet, trust: TrustKeeper): PlanView {
  const { plan, digest, createdBy, statement: signed, approvals, envelope, approvedAt, approvedBy, rollout } = row;
  const { id, title, createdAt, incident, undoes, supplements = null, playbook, strategy } = plan;
  const unsigned = signed === null ? null : { ...signed, signatures: [] };
  const { document, policy } = trust;
  return {
    id,
    title,
    createdAt,
    createdBy,
    incident,
    undoes,
    playbook,
    strategy,
    digest,
    waves: plan.waves.map(({ name, devices }) => {
      const sites = new Map<Site, number>();
      for (const device of devices) {
        const site = fleet.get(device)?.row.site;
        if (site !== undefined) sites.set(site, (sites.get(site) ?? 0) + 1);
      }
      return {
        name,
        deviceCount: devices.length,
        sites: [...sites].map(([site, deviceCount]) => ({ site, deviceCount })),
      };
    }),
    supplements,
    statement: unsigned === null ? null : peek(unsigned, PlanStatement),
    statementDigest: unsigned === null ? null : payloadDigest(unsigned),
    signed,
    approvals: approvals.map((approval) => viewApproval(approval, document)),
    approvalsNeeded: approvalsNeeded(kindOf(playbook.steps), document, policy),
    approval: approvalOf(row, trust),
    envelope,
    approvedAt,
    approvedBy,
    rollout,
  };
}

export function viewRollout({ row, plan, definition, state, events }: LiveRollout, now: Instant): RolloutView {
  const { because, waitsFor } = decide(state, now);
  return {
    id: row.id,
    plan: row.plan,
    incident: plan.plan.incident,
    undoes: plan.plan.undoes,
    title: plan.plan.title,
    phase: phaseOf(state),
    because,
    waitsFor: [...waitsFor],
    startedAt: row.startedAt,
    validUntil: definition.validUntil,
    waves: definition.waves.map(({ name, gate }, wave) => {
      const { state: waveState, openedAt } = waveStateOf(state, wave);
      return {
        name,
        state: waveState,
        openedAt,
        gate,
        counts: countsOf(state, wave),
        decision: gateOf(state, wave, now),
      };
    }),
    counts: countsOf(state),
    events: [...events],
    asOf: now,
  };
}

export function viewRolloutDevice(row: RolloutDeviceRow, device: FleetDevice): z.infer<typeof RolloutDeviceView> {
  const { name, site, role } = device.row;
  const { wave, status, order, since, detail } = row;
  return { device: row.device, name, site, role, wave, status, connected: device.connected, order, since, detail };
}
