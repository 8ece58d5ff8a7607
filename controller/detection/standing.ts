/** How a version stands, for people. */
import { coverageOf } from "./coverage.ts";
import type { State } from "./state.ts";
import type { VersionStanding } from "./types.ts";
import type { Version } from "./version.ts";

export function standingOf(state: State, version: Version): VersionStanding {
  const exposed = version.exposures.count;
  const signal = version.leadingSignal;
  const bySignal = (index: number) => ({
    exposed: version.exposedEvents[index] ?? 0,
    others: version.otherEvents[index] ?? 0,
  });
  return {
    version: version.number,
    firstSeenAt: version.firstSeenAt,
    status: version.status,
    e: version.e,
    eMax: version.eMax,
    threshold: 1 / (state.settings.alpha * (state.has("budget") ? version.share : 1)),
    share: version.share,
    exposed,
    exposedAffected: version.exposedAffected,
    othersAtRisk: Math.max(0, state.counting - exposed),
    othersAffected: version.othersAffected,
    sites: version.sites.size,
    coverage: coverageOf(state, version, signal, state.doneUntil).share,
    signals: { bugcheck: bySignal(0), restart: bySignal(1), silence: bySignal(2) },
    dumps: { for: version.dumpsFor, elsewhere: version.dumpsElsewhere },
    because: version.because,
  };
}
