/** The state of the fleet in one sentence, worst first. What is not known is said. Pure. */
import type { Condition } from "../../protocol/api.ts";
import type { RolloutPhase } from "../../protocol/rollout.ts";

export interface FleetSummary {
  readonly devices: number;
  readonly conditions: Readonly<Record<Condition, number>>;
  /** They are not among the devices. */
  readonly pending: number;
  readonly cloned: number;
  /** Declared versions that run on some device, or did when it was last heard. */
  readonly faulty: readonly { readonly label: string; readonly devices: number }[];
  /** How many machines detection compares; null where it does not run here. */
  readonly detected?: number | null;
  /** Newest first. */
  readonly rollouts: readonly { readonly title: string; readonly phase: RolloutPhase; readonly because: string }[];
}

/** Below about so many machines no version can be convicted by numbers. */
const DETECTED_MIN = 100;

export function describeFleet(summary: FleetSummary): string {
  const { devices, conditions, pending, cloned, faulty, rollouts, detected = null } = summary;
  const waiting = [
    ...(pending > 0
      ? [
          `${machines(pending)} ${pending === 1 ? "waits to be accepted and counts" : "wait to be accepted and count"} nowhere`,
        ]
      : []),
    ...(cloned > 0
      ? [`${cloned} ${cloned === 1 ? "identity is" : "identities are"} used by two machines at once`]
      : []),
  ];
  if (devices === 0)
    return waiting.length === 0 ? "No device is registered yet." : `No device counts yet; ${waiting.join("; ")}.`;
  const bad: string[] = [];
  if (conditions["boot-loop"] > 0) bad.push(`${conditions["boot-loop"]} in boot loops`);
  if (conditions.silent > 0) bad.push(`${conditions.silent} silent`);
  const parts = [
    `${bad.length > 0 ? `${bad.join(" and ")} of ${machines(devices)}` : stateOfTheRest(devices, conditions)}`,
  ];
  for (const { label, devices: count } of faulty)
    parts.push(`faulty version ${label} is still on ${machines(count)}, as last heard`);
  parts.push(...underWay(rollouts));
  if (conditions.unknown > 0) parts.push(`of ${machines(conditions.unknown)} nothing is known yet`);
  parts.push(...waiting);
  if (detected !== null && detected < DETECTED_MIN)
    parts.push(`too few machines to convict a faulty version by numbers: the gates of rollouts protect`);
  return `${parts.join("; ")}.`;
}

/** The one that needs a person before the one that goes its way; how many more there are. */
function underWay(rollouts: FleetSummary["rollouts"]): readonly string[] {
  const open = rollouts.filter(({ phase }) => phase !== "completed" && phase !== "aborted");
  const shown = open.find(({ phase }) => phase !== "running") ?? open[0];
  if (shown === undefined) return [];
  const others = open.length === 1 ? "" : ` (and ${open.length - 1} more under way)`;
  return [`rollback "${shown.title}"${others}: ${shown.because.replace(/\.$/, "")}`];
}

function stateOfTheRest(devices: number, conditions: Readonly<Record<Condition, number>>): string {
  if (conditions.healthy === devices)
    return devices === 1 ? "The one machine is healthy" : `All ${devices} machines are healthy`;
  const starting = conditions.starting > 0 ? `, ${conditions.starting} starting` : "";
  const away = conditions.away > 0 ? `, ${conditions.away} away on purpose (switched off, asleep or restarting)` : "";
  return `${conditions.healthy} of ${machines(devices)} healthy${starting}${away}`;
}

const machines = (count: number): string => (count === 1 ? "1 machine" : `${count} machines`);
