/** What a proposal is made of: the incident, the fleet as it is now, the library and the policy. Data only. */
import type { Condition } from "../../../protocol/api.ts";
import type { EvidenceCounts } from "../../../protocol/incident.ts";
import type { DeviceId, IncidentId, RolloutId } from "../../../protocol/ids.ts";
import type { LibraryParameters, LibraryPlaybook } from "../../../protocol/library.ts";
import type { Role, Site } from "../../../protocol/names.ts";
import type { Policy } from "../../../protocol/policy.ts";
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { ContentSourceId } from "../../../protocol/content.ts";
import type { Instant } from "../../../protocol/time.ts";

export interface ProposalVersion {
  readonly source: ContentSourceId;
  readonly sha256: Sha256;
  readonly label: string | null;
  /** Null where no device has ever shown it. */
  readonly path: string | null;
  readonly firstSeenAt: Instant | null;
}

export interface ProposalIncident {
  readonly id: IncidentId;
  readonly title: string;
  /** The leader first; those under suspicion alone are not among them. None: the cause is not known. */
  readonly versions: readonly ProposalVersion[];
  readonly counts: EvidenceCounts | null;
  readonly openedAt: Instant;
}

export interface ProposalDevice {
  readonly id: DeviceId;
  readonly name: string;
  readonly site: Site;
  readonly role: Role;
  /** Null where it is not known. */
  readonly model: string | null;
  readonly condition: Condition;
  readonly connected: boolean;
  /** `down`: the fault has taken it down, and it shows up all the same. `up`: connected. `no`: neither. */
  readonly answers: "down" | "up" | "no";
  readonly lastHeardAt: Instant | null;
  /** It runs one of the versions, or did when it was last heard. */
  readonly runs: boolean;
  /** Why no plan is made for it; null: plans are. */
  readonly barred: "pending" | "revoked" | "cloned" | "of-an-image" | null;
  /** A plan that may still order something of it. */
  readonly inRollout: RolloutId | null;
  /** Of the protocol, as its agent speaks it; null where it has not said since that is kept. */
  readonly minor: number | null;
}

export interface ProposalFacts {
  readonly incident: ProposalIncident;
  readonly devices: Iterable<ProposalDevice>;
  readonly library: readonly LibraryPlaybook[];
  readonly policy: Policy;
  /** A person's choice; undefined leaves it to the incident. */
  readonly wanted: string | undefined;
  /** What a person has said of it. */
  readonly said: LibraryParameters;
  readonly now: Instant;
}

const DAY_MS = 86_400_000;

/** Who was silent for longer than a day before the version came took nothing of it while it was heard. */
export function doubtfulSince({ versions, openedAt }: ProposalIncident): Instant {
  const first = Math.min(openedAt, ...versions.flatMap(({ firstSeenAt }) => firstSeenAt ?? []));
  return Math.max(0, first - DAY_MS) as Instant;
}
