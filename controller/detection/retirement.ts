/**
 * How long a version is watched. Evidence against one that everybody has had for weeks can't come any more, there is
 * nobody to compare with; letting go of it keeps memory and the cost of an event bounded. What still reaches machines is
 * watched however old it is: a pilot may have had it for a month before all others get it.
 */
import { DAY_MS } from "./clock.ts";
import { standingOf } from "./standing.ts";
import type { State } from "./state.ts";
import type { Version } from "./version.ts";

const WATCHED_MS = 30 * DAY_MS;
/** At three a day these are three weeks. */
const WATCHED_MAX = 64;
const REMEMBERED_MAX = 200;

export function retireOld(state: State, now: number): void {
  for (const version of state.versions.values()) {
    if (version.status !== "convicted" && now - version.lastTakenAt > WATCHED_MS) retire(state, version);
  }
}

/**
 * What nobody has taken for longest goes first, suspects last; convicted ones stay. Of what was taken within the day that
 * a crash may come after, what the fewest have: or one machine that names many would drive out what reaches all.
 */
export function makeRoom(state: State, now: number): void {
  const watched = [...state.versions.values()].filter(({ status }) => status !== "convicted");
  if (watched.length <= WATCHED_MAX) return;
  const isOfToday = ({ lastTakenAt }: Version): boolean => now - lastTakenAt < DAY_MS;
  watched.sort(
    (a, b) =>
      Number(a.status === "suspect") - Number(b.status === "suspect") ||
      Number(isOfToday(a)) - Number(isOfToday(b)) ||
      (isOfToday(a) ? a.exposures.count - b.exposures.count : 0) ||
      a.lastTakenAt - b.lastTakenAt ||
      a.number - b.number,
  );
  // The newest has not had the time to be taken by anybody.
  const first = watched.find(({ number }) => number !== state.nextVersion - 1);
  if (first !== undefined) retire(state, first);
}

function retire(state: State, version: Version): void {
  version.status = "retired";
  state.retired.set(version.number, standingOf(state, version));
  state.versions.delete(version.number);
  state.clusters.forget(version.number);
  if (state.settings.keepsChanges === true) state.retiredChanged.push(version.number);
  for (const number of state.retired.keys()) {
    if (state.retired.size <= REMEMBERED_MAX) break;
    state.retired.delete(number);
  }
}
