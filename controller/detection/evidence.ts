/**
 * One event and what it says of each version. This is the method's core: who could have failed instead (`risk-set.ts`),
 * how many of them are exposed and what factor follows (`control-test.ts`), averaged with the other events of the same
 * place and minutes (`clusters.ts`), and multiplied into the version's evidence (`version.ts`).
 */
import { CAP_PER_CLUSTER } from "./baseline.ts";
import { NEVER, UNKNOWN_WHEN } from "./clock.ts";
import {
  addFactors,
  type Cluster,
  EVIDENCE_TENTHS,
  modelOfShare,
  settle,
  shareKey,
  shareOf,
  versionOfShare,
} from "./clusters.ts";
import { COUNTS_NOT, EVENT_IS_SILENCE } from "./columns.ts";
import { count, type Evidence, factors } from "./control-test.ts";
import { isEarly, isSameDeath, type Moment, momentOf, wasQuiet, wasSeen } from "./risk-set.ts";
import type { State } from "./state.ts";
import { countsAs } from "./steady.ts";
import { BUGCHECK, SILENCE, type Version } from "./version.ts";

/** Below so many sites a network is what fails together; there are too few sites to be observations. */
const SITES_ENOUGH = 10;
const SEGMENTS_FROM = 0x80_00_00_00;

export interface Event {
  readonly signal: number;
  readonly slot: number;
  /** Tenths; as it is known. */
  readonly at: number;
  readonly pointsAt: number | null;
}

export function weigh(state: State, now: number, event: Event): void {
  const { columns } = state;
  const { signal, slot, at } = event;
  if (columns.has(slot, COUNTS_NOT)) return;
  const isKnownDeath = isSameDeath(columns, slot, at);
  const wasSilence = columns.has(slot, EVENT_IS_SILENCE);
  // A machine makes one event of each death: a report after its silence speaks for its own signal, a second one is none.
  if (isKnownDeath && (!wasSilence || signal === SILENCE)) return;
  const isQuiet = !state.has("at-risk") || wasQuiet(columns, slot, at);
  const moment = momentOf(columns, slot, at);
  const explaining = convictedOn(convictedVersions(state), slot, at);
  note(state, event, isKnownDeath, explaining);
  const isCounted = isQuiet && explaining.length === 0;
  if (isCounted) {
    if (signal === BUGCHECK) {
      state.rates.today.bugchecks++;
      if (moment !== undefined && isEarly(moment)) state.rates.today.earlyBugchecks++;
    } else if (signal !== SILENCE) state.rates.today.restarts++;
    const isFresh = state.clock.tenths(now) - at <= EVIDENCE_TENTHS;
    if (moment !== undefined && isFresh) {
      const sinceMs = state.clock.ms(moment.since);
      const isComparable = countsAs(state, signal, slot, sinceMs, state.clock.ms(moment.at), now);
      if (isComparable) multiply(state, now, event, moment);
    }
  }
  record(state, slot, at, signal === SILENCE, isKnownDeath);
}

const convictedVersions = (state: State): readonly Version[] =>
  state.has("explained") ? [...state.versions.values()].filter(({ status }) => status === "convicted") : [];

/** Those of them that the machine ran: what happened to it speaks for no other. */
const convictedOn = (convicted: readonly Version[], slot: number, at: number): readonly Version[] =>
  convicted.filter((version) => version.exposures.asAt(slot, at) !== NEVER);

/** Counts for people: machines that were hit, by whether they ran the version. */
function note(state: State, event: Event, isKnownDeath: boolean, explaining: readonly Version[]): void {
  const { slot, at, signal, pointsAt } = event;
  const last = state.columns.event.get(slot);
  const lastMs = last === NEVER ? Number.NEGATIVE_INFINITY : state.clock.ms(last);
  for (const version of explaining.length > 0 ? explaining : state.versions.values()) {
    const time = version.exposures.asAt(slot, at);
    if (time !== NEVER) {
      version.exposedEvents[signal] = (version.exposedEvents[signal] ?? 0) + 1;
      version.lastEventAt = Math.max(version.lastEventAt, state.clock.ms(at));
      if (version.status === "convicted") version.sites.add(state.columns.site.get(slot));
      if (!isKnownDeath && (last === NEVER || last < time)) {
        version.exposedAffected++;
        if (wasSeen(state.columns, slot, at)) version.seenAffected++;
      }
      if (pointsAt === version.number) version.dumpsFor++;
      else if (pointsAt !== null) version.dumpsElsewhere++;
      version.isDirty = true;
    } else {
      version.otherEvents[signal] = (version.otherEvents[signal] ?? 0) + 1;
      if (!isKnownDeath && lastMs < version.firstSeenAt) version.othersAffected++;
    }
  }
}

/** What a machine that is known to have died turns out to have run: its silence was counted among the others'. */
export function recount(state: State, version: Version, slot: number, time: number): void {
  const { columns } = state;
  const last = columns.event.get(slot);
  if (time === UNKNOWN_WHEN || last === NEVER || last < time) return;
  if (!columns.has(slot, EVENT_IS_SILENCE) || state.clock.ms(last) < version.firstSeenAt) return;
  version.otherEvents[SILENCE] = Math.max(0, (version.otherEvents[SILENCE] ?? 0) - 1);
  version.exposedEvents[SILENCE] = (version.exposedEvents[SILENCE] ?? 0) + 1;
  version.othersAffected = Math.max(0, version.othersAffected - 1);
  version.exposedAffected++;
  version.seenAffected++;
}

