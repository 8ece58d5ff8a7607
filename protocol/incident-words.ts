/**
 * Incidents and their evidence as people read them: the same words in the console and on the command line.
 *
 * What was not done is never said as if it had been: `suggested` waits for a person and `failed` says so first.
 */
import type { IncidentView } from "./api-incidents.ts";
import { assertNever } from "./exhaustive.ts";
import type { IncidentEvent, IncidentVersion, ResponseMode, VersionRef } from "./incident.ts";
import type { Actor } from "./rollout.ts";

export interface IncidentEventWords {
  readonly what: string;
  readonly why: string;
  readonly who: string;
  /** Does it need a person, or did something not work? Icons and loudness follow it. */
  readonly weight: "plain" | "waits" | "failed";
}

const CONTROLLER = "the controller";
const who = (actor: Actor): string => (actor.kind === "person" ? actor.name : `${CONTROLLER} (${actor.rule})`);

export const versionName = ({
  source,
  sha256,
  label,
}: {
  readonly source: string;
  readonly sha256: string;
  readonly label: string | null;
}): string => `${source} ${label ?? sha256.slice(0, 12)}`;

const VERDICT: Readonly<Record<IncidentVersion["verdict"], string>> = {
  suspect: "under suspicion",
  convicted: "convicted",
  declared: "declared faulty",
};
export const namedVersions = (versions: readonly IncidentVersion[]): string =>
  versions.map((version) => `${versionName(version)} (${VERDICT[version.verdict]})`).join(", ");

export const CAUSES: Readonly<Record<IncidentView["cause"], { readonly word: string; readonly meaning: string }>> = {
  conviction: { word: "Convicted", meaning: "The numbers of the fleet convicted a content version." },
  "mass-silence": {
    word: "Mass silence",
    meaning: "Many machines fell silent at once. What it is that silenced them is not known at first.",
  },
  declared: { word: "Declared", meaning: "A person declared a content version faulty." },
};

export const RESPONSE_MODES: Readonly<Record<ResponseMode, { readonly word: string; readonly meaning: string }>> = {
  notify: { word: "Notify", meaning: "People are told. Nothing is prepared and nothing is stopped." },
  propose: {
    word: "Propose",
    meaning: "People are told, and a hold, the vendor's pause and the plan are prepared for one click.",
  },
  act: {
    word: "Act",
    meaning:
      "Besides, our own rollouts halt and the vendor is asked to pause, at once, when a conviction is certain enough. Devices are never changed without approvers.",
  },
};

const VENDOR_ACTIONS = {
  pause: "pause its updates",
  revert: "take the update back",
  pin: "keep devices on a version",
  resume: "let its updates go on",
} as const;

function outcomeOf(outcome: "done" | "suggested" | "failed", done: string, suggested: string, failed: string) {
  if (outcome === "done") return { what: done, weight: "plain" as const };
  return outcome === "suggested"
    ? { what: suggested, weight: "waits" as const }
    : { what: failed, weight: "failed" as const };
}

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;

/**
 * One line of an incident's timeline.
 *
 * @param known the versions of the incident, for their labels
 */
