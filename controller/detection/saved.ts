/**
 * The detector's memory as it is written down: everything but devices and exposures, which the caller stores by row.
 * Numbers of devices, versions and places are the caller's and must be the same afterwards.
 */
import type { SavedBudget } from "./budget.ts";
import type { SavedCluster } from "./clusters.ts";
import type { SavedCoreHours } from "./core-hours.ts";
import type { SavedDue } from "./due.ts";
import type { Ripening, SavedMassSilence } from "./mass-silence.ts";
import type { SavedOutages } from "./outages.ts";
import type { SavedRates } from "./rates.ts";
import type { SavedRing } from "./ring.ts";
import type { VersionStanding } from "./types.ts";
import type { SavedVersion } from "./version.ts";

/** Another layout is not read: the evidence then begins anew, which convicts nobody. */
export const LAYOUT = 2;

export interface SavedDetector {
  readonly layout: typeof LAYOUT;
  readonly clockStartMs: number;
  readonly doneUntil: number;
  readonly builtBlocks: number;
  readonly nextVersion: number;
  readonly due: SavedDue;
  readonly outages: SavedOutages;
  readonly clusters: readonly SavedCluster[];
  readonly rates: SavedRates;
  readonly recentBugchecks: { readonly events: SavedRing; readonly machineMs: SavedRing };
  readonly coreHours: SavedCoreHours;
  readonly mass: SavedMassSilence;
  readonly budget: SavedBudget;
  readonly versions: readonly SavedVersion[];
  readonly retired: readonly VersionStanding[];
  readonly recent: readonly SavedRing[];
  readonly ripening: readonly Ripening[];
}