function clusterOf(state: State, signal: number, slot: number, at: number): Cluster {
  const site = state.columns.site.get(slot);
  const segment = state.columns.segment.get(slot);
  const place = state.sites.size < SITES_ENOUGH && segment > 0 ? SEGMENTS_FROM + segment : site;
  return state.clusters.of(signal, place, at);
}

function multiply(state: State, now: number, { signal, slot }: Event, moment: Moment): void {
  const { columns, risk } = state;
  const { at } = moment;
  const model = columns.model.get(slot);
  const hasSubgroup = signal === BUGCHECK && model > 0 && state.has("subgroups");
  state.recent[signal]?.add(now, 1);
  const cluster = clusterOf(state, signal, slot, at);
  cluster.events.set(0, (cluster.events.get(0) ?? 0) + 1);
  if (hasSubgroup) cluster.events.set(model, (cluster.events.get(model) ?? 0) + 1);
  if (signal === BUGCHECK) state.recentBugchecks.noteEvent(now);

  const block = columns.block.get(slot);
  const hasLags = state.has("lag-bins");
  // Who is where in the world nobody knows, only who stands beside whom: offices elsewhere keep other hours.
  const site = columns.region.get(slot) === 0 ? columns.site.get(slot) : null;
  const isAlike = (other: number, since: number): boolean =>
    (site === null || columns.site.get(other) === site) &&
    countsAs(state, signal, other, state.clock.ms(since), state.clock.ms(at), now);
  const asksAlike = signal !== BUGCHECK && state.has("alike");
  // Whoever runs a convicted version makes no event that counts. Left among the others, such machines would make look
  // guilty what takes that version's place: the vendor's fix first of all.
  const convicted = convictedVersions(state);
  const couldHave = (other: number, since: number): boolean =>
    !convicted.some(({ exposures }) => exposures.asAt(other, at) !== NEVER) && (!asksAlike || isAlike(other, since));
  let isFilled = false;
  for (const version of state.versions.values()) {
    if (version.status === "convicted") continue;
    const reached = version.exposures.in(block);
    if (reached === undefined) continue;
    const time = version.exposures.asAt(slot, at);
    if (time === UNKNOWN_WHEN) continue;
    if (!isFilled) {
      risk.fill(slot, moment, asksAlike || convicted.length > 0 ? couldHave : null);
      if (hasSubgroup) risk.narrow(model);
      isFilled = true;
    }
    count(state.counts, risk.all, risk.perhaps, reached, at);
    const isNews = factors(state.factors, state.counts, time, at, hasLags);
    if (isNews) add(state, cluster, version, 0, state.factors);
    // Where all are alike, so are those of one model.
    if (isNews && hasSubgroup) {
      count(state.counts, risk.ofModel, risk.perhapsOfModel, reached, at);
      if (factors(state.factors, state.counts, time, at, hasLags)) {
        add(state, cluster, version, model, state.factors);
      }
    }
    if (time === NEVER) continue;
    version.sites.add(columns.site.get(slot));
    version.recent[signal]?.add(now, 1);
    version.isDirty = true;
    if (signal === BUGCHECK) countForBaseline(state, now, cluster, version, (at - time) * 100);
  }
  settleCluster(state, cluster, model);
}

function add(state: State, cluster: Cluster, version: Version, model: number, values: Float64Array): void {
  const share = shareOf(cluster, shareKey(version.number, model));
  addFactors(share, values);
  if (state.has("cluster")) return;
  // Each event by itself.
  const alone = { ...share, counted: 1, sums: values, logs: new Float64Array(values.length) };
  settle(alone, 1, evidenceOf(state, version, cluster.signal, model));
  version.isDirty = true;
}

function evidenceOf(state: State, version: Version, signal: number, model: number): Evidence {
  if (model === 0) return version.bySignal[signal] as Evidence;
  return version.subgroup(model, (state.models.get(model) ?? 0) / Math.max(1, state.columns.size));
}

/** The mean of all machines has changed, and the one of the model of the machine that failed. */
function settleCluster(state: State, cluster: Cluster, ofModel: number): void {
  if (!state.has("cluster")) return;
  for (const share of cluster.shares.values()) {
    const model = modelOfShare(share.key);
    if (model !== 0 && model !== ofModel) continue;
    const version = state.versions.get(versionOfShare(share.key));
    if (version === undefined || version.status === "convicted") continue;
    settle(share, cluster.events.get(model) ?? 1, evidenceOf(state, version, cluster.signal, model));
    version.isDirty = true;
  }
}

function countForBaseline(state: State, now: number, cluster: Cluster, version: Version, sinceWriteMs: number): void {
  const share = shareOf(cluster, shareKey(version.number, 0));
  const isCapped = state.has("baseline-window") && share.capped >= CAP_PER_CLUSTER;
  version.baseline.crash(now, sinceWriteMs, isCapped);
  share.capped++;
}

/** Keeps the last two deaths of a machine, in order. */
function record(state: State, slot: number, at: number, isSilence: boolean, isKnownDeath: boolean): void {
  const { columns } = state;
  const last = columns.event.get(slot);
  if (!isKnownDeath) {
    if (at >= last) {
      columns.eventBefore.set(slot, last);
      columns.event.set(slot, at);
    } else if (at > columns.eventBefore.get(slot)) columns.eventBefore.set(slot, at);
  }
  if (isSilence) columns.raise(slot, EVENT_IS_SILENCE);
  else columns.lower(slot, EVENT_IS_SILENCE);
  state.noteDevice(columns.deviceOf.get(slot));
}
