/**
 * What the controller does by itself about an open incident, by the rule for its source. Pure.
 *
 * Each thing is done once: what an event of the incident says was done, was suggested or failed for good is not done
 * again, also when a person has taken it back since.
 */
import type { ContentSourceId } from "../../protocol/content.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import type { IncidentEvent, ResponseMode } from "../../protocol/incident.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { ResponseRule } from "../store/response-rules.ts";
import type { Incident } from "./incident.ts";

/** One of our rollouts that may still take devices. */
export interface RunningRollout {
  readonly id: RolloutId;
  readonly source: ContentSourceId;
  readonly startedAt: Instant;
  /** The incident that it answers. */
  readonly incident: string | null;
}
export interface ResponseFacts {
  readonly rules: readonly ResponseRule[];
  readonly rollouts: readonly RunningRollout[];
  /** Connectors that serve a source, and are set up. */
  readonly connectorsOf: (source: ContentSourceId) => readonly string[];
  readonly now: Instant;
}
export type ResponseCommand =
  | { readonly kind: "append"; readonly incident: Incident; readonly events: readonly IncidentEvent[] }
  | {
      readonly kind: "halt";
      readonly incident: Incident;
      readonly rollouts: readonly RolloutId[];
      readonly because: string;
    }
  | {
      readonly kind: "pause-vendor";
      readonly incident: Incident;
      readonly source: ContentSourceId;
      readonly because: string;
    };

export const BY_DETECTION = { kind: "engine", rule: "detection" } as const;
/** A vendor that fails is asked again after these times, and then no more. */
const RETRY_AFTER_MS = [30_000, 120_000] as const;

export const modeOf = (rules: readonly ResponseRule[], source: string): ResponseMode =>
  (rules.find((rule) => rule.source === source) ?? rules.find((rule) => rule.source === "*"))?.mode ?? "propose";

/** The sources of what is convicted, each once. */
export const convictedSources = ({ versions }: Pick<Incident, "versions">): readonly ContentSourceId[] => [
  ...new Set(versions.filter(({ verdict }) => verdict === "convicted").map(({ source }) => source)),
];

export function decideResponses(incident: Incident, facts: ResponseFacts): readonly ResponseCommand[] {
  if (incident.state !== "open") return [];
  const commands: ResponseCommand[] = [];
  const halt = rolloutsToHalt(incident, facts);
  if (halt.length > 0) {
    const because = haltBecause(incident, halt);
    commands.push({ kind: "halt", incident, rollouts: halt.map(({ id }) => id), because });
  }
  for (const source of convictedSources(incident)) commands.push(...aboutSource(incident, source, facts));
  return commands;
}

/** Those that ran before it was known. What was started since is a person's answer to it, and what answers it goes on. */
function rolloutsToHalt(incident: Incident, { rules, rollouts }: ResponseFacts): readonly RunningRollout[] {
  const { silentSince, certainty, namedAt, rolloutsHalted } = incident;
  const sources = certainty === "act" ? convictedSources(incident) : [];
  return rollouts.filter((rollout) => {
    if (rolloutsHalted.has(rollout.id)) return false;
    const mode = modeOf(rules, rollout.source);
    // Machines die and nobody knows of what: our own changes stop first.
    if (silentSince !== null && rollout.startedAt <= silentSince && mode !== "notify") return true;
    const isOlder = namedAt !== null && rollout.startedAt <= namedAt && !answers(rollout, incident);
    return isOlder && mode === "act" && sources.includes(rollout.source);
  });
}

/** It was made for this incident, or for one that was merged into it. */
export const answers = ({ incident: of }: RunningRollout, { id, absorbed }: Incident): boolean =>
  of !== null && (of === id || absorbed.some((each) => each === of));

function haltBecause({ id, silentSince, versions }: Incident, halted: readonly RunningRollout[]): string {
  const named = versions[0];
  const isNamed = named !== undefined && halted.every(({ source }) => source === named.source);
  if (silentSince !== null && !isNamed)
    return `Many machines fell silent at once and nobody knows why (incident ${id}). Resume it when the cause is known.`;
  return `${named?.label ?? named?.source ?? "A version"} is faulty (incident ${id}): nothing more of its source is changed before a person has looked.`;
}

function aboutSource(incident: Incident, source: ContentSourceId, facts: ResponseFacts): readonly ResponseCommand[] {
  const mode = modeOf(facts.rules, source);
  if (mode === "notify") return [];
  const acts = mode === "act" && incident.certainty === "act";
  const events: IncidentEvent[] = [];
  const at = facts.now;
  if (!incident.holds.some((hold) => hold.source === source)) {
    events.push({
      kind: "hold",
      at,
      by: BY_DETECTION,
      source,
      hold: null,
      outcome: "suggested",
      because: `A hold keeps ${source} from taking another version for some hours. A person has to sign it: Halt prepares it.`,
    });
  }
  const connectors = facts.connectorsOf(source);
  const asked = incident.vendor.filter((event) => event.source === source && event.action === "pause");
  if (!acts && connectors.length > 0 && asked.length === 0) {
    for (const connector of connectors) {
      events.push({
        kind: "vendor",
        at,
        by: BY_DETECTION,
        connector,
        action: "pause",
        source,
        outcome: "suggested",
        because: `The vendor can be asked to pause ${source}: Halt does it.`,
      });
    }
  }
  const commands: ResponseCommand[] = events.length > 0 ? [{ kind: "append", incident, events }] : [];
  if (acts && connectors.length > 0 && mayAsk(asked, at))
    commands.push({
      kind: "pause-vendor",
      incident,
      source,
      because: `It crashes machines (incident ${incident.id}).`,
    });
  return commands;
}

/** Not yet, or it failed and there is a try left whose time has come. */
function mayAsk(asked: Incident["vendor"], now: Instant): boolean {
  const tries = asked.filter(({ outcome }) => outcome !== "suggested");
  if (tries.some(({ outcome }) => outcome === "done")) return false;
  const rounds = new Set(tries.map(({ at }) => at)).size;
  const last = tries.at(-1)?.at;
  if (last === undefined) return true;
  const wait = RETRY_AFTER_MS[rounds - 1];
  return wait !== undefined && now >= later(last, wait);
}
