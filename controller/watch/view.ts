/** What people see of detection. Made where it runs, and stored with it for those controllers that only watch. Pure. */
import type { DetectionView } from "../../protocol/api-incidents.ts";
import type { Instant } from "../../protocol/time.ts";
import type { LearntValue } from "../detection/types.ts";
import { countsOf, type NamedStanding } from "../incidents/evidence.ts";
import { standings } from "./named.ts";
import type { Watch } from "./watch.ts";

/** Below about so many machines the numbers cannot reach a verdict, however plain the case. */
const MACHINES_MIN = 100;
/** More versions are not shown at once; the most suspicious come first. */
const VERSIONS_MAX = 200;

export type ShownDetection = Omit<DetectionView, "asOf">;

export function viewDetection(watch: Watch): ShownDetection {
  const { detector } = watch;
  const { size } = detector;
  const canConvict = size >= MACHINES_MIN;
  const learnt = detector.learnt();
  const all = standings(watch);
  return {
    sentence: sentenceOf(size, canConvict, all.length, detector.massSilence),
    canConvict,
    devices: size,
    massSilence: detector.massSilence,
    versions: all.slice(0, VERSIONS_MAX).map(viewStanding),
    learnt: [
      view("bugchecks", "of one machine in a day online", learnt.bugchecksPerDeviceDay, learnt.deviceDays),
      view("unexpected-restarts", "of one machine in a day online", learnt.restartsPerDeviceDay, learnt.deviceDays),
      view("silences", "of one steady machine in a day online", learnt.silencesPerDeviceDay, learnt.deviceDays),
      view("unclean-share", "of machines that leave at closing time", learnt.uncleanShare, learnt.deviceDays),
    ],
    classes: (["server", "always-on", "office", "mobile"] as const).map((name) => {
      return { class: name, devices: learnt.classes[name] };
    }),
  };
}

function sentenceOf(size: number, canConvict: boolean, versions: number, massSilence: boolean): string {
  const machines = size === 1 ? "1 machine counts" : `${size.toLocaleString("en-US")} machines count`;
  if (!canConvict)
    return `${machines}: under about ${MACHINES_MIN} no faulty version can be convicted by numbers, so none is promised. The gates of rollouts protect, and people can declare an incident.`;
  const silence = massSilence ? " Many have fallen silent together and nobody knows why." : "";
  const tested = versions === 1 ? "1 version is" : `${versions} versions are`;
  return `${machines}; ${tested} compared with what runs on machines like theirs.${silence}`;
}

function viewStanding(named: NamedStanding): DetectionView["versions"][number] {
  const { of, label, standing } = named;
  const { exposed, exposedAffected, othersAtRisk, othersAffected } = standing;
  return {
    ...of,
    label: label === "" ? null : label,
    firstSeenAt: Math.max(0, standing.firstSeenAt) as Instant,
    status: standing.status,
    counts: countsOf(named),
    rate: rateOf(exposedAffected, exposed),
    others: rateOf(othersAffected, othersAtRisk + othersAffected),
    because: standing.because,
  };
}

/** With a 95 % interval (Wilson, 1927), of a thousand. For people alone: nothing is decided by it. */
function rateOf(affected: number, of: number): DetectionView["versions"][number]["rate"] {
  if (of <= 0) return null;
  const z = 1.96;
  const p = Math.min(1, affected / of);
  const centre = p + (z * z) / (2 * of);
  const half = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  const thousand = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 10;
  return { perThousand: thousand(p), low: thousand((centre - half) / scale), high: thousand((centre + half) / scale) };
}

function view(
  name: string,
  unit: string,
  { value, isDefault }: LearntValue,
  deviceDays: number,
): DetectionView["learnt"][number] {
  const because = isDefault
    ? `Too little is known of this fleet yet (${Math.floor(deviceDays).toLocaleString("en-US")} machine-days): this is the stated default.`
    : `Learnt from ${Math.floor(deviceDays).toLocaleString("en-US")} machine-days of this fleet.`;
  return { name, value, unit, isDefault, because };
}
