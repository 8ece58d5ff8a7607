/** What each button does to a rollout, in words a person agrees to before it happens. */
import type { RolloutAction } from "../../../protocol/api.ts";
import type { WaveCounts } from "../../../protocol/rollout.ts";
import { counted } from "./numbers.ts";

export interface ActionWords {
  readonly verb: string;
  readonly question: (title: string) => string;
  readonly consequences: (counts: WaveCounts) => readonly string[];
  /** A stop must not wait for the right words; the reason can be typed over. */
  readonly reason: string;
}

export const ACTIONS: Readonly<Record<RolloutAction, ActionWords>> = {
  halt: {
    verb: "Halt",
    question: (title) => `Halt “${title}” now?`,
    consequences: ({ offered, queued, running }) => [
      `Orders that were offered but not begun are withdrawn: ${counted(offered + queued, "device")}.`,
      `Devices that have begun take no new step and finish to a safe point: ${counted(running, "device")}.`,
      "No other device begins. Nothing is undone: devices that are done stay as they are.",
      "You can resume afterwards, or abort for good.",
    ],
    reason: "Stopped at once; reason to follow",
  },
  pause: {
    verb: "Pause",
    question: (title) => `Pause “${title}”?`,
    consequences: ({ offered, running }) => [
      `No new device begins. Orders that were offered are taken back if nobody took them: ${counted(offered, "device")}.`,
      `Devices that have begun finish their orders: ${counted(running, "device")}.`,
      "You can resume at any time.",
    ],
    reason: "",
  },
  resume: {
    verb: "Resume",
    question: (title) => `Resume “${title}”?`,
    consequences: ({ failed, timedOut, refused, silent }) => [
      `The failures so far are accepted and no longer hold the gate: ${counted(failed + timedOut + refused + silent, "device")}.`,
      "The open wave gets a new deadline, and its devices that still wait are offered their orders.",
    ],
    reason: "",
  },
  abort: {
    verb: "Abort",
    question: (title) => `Abort “${title}” for good?`,
    consequences: ({ waiting, offered, queued, running }) => [
      `It ends here and cannot be resumed. Devices that have not begun never will: ${counted(waiting + offered + queued, "device")}.`,
      `Devices that have begun take no new step and finish to a safe point: ${counted(running, "device")}.`,
      "Nothing is undone. To take back what was done, make an undo plan.",
    ],
    reason: "",
  },
};
