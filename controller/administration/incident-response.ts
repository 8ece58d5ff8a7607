/** What Halt would do about an incident, and what the controller may do by itself about it, in sentences. Pure. */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { HoldView } from "../../protocol/api-emergency.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { answers, convictedSources, modeOf, type ResponseFacts, type RunningRollout } from "../incidents/responses.ts";
import type { Incident } from "../incidents/incident.ts";

/** What is left to stop. */
export interface HaltWork {
  readonly rollouts: readonly RunningRollout[];
  /** With connectors that have not paused it yet. */
  readonly vendors: readonly { readonly source: ContentSourceId; readonly connectors: readonly string[] }[];
  /** Not held, and no hold waits for signatures. */
  readonly toHold: readonly ContentSourceId[];
  /** Holds that wait for signatures. */
  readonly waiting: readonly HoldView[];
}

const sourcesOf = ({ versions }: Incident): readonly ContentSourceId[] => [
  ...new Set(versions.filter(({ verdict }) => verdict !== "suspect").map(({ source }) => source)),
];

export function haltWork(incident: Incident, facts: ResponseFacts, holds: readonly HoldView[]): HaltWork {
  const sources = sourcesOf(incident);
  const isUnnamed = sources.length === 0;
  const rollouts = facts.rollouts.filter(
    (rollout) => !answers(rollout, incident) && (isUnnamed || sources.includes(rollout.source)),
  );
  const paused = (source: ContentSourceId, connector: string): boolean =>
    incident.vendor.findLast(
      (event) => event.source === source && event.connector === connector && event.outcome === "done",
    )?.action === "pause";
  const vendors = sources
    .map((source) => ({ source, connectors: facts.connectorsOf(source).filter((each) => !paused(source, each)) }))
    .filter(({ connectors }) => connectors.length > 0);
  const about = (source: ContentSourceId): readonly HoldView[] =>
    holds.filter(({ statement }) => statement.source === source);
  const toHold = sources.filter((source) =>
    about(source).every(({ standing }) => standing === "over" || standing === "released"),
  );
  const waiting = sources.flatMap((source) => {
    const all = about(source);
    return all.some(({ standing }) => standing === "in-force")
      ? []
      : all.filter(({ standing }) => standing === "waiting").slice(0, 1);
  });
  return { rollouts, vendors, toHold, waiting };
}

export function viewResponse(incident: Incident, facts: ResponseFacts, work: HaltWork): IncidentView["response"] {
  const haltWould = incident.state === "open" ? wordsOf(work) : [];
  const [first] = convictedSources(incident);
  const mode = modeOf(facts.rules, first ?? "*");
  return {
    mode,
    because: becauseOf(incident, mode),
    rolloutsHalted: [...incident.rolloutsHalted],
    mayHalt: haltWould.length > 0,
    haltWould,
    plan: incident.plan,
  };
}

function wordsOf({ rollouts, vendors, toHold }: HaltWork): string[] {
  return [
    ...(rollouts.length > 0
      ? [`${rollouts.length === 1 ? "1 rollout of ours is" : `${rollouts.length} rollouts of ours are`} halted.`]
      : []),
    ...vendors.map(({ source, connectors }) => `${connectors.join(", ")} is asked to pause ${source}.`),
    ...toHold.map((source) => `${source} is held for 4 hours, once as many approvers have signed as the policy wants.`),
  ];
}

function becauseOf(
  { cause, certainty, silentSince, versions }: Incident,
  mode: IncidentView["response"]["mode"],
): string {
  if (cause === "declared" && certainty === null) return "Nothing is done by itself about what a person declared.";
  if (silentSince !== null && versions.length === 0)
    return mode === "notify"
      ? "The rule says to notify only, so our rollouts go on."
      : "Nobody knows the cause, so our own rollouts were halted at once. Vendors and devices are left alone.";
  if (mode === "notify") return "The rule for this source says to notify only.";
  if (mode === "propose")
    return "The rule for this source says to propose: everything is prepared, and a person decides.";
  return certainty === "act"
    ? "The rule for this source says to act, and the evidence is certain enough."
    : "The rule for this source says to act, but machines that lie together could have made this evidence: a person decides.";
}
