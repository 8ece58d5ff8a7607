/** Incidents in words: state, cause, verdict on a version, how a site stands. Icon, word and tone always together. */
import {
  IconAlertOctagon,
  IconArchive,
  IconArrowMerge,
  IconCircleCheck,
  IconEye,
  IconGavel,
  IconHelp,
  IconMessageReport,
  IconQuestionMark,
  IconRefreshAlert,
  IconShieldCheck,
  IconUser,
  IconVolumeOff,
} from "@tabler/icons-react";
import type { DetectionView, IncidentView } from "../../../protocol/api-incidents.ts";
import { CAUSES } from "../../../protocol/incident-words.ts";
import type { IncidentState, IncidentVersion, SiteSpread } from "../../../protocol/incident.ts";
import type { IconType } from "./icon.ts";
import { count, counted } from "./numbers.ts";
import type { Tone } from "./tones.ts";

interface Words {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

export const STATES: Readonly<Record<IncidentState, Words>> = {
  open: { word: "Open", tone: "bad", Icon: IconAlertOctagon },
  closed: { word: "Closed", tone: "good", Icon: IconCircleCheck },
  merged: { word: "Merged", tone: "idle", Icon: IconArrowMerge },
};
export const STATE_ORDER = Object.keys(STATES) as readonly IncidentState[];

export const CAUSE_LOOKS: Readonly<Record<IncidentView["cause"], Words>> = {
  conviction: { word: CAUSES.conviction.word, tone: "bad", Icon: IconGavel },
  "mass-silence": { word: CAUSES["mass-silence"].word, tone: "warn", Icon: IconVolumeOff },
  declared: { word: CAUSES.declared.word, tone: "idle", Icon: IconUser },
};
export const CAUSE_ORDER = Object.keys(CAUSE_LOOKS) as readonly IncidentView["cause"][];

export const VERDICTS: Readonly<Record<IncidentVersion["verdict"], Words>> = {
  suspect: { word: "Suspect", tone: "warn", Icon: IconEye },
  convicted: { word: "Convicted", tone: "bad", Icon: IconGavel },
  declared: { word: "Declared faulty", tone: "bad", Icon: IconMessageReport },
};

export const VERSION_STATUSES: Readonly<Record<DetectionView["versions"][number]["status"], Words>> = {
  convicted: VERDICTS.convicted,
  suspect: VERDICTS.suspect,
  watched: { word: "Watched", tone: "idle", Icon: IconEye },
  retired: { word: "No longer watched", tone: "idle", Icon: IconArchive },
};

/** The four ways in which a machine can stand to an incident. */
export type Standing = "affected" | "exposedAndWell" | "notExposed" | "unknown";
export const STANDINGS: Readonly<Record<Standing, Words & { readonly meaning: string }>> = {
  affected: {
    word: "affected",
    tone: "bad",
    Icon: IconRefreshAlert,
    meaning: "Crashed and not well since, or silent with the version on it.",
  },
  exposedAndWell: {
    word: "exposed and well",
    tone: "warn",
    Icon: IconHelp,
    meaning: "They run the version and nothing has happened to them. It may still.",
  },
  notExposed: {
    word: "not yet exposed",
    tone: "good",
    Icon: IconShieldCheck,
    meaning: "They were heard, and do not run the version.",
  },
  unknown: {
    word: "unknown",
    tone: "idle",
    Icon: IconQuestionMark,
    meaning: "Not heard, so nothing is known of them. Never the same as well.",
  },
};
export const STANDING_ORDER = Object.keys(STANDINGS) as readonly Standing[];

/** All that the tile of a site shows, in words. */
export function siteWords(spread: SiteSpread): string {
  const parts = STANDING_ORDER.filter((standing) => standing === "affected" || spread[standing] > 0).map(
    (standing) => `${count(spread[standing])} ${STANDINGS[standing].word}`,
  );
  return `${spread.site}: ${counted(spread.devices, "machine")}, ${parts.join(", ")}`;
}

interface Others {
  readonly sites: number;
  readonly devices: number;
  readonly affected: number;
}

/** "Affected machines at 3 of 200 sites; most at Northgate (12), then Elm Street (4)." */
export function spreadWords(sites: readonly SiteSpread[], others: Others): string {
  const all = sites.length + others.sites;
  const struck = sites.filter(({ affected }) => affected > 0);
  const exposed = sites.filter(({ affected, exposedAndWell }) => affected === 0 && exposedAndWell > 0).length;
  if (all === 0) return "No site is known.";
  if (struck.length === 0)
    return `No affected machine at any of ${counted(all, "site")}${exposed > 0 ? `; ${counted(exposed, "site has", "sites have")} machines that run it` : ""}.`;
  const [first, second] = struck.toSorted((a, b) => b.affected - a.affected);
  const most = first === undefined ? "" : `; most at ${first.site} (${count(first.affected)})`;
  const then = second === undefined ? "" : `, then ${second.site} (${count(second.affected)})`;
  const well =
    exposed === 0 ? "" : ` ${counted(exposed, "more site runs", "more sites run")} it without a fault so far.`;
  return `Affected machines at ${count(struck.length)} of ${counted(all, "site")}${most}${then}.${well}`;
}
