/** The conditions of a device: word, icon, tone, and what each means. Worst first, as lists show them. */
import {
  IconCheck,
  IconMoon,
  IconPlayerPlay,
  IconQuestionMark,
  IconRefreshAlert,
  IconVolumeOff,
} from "@tabler/icons-react";
import type { Condition } from "../../../protocol/api.ts";
import type { Tone } from "./tones.ts";
import type { IconType } from "./icon.ts";

export interface ConditionWords {
  readonly word: string;
  readonly meaning: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

export const CONDITIONS: Readonly<Record<Condition, ConditionWords>> = {
  "boot-loop": {
    word: "Boot loop",
    meaning: "Two or more boots in a row ended badly.",
    tone: "bad",
    Icon: IconRefreshAlert,
  },
  silent: {
    word: "Silent",
    meaning: "Gone without a goodbye and not back in time. Never the same as healthy.",
    tone: "warn",
    Icon: IconVolumeOff,
  },
  unknown: {
    word: "Unknown",
    meaning: "Not heard from since the controller started, or never.",
    tone: "idle",
    Icon: IconQuestionMark,
  },
  starting: { word: "Starting", meaning: "Booted, not yet good.", tone: "busy", Icon: IconPlayerPlay },
  away: { word: "Away", meaning: "Said goodbye: shut down or asleep.", tone: "idle", Icon: IconMoon },
  healthy: {
    word: "Healthy",
    meaning: "The last boot is good: its services run and time has passed.",
    tone: "good",
    Icon: IconCheck,
  },
};

export const CONDITION_ORDER = Object.keys(CONDITIONS) as readonly Condition[];
