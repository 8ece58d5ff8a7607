/**
 * What can become of a device in a rollout: word, icon, tone and meaning, with the counter of the wave that counts it.
 *
 * `unreached` is no status of its own in storage: it is those waiting that are not connected. `planned` counts them all.
 */
import {
  IconAlarmOff,
  IconBan,
  IconCheck,
  IconClock,
  IconHandStop,
  IconMail,
  IconMinus,
  IconPlugConnectedX,
  IconRun,
  IconStack2,
  IconVolumeOff,
  IconX,
} from "@tabler/icons-react";
import type { DeviceStatus, WaveCounts } from "../../../protocol/rollout.ts";
import type { Tone } from "./tones.ts";
import type { IconType } from "./icon.ts";

export type ShownStatus = DeviceStatus | "unreached";

export interface StatusWords {
  readonly status: ShownStatus;
  readonly counter: Exclude<keyof WaveCounts, "planned">;
  readonly word: string;
  readonly meaning: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

/** In the order of the bar: what is done, what went wrong, what is under way, what is to come. */
export const STATUSES: readonly StatusWords[] = [
  {
    status: "succeeded",
    counter: "succeeded",
    word: "succeeded",
    meaning: "Carried out the order and proved itself healthy.",
    tone: "good",
    Icon: IconCheck,
  },
  {
    status: "not-applicable",
    counter: "notApplicable",
    word: "not applicable",
    meaning: "Had nothing to do; nothing was changed. Or it was shut out before it began: its details say so.",
    tone: "idle",
    Icon: IconMinus,
  },
  {
    status: "failed",
    counter: "failed",
    word: "failed",
    meaning:
      "A step failed; the device undid what it could and said so. Or it was shut out in the middle: its details say so.",
    tone: "bad",
    Icon: IconX,
  },
  {
    status: "refused",
    counter: "refused",
    word: "refused",
    meaning: "The agent would not begin the order.",
    tone: "bad",
    Icon: IconBan,
  },
  {
    status: "timed-out",
    counter: "timedOut",
    word: "timed out",
    meaning: "Did not finish in time.",
    tone: "warn",
    Icon: IconAlarmOff,
  },
  {
    status: "silent",
    counter: "silent",
    word: "silent",
    meaning: "Took the order and was not heard from since. Never the same as healthy.",
    tone: "warn",
    Icon: IconVolumeOff,
  },
  {
    status: "stopped",
    counter: "stopped",
    word: "stopped",
    meaning: "Took the order, was told to stop and stands at a safe point.",
    tone: "warn",
    Icon: IconHandStop,
  },
  {
    status: "running",
    counter: "running",
    word: "running",
    meaning: "Is carrying out the order.",
    tone: "busy",
    Icon: IconRun,
  },
  {
    status: "queued",
    counter: "queued",
    word: "queued",
    meaning: "The order waits behind another one of the same device.",
    tone: "busy",
    Icon: IconStack2,
  },
  {
    status: "offered",
    counter: "offered",
    word: "offered",
    meaning: "The order lies in the device's mailbox, not yet taken.",
    tone: "busy",
    Icon: IconMail,
  },
  {
    status: "waiting",
    counter: "waiting",
    word: "waiting",
    meaning: "Not offered yet.",
    tone: "idle",
    Icon: IconClock,
  },
  {
    status: "unreached",
    counter: "unreached",
    word: "unreached",
    meaning: "Not offered yet, and not connected: nothing can be offered.",
    tone: "idle",
    Icon: IconPlugConnectedX,
  },
];

const BY_STATUS = new Map(STATUSES.map((words) => [words.status, words]));

export function statusWords(status: ShownStatus): StatusWords {
  const words = BY_STATUS.get(status);
  if (words === undefined) throw new Error(`no words for the status ${status}`);
  return words;
}

/**
 * How many stand at each status, without counting anyone twice: the wave's `waiting` includes its `unreached`.
 */
export function shownCounts(counts: WaveCounts): ReadonlyMap<ShownStatus, number> {
  return new Map(
    STATUSES.map(({ status, counter }) => [
      status,
      status === "waiting" ? counts.waiting - counts.unreached : counts[counter],
    ]),
  );
}

/** "2 succeeded, 1 silent of 24", for those who cannot see the bar. */
export function summary(counts: WaveCounts): string {
  const shown = shownCounts(counts);
  const parts = STATUSES.flatMap(({ status, word }) => {
    const value = shown.get(status) ?? 0;
    return value > 0 ? [`${value} ${word}`] : [];
  });
  return parts.length === 0 ? "no devices" : `${parts.join(", ")}, of ${counts.planned} planned`;
}
