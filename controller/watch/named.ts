/** What the detector says, with names in the place of numbers and real times in the place of paced ones. Pure. */
import type { VersionRef } from "../../protocol/incident.ts";
import type { Finding, VersionStanding } from "../detection/types.ts";
import type { NamedFinding } from "../incidents/decide-incidents.ts";
import type { NamedStanding } from "../incidents/evidence.ts";
import type { Watch } from "./watch.ts";

export function standingOf(watch: Watch, of: VersionRef): NamedStanding | undefined {
  const number = watch.names.numberOf(of);
  const standing = number === undefined ? undefined : watch.detector.standing(number);
  return standing === undefined ? undefined : nameStanding(watch, standing);
}

/** The most suspicious first. */
export const standings = (watch: Watch): readonly NamedStanding[] =>
  watch.detector.standings().flatMap((standing) => nameStanding(watch, standing) ?? []);

export function nameFindings(watch: Watch, findings: readonly Finding[]): readonly NamedFinding[] {
  return findings.flatMap((finding): NamedFinding[] => {
    switch (finding.kind) {
      case "suspect":
      case "confirmed": {
        const standing = nameStanding(watch, finding.standing);
        return standing === undefined ? [] : [{ kind: finding.kind, standing, because: finding.because }];
      }
      case "convicted": {
        const named = finding.standings.flatMap((standing) => nameStanding(watch, standing) ?? []);
        return [{ kind: "convicted", standings: named, certainty: finding.certainty, because: finding.because }];
      }
      case "mass-silence": {
        const { kind, silent, expected, because, sites } = finding;
        return [{ kind, silent, expected, because, sites: sites.length }];
      }
      case "mass-silence-over":
        return [{ kind: "mass-silence-over" }];
    }
  });
}

function nameStanding({ names }: Watch, standing: VersionStanding): NamedStanding | undefined {
  const version = names.version(standing.version);
  if (version === undefined) return undefined;
  const { source, sha256, label } = version;
  const firstSeenAt = Math.floor(standing.firstSeenAt / names.pace);
  return { of: { source, sha256 }, label, standing: { ...standing, firstSeenAt } };
}
