/**
 * When evidence is a verdict. E must reach what the version's share of the year's error allows; the exposed that failed
 * must stand on three sites, so that no single place convicts; and the version must cover what is beyond the usual.
 * Versions that travel together cannot be told apart and are named together.
 *
 * Then whether the controller may act by itself. Agents that lie at random change nothing, but one in twenty that say
 * "I took it and crashed" all together look exactly like a fault that hits one in twenty: they can make up crash dumps,
 * and they can fall silent. So acting needs more crashed than those could make, and such that the controller itself saw
 * fall silent. Nor does it act where machines crash more than is usual, but there is nobody without the version to compare
 * them with.
 */
import { coverageOf, COVERED_SHARE } from "./coverage.ts";
import { standingOf } from "./standing.ts";
import type { State } from "./state.ts";
import type { Version } from "./version.ts";

const SUSPECT_E = 100;
const SITES_MIN = 3;
const MACHINES_MIN = 3;
/** Nearly as much speaks against these as against the leader. */
const TWIN_FACTOR = 1_000;
const ACT_SHARE = 0.1;
/** One test alone speaks so clearly: by Ville's inequality, one in twenty by chance. */
const CLEAR_E = 20;

function thresholdOf(state: State, version: Version): number {
  return state.has("budget") ? 1 / (state.settings.alpha * version.share) : 1 / state.settings.alpha;
}

/** Judges what has changed since the last tick. */
export function judge(state: State, now: number): void {
  const isGuarded = state.has("baseline-window");
  const { rates } = state;
  const perDay = rates.bugchecksPerDeviceDay.value;
  let isAnyDirty = false;
  for (const version of state.versions.values()) {
    if (!version.isDirty) continue;
    isAnyDirty = true;
    version.isDirty = false;
    if (version.status === "convicted") {
      confirm(state, version, now);
      continue;
    }
    const early = version.earlyUsually(rates.comings, rates.earlyBugchecksPerComing);
    version.baselineLog = version.baseline.log(now, { perDay, early }, isGuarded ? state.recentBugchecks : null);
    version.weigh();
  }
  if (!isAnyDirty) return;
  while (convictLeader(state, now));
  // Who is under suspicion only for travelling with a worse one is not named.
  for (const version of state.versions.values()) {
    if (version.e < SUSPECT_E || version.status !== "watched" || hasRival(state, version, now)) continue;
    suspect(state, version, now, `the evidence against it has reached ${SUSPECT_E}: ${version.because}`);
  }
}

export function suspect(state: State, version: Version, now: number, because: string): void {
  version.status = "suspect";
  state.findings.push({ kind: "suspect", at: now, standing: standingOf(state, version), because });
}

/** @returns whether one was convicted, which changes what speaks against the others */
function convictLeader(state: State, now: number): boolean {
  let leader: Version | undefined;
  for (const version of state.versions.values()) {
    if (version.status === "convicted" || version.e <= (leader?.e ?? 0)) continue;
    if (isGuilty(state, version, now) && !hasRival(state, version, now)) leader = version;
  }
  if (leader === undefined) return false;
  const set = [leader, ...twinsOf(state, leader, now)];
  const certainty = set.every((version) => mayAct(state, version, now)) ? "act" : "propose";
  for (const version of set) {
    version.status = "convicted";
    version.certainty = certainty;
  }
  state.findings.push({
    kind: "convicted",
    at: now,
    standings: set.map((version) => standingOf(state, version)),
    certainty,
    because:
      `the evidence is ${leader.e.toPrecision(3)}, and ${thresholdOf(state, leader).toPrecision(3)} convicts: ` +
      leader.because,
  });
  if (state.has("explained")) explainBy(state, set);
  return true;
}

function isGuilty(state: State, version: Version, now: number): boolean {
  if (version.e < thresholdOf(state, version)) return false;
  if (state.has("sites")) {
    const fleet = state.sites.size;
    const isSpread = version.sites.size >= Math.min(SITES_MIN, fleet);
    if (!isSpread || (fleet < SITES_MIN && version.exposedAffected < MACHINES_MIN)) return false;
  }
  return !state.has("coverage") || covers(state, version, now);
}

/**
 * By itself. Two faulty versions, each on its own part of the machines, are convicted before ten events are too many, or
 * people are told that both are suspect. That two cover together what happens is not enough: something else that hits
 * all alike is covered by any two harmless versions that share the fleet between them.
 */
function covers(state: State, version: Version, now: number): boolean {
  const { share } = coverageOf(state, version, version.leadingSignal, now);
  return share === null || share >= COVERED_SHARE;
}

/**
 * Does more speak against another version that ran on nearly all the machines that failed? Then it is that one's turn
 * first, though its share of the error asks for more: the fleet's last good version has a larger share than the new one,
 * and against the usual rate alone both look guilty.
 */
function hasRival(state: State, version: Version, now: number): boolean {
  const signal = version.leadingSignal;
  const { own } = coverageOf(state, version, signal, now);
  for (const other of state.versions.values()) {
    if (other.status === "convicted" || other.e <= version.e) continue;
    if (own > 0 && coverageOf(state, other, signal, now).own >= COVERED_SHARE * own) return true;
  }
  return false;
}

/** Versions that the same evidence speaks against: nearly as strong, and on nearly all the machines that failed. */
function twinsOf(state: State, leader: Version, now: number): Version[] {
  const signal = leader.leadingSignal;
  const ofLeader = coverageOf(state, leader, signal, now);
  // Where a verdict needs little, a thousandth of it is no evidence: what is not even suspect is named with nobody.
  const leastOfTwin = Math.max(SUSPECT_E, leader.e / TWIN_FACTOR);
  // The baseline tells no version from what lies on the same machines. Where the control test can, it has to agree.
  const byControlOf = (version: Version): number => version.bySignal[signal]?.mean ?? 1;
  const byControl = byControlOf(leader);
  const leastByControl = Math.min(Math.max(SUSPECT_E, byControl / TWIN_FACTOR), byControl / 10);
  return [...state.versions.values()]
    .filter((version) => version !== leader && version.status !== "convicted" && version.e >= leastOfTwin)
    .filter((version) => byControlOf(version) >= leastByControl)
    .filter((version) => {
      const { own, share } = coverageOf(state, version, signal, now);
      return own > 0 && own >= COVERED_SHARE * ofLeader.own && (share === null || share >= COVERED_SHARE);
    })
    .sort((a, b) => b.e - a.e || a.number - b.number);
}

function mayAct(state: State, version: Version, now: number): boolean {
  if (!state.has("liars")) return true;
  // Where all have it, whatever hits all speaks against it: a date, a server that answers nonsense, what came days ago.
  if (version.byComparison < CLEAR_E) return false;
  return version.seenAffected > ACT_SHARE * version.exposedThen(now);
}

function confirm(state: State, version: Version, now: number): void {
  if (version.certainty === "act" || !mayAct(state, version, now)) return;
  version.certainty = "act";
  state.findings.push({
    kind: "confirmed",
    at: now,
    standing: standingOf(state, version),
    because: "more machines have failed than agents lying together could pretend",
  });
}

/** What the convicted explain must neither convict others nor speak against them. */
function explainBy(state: State, convicted: readonly Version[]): void {
  const [leader] = convicted;
  for (const [signal, ring] of state.recent.entries()) {
    const own = leader?.recent[signal];
    if (own !== undefined) ring.subtract(own);
  }
  for (const version of state.versions.values()) {
    if (version.status === "convicted") continue;
    version.restart();
    state.clusters.forget(version.number);
    version.weigh();
    if (version.e < SUSPECT_E) version.status = "watched";
  }
}
