/** Evidence as a person reads it: the sentence that says it all, what speaks for it, against it, and what is not known. Pure. */
import type { EvidenceCounts, EvidenceWords, VersionRef } from "../../protocol/incident.ts";
import type { VersionStanding } from "../detection/types.ts";

/** A version as it is judged now, with its name. */
export interface NamedStanding {
  readonly of: VersionRef;
  readonly label: string;
  readonly standing: VersionStanding;
}

/** JSON has no infinity; nobody needs more than this. */
const E_MAX = 1e300;

export function countsOf({ standing }: NamedStanding): EvidenceCounts {
  const { exposed, exposedAffected, othersAtRisk, othersAffected, signals, sites, coverage, dumps } = standing;
  const wellExposed = Math.max(0, exposed - exposedAffected);
  return {
    affected: exposedAffected + othersAffected,
    affectedExposed: exposedAffected,
    well: wellExposed + othersAtRisk,
    wellExposed,
    signals: (["bugcheck", "restart", "silence"] as const).map((signal) => ({ signal, ...signals[signal] })),
    sites,
    coverage: coverage === null ? null : Math.min(1, Math.max(0, coverage)),
    e: Math.min(E_MAX, Math.max(0, standing.e)),
    threshold: Math.min(E_MAX, standing.threshold),
    dumpsFor: dumps.for,
    dumpsElsewhere: dumps.elsewhere,
  };
}

const SIGNAL_WORDS = {
  bugcheck: "crashed with a bugcheck",
  restart: "restarted unexpectedly",
  silence: "fell silent",
} as const;

export function wordsOf(named: NamedStanding, certainty: "act" | "propose" | null): EvidenceWords {
  const { label, standing } = named;
  const counts = countsOf(named);
  const { affected, affectedExposed, well, wellExposed, signals, sites, coverage, dumpsFor, dumpsElsewhere } = counts;
  const onlyCrashes = signals.every(({ signal, exposed, others }) => signal === "bugcheck" || exposed + others === 0);
  const events = signals.filter(({ exposed }) => exposed > 0);
  const speaksFor = [
    ...events.map(
      ({ signal, exposed, others }) => `${many(exposed)} that ran it ${SIGNAL_WORDS[signal]}, ${of(others)}.`,
    ),
    ...(affectedExposed > 0 ? [`They stand at ${sites === 1 ? "1 site" : `${number(sites)} sites`}.`] : []),
    ...(coverage === null ? [] : [`Of what happened beyond the usual, ${percent(coverage)} ran it.`]),
    ...(dumpsFor > 0 ? [`${number(dumpsFor)} crash dumps point at its product.`] : []),
    ...(counts.e > 1 ? [`Chance alone would show as much in less than one of ${odds(counts.e)} such versions.`] : []),
    `What counts most: ${standing.because}`,
  ];
  const against = [
    ...(wellExposed > 0 ? [`${many(wellExposed)} run it and are well so far.`] : []),
    ...(affected > affectedExposed ? [`${many(affected - affectedExposed)} were affected and did not run it.`] : []),
    ...(dumpsElsewhere > 0 ? [`${number(dumpsElsewhere)} crash dumps point at other products.`] : []),
    ...(coverage !== null && coverage < 0.8 ? [`It explains only ${percent(coverage)} of what happened.`] : []),
  ];
  const unknown = [
    ...(signals.some(({ signal, exposed }) => signal === "silence" && exposed > 0)
      ? ["Machines that are silent have not said why: a network or power that failed looks the same."]
      : []),
    ...(dumpsFor + dumpsElsewhere === 0 ? ["No crash dump has come in, so what crashed is known by time alone."] : []),
    ...(certainty === "propose"
      ? ["Machines that lie together could have made these numbers, so nothing is done by itself on them."]
      : []),
    ...(coverage === null ? ["Too little has happened to say how much of it this version explains."] : []),
  ];
  return {
    sentence: `${number(affectedExposed)} of ${number(affected)} ${onlyCrashes ? "crashed" : "affected"} machines run ${label}; of ${number(well)} others ${number(wellExposed)} run it.`,
    for: speaksFor.map(cut),
    against: against.map(cut),
    unknown: unknown.map(cut),
  };
}

/** Why a version is named, for a timeline and for a pager. @param others that travel with it */
export function verdictWords(named: NamedStanding, others = 0): string {
  const { e, threshold, because } = named.standing;
  const strength =
    e >= threshold
      ? `Were it harmless, chance alone would show as much in less than one of ${odds(e)} such versions; one of ${odds(threshold)} convicts.`
      : "That is not enough to convict it by numbers.";
  const company =
    others === 0
      ? ""
      : ` ${others === 1 ? "Another version travels" : `${others} other versions travel`} with it and cannot be told apart.`;
  return `${wordsOf(named, null).sentence} ${strength} What counts most: ${because}.${company}`.slice(0, 2_000);
}

/** Does it read otherwise than what was written down last? Small steps are not worth a line on a timeline. */
export function hasChangedMuch(before: EvidenceCounts | null, now: EvidenceCounts): boolean {
  if (before === null) return true;
  const exposed = (counts: EvidenceCounts): number => counts.affectedExposed + counts.wellExposed;
  if ((exposed(before) === 0) !== (exposed(now) === 0)) return true;
  const moved = (a: number, b: number): boolean => Math.abs(a - b) > 0.2 * Math.max(a, 4);
  return (
    moved(before.affectedExposed, now.affectedExposed) ||
    moved(before.affected, now.affected) ||
    moved(exposed(before), exposed(now)) ||
    (before.dumpsFor === 0) !== (now.dumpsFor === 0)
  );
}

const FORMAT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const number = (value: number): string => FORMAT.format(value);
const many = (count: number): string => (count === 1 ? "1 machine" : `${number(count)} machines`);
const of = (others: number): string =>
  others === 0 ? "none of the others did" : `so did ${number(others)} of the others`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const odds = (e: number): string => (e >= 1e6 ? "a million" : number(Math.floor(e)));
/** Sentences of an event hold 500 characters. */
const cut = (sentence: string): string => (sentence.length <= 500 ? sentence : `${sentence.slice(0, 499)}…`);
