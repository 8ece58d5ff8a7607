/**
 * Which playbook of the library fits an incident. Pure.
 *
 * Invariant: without a known cause there is none. The closest source wins, then an entry about this very version; what the
 * machines do must be among the effects that an entry is for.
 */
import type { EvidenceCounts } from "../../../protocol/incident.ts";
import { isOfSource, type LibraryEffect, type LibraryPlaybook } from "../../../protocol/library.ts";
import type { ProposalIncident, ProposalVersion } from "./facts.ts";

interface Candidate {
  readonly entry: LibraryPlaybook;
  readonly because: string;
}
export interface Match {
  readonly chosen: LibraryPlaybook | null;
  readonly because: string;
  readonly others: readonly Candidate[];
}

export function matchPlaybook(
  { versions, counts }: ProposalIncident,
  library: readonly LibraryPlaybook[],
  wanted: string | undefined,
): Match {
  const [leader] = versions;
  if (leader === undefined)
    return {
      chosen: null,
      because:
        "The cause is not known yet, so there is nothing to take back. Our own rollouts can be halted now; a plan is proposed as soon as a version is named.",
      others: [],
    };
  const fitting = library
    .filter((entry) => fits(entry, leader))
    .toSorted((a, b) => rankOf(b, leader, counts) - rankOf(a, leader, counts));
  const named = wanted === undefined ? undefined : library.find(({ name }) => name === wanted);
  if (wanted !== undefined && named === undefined)
    return { chosen: null, because: `The library has no playbook "${wanted}".`, others: fitting.map(candidate) };
  const [best] = fitting.filter((entry) => showsIn(entry, counts));
  const chosen = named ?? best ?? null;
  const others = fitting.filter((entry) => entry !== chosen).map(candidate);
  if (chosen === null)
    return {
      chosen,
      because: `The library has no playbook for what ${leader.source} does here. Write a plan by hand, or choose another playbook.`,
      others,
    };
  return { chosen, because: named === undefined ? whyBest(chosen, leader) : "A person chose it.", others };

  function candidate(entry: LibraryPlaybook): Candidate {
    if (!showsIn(entry, counts))
      return { entry, because: `It is for another effect (${entry.effects.join(", ")}) than machines show here.` };
    return {
      entry,
      because: entry.noRollback === undefined ? `It could be meant, too: ${entry.title}.` : entry.noRollback.because,
    };
  }
}

const fits = ({ sources, labels }: LibraryPlaybook, { source, label }: ProposalVersion): boolean =>
  sources.some((pattern) => isOfSource(pattern, source)) &&
  (labels === undefined || (label !== null && labels.includes(label)));

/** This very version, then the source itself, its product, any; of equals the one that is made for what machines do. */
function rankOf(entry: LibraryPlaybook, { source }: ProposalVersion, counts: EvidenceCounts | null): number {
  const closeness = Math.max(...entry.sources.map((pattern) => closenessOf(pattern, source)));
  const ofVersion = entry.labels === undefined ? 0 : 8;
  return ofVersion + closeness * 2 + (showsIn(entry, counts) ? 1 : 0);
}
function closenessOf(pattern: string, source: string): number {
  if (pattern === source) return 3;
  if (pattern === "*") return 1;
  return isOfSource(pattern, source) ? 2 : 0;
}

/** What each signal can be of. */
const CRASH: readonly LibraryEffect[] = ["boot-loop", "crash-once", "crash-again"];
const SILENCE: readonly LibraryEffect[] = ["boot-loop", "no-network", "recovery-prompt", "crash-again"];

/** Without counts nothing speaks against it. */
function showsIn({ effects, noRollback }: LibraryPlaybook, counts: EvidenceCounts | null): boolean {
  if (counts === null) return true;
  const seen = counts.signals
    .filter(({ exposed }) => exposed > 0)
    .flatMap(({ signal }) => (signal === "silence" ? SILENCE : CRASH));
  if (seen.length === 0) return true;
  return effects.some((effect) => seen.includes(effect)) && !(noRollback !== undefined && effects.includes("none"));
}

function whyBest({ sources, labels, effects }: LibraryPlaybook, { source, label }: ProposalVersion): string {
  if (labels !== undefined) return `It was written for ${label ?? "this version"}.`;
  const pattern = sources.find((each) => closenessOf(each, source) > 1);
  const about = pattern === undefined ? "It is for any source" : `It was written for ${pattern}`;
  return `${about}, and for machines that show this: ${effects.join(", ")}.`;
}