export function incidentEventWords(event: IncidentEvent, known: readonly IncidentVersion[] = []): IncidentEventWords {
  const nameOf = (of: VersionRef): string =>
    versionName({ ...of, label: known.find(({ sha256 }) => sha256 === of.sha256)?.label ?? null });
  switch (event.kind) {
    case "opened":
      return { what: `Opened: ${event.title}`, why: event.because, who: who(event.by), weight: "plain" };
    case "versions-named": {
      const certain = event.certainty === "act" ? "" : " Not certain enough to act on without a person.";
      return {
        what: `Named ${namedVersions(event.versions)}`,
        why: event.because + certain,
        who: CONTROLLER,
        weight: "plain",
      };
    }
    case "evidence":
      return {
        what: event.of === null ? "Evidence" : `Evidence on ${nameOf(event.of)}`,
        why: event.words.sentence,
        who: CONTROLLER,
        weight: "plain",
      };
    case "rollouts-halted":
      return {
        what:
          event.rollouts.length === 0
            ? "No rollout had to be halted"
            : `Halted ${counted(event.rollouts.length, "rollout")}`,
        why: event.because,
        who: who(event.by),
        weight: "plain",
      };
    case "hold": {
      const { source } = event;
      const { what, weight } = outcomeOf(
        event.outcome,
        `Held ${source}: devices take no update of it`,
        `A hold of ${source} waits for approvers`,
        `Could not hold ${source}`,
      );
      return { what, weight, why: event.because, who: who(event.by) };
    }
    case "vendor": {
      const request = `${event.connector} to ${VENDOR_ACTIONS[event.action]} (${event.source})`;
      const { what, weight } = outcomeOf(
        event.outcome,
        `Asked ${request}`,
        `Prepared to ask ${request}; waits for a person`,
        `Could not get ${request}`,
      );
      return { what, weight, why: event.because, who: who(event.by) };
    }
    case "plan-made":
      return { what: "Plan made; it waits for approvers", why: event.because, who: who(event.by), weight: "waits" };
    case "seen-again":
      return {
        what: `Seen again on ${counted(event.devices, "device")}: ${nameOf(event.of)}`,
        why: event.because,
        who: CONTROLLER,
        weight: "failed",
      };
    case "silence-over":
      return { what: "The silence is over", why: event.because, who: CONTROLLER, weight: "plain" };
    case "merged":
      return { what: `Merged into ${event.into}`, why: event.because, who: who(event.by), weight: "plain" };
    case "absorbed":
      return { what: `Took in ${event.from}`, why: event.because, who: who(event.by), weight: "plain" };
    case "closed":
      return { what: "Closed", why: event.because, who: who(event.by), weight: "plain" };
    case "reopened":
      return { what: "Reopened", why: event.because, who: who(event.by), weight: "waits" };
    default:
      return assertNever(event);
  }
}

/** E at which people are told. */
export const NOTIFY_AT_E = 100;

/**
 * What E means. By Ville's inequality a harmless version ever reaches E with a probability of at most 1 / E, however
 * often one looks (docs/explanation/detection.md).
 */
export function strengthWords(e: number, threshold: number): string {
  if (e < 1) return "The numbers speak for it rather than against it.";
  if (e < 2) return "The numbers say nothing either way.";
  const chance = `Were it harmless, chance alone would bring up as much at most once in ${largeNumber(e)} times.`;
  if (e >= threshold) return `Enough to convict. ${chance}`;
  if (e >= NOTIFY_AT_E) return `Enough to tell people, not to convict. ${chance}`;
  return `Too little to say anything. ${chance}`;
}

/** Where E stands between nothing (0) and a conviction (1): on a scale of powers, as evidence multiplies. */
export const strengthShare = (e: number, threshold: number): number =>
  e <= 1 || threshold <= 1 ? 0 : Math.min(1, Math.log(e) / Math.log(threshold));

/** "22,000", "3 million", "10^12": nobody reads more digits than that. */
export function largeNumber(value: number): string {
  if (value >= 1e12) return `10^${Math.floor(Math.log10(value))}`;
  if (value >= 1e9) return `${Math.floor(value / 1e9).toLocaleString("en-GB")} billion`;
  if (value >= 1e6) return `${Math.floor(value / 1e6)} million`;
  return (value >= 10 ? Math.floor(value) : Math.round(value * 10) / 10).toLocaleString("en-GB");
}

type Waiting = Pick<IncidentView, "state" | "content" | "response">;

/** What an open incident wants of a person, most urgent first. */
export function waitsForPerson({ state, content, response }: Waiting): string[] {
  if (state !== "open") return [];
  return [
    ...(response.mayHalt ? ["press Halt, something still moves"] : []),
    ...(content === null ? ["find the cause, no version is named yet"] : []),
    ...(content !== null && response.plan === null ? ["prepare the rollback"] : []),
    ...(response.plan === null ? [] : ["see to its plan"]),
  ];
}
