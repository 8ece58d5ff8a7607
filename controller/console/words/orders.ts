/** Where an order of a device stands, and what became of its steps: word, icon, tone and meaning. */
import {
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconHandStop,
  IconMail,
  IconMailOff,
  IconMinus,
  IconPlayerPlay,
  IconRotate2,
  IconShieldX,
  IconX,
} from "@tabler/icons-react";
import type { OrderStanding, OrderStepView } from "../../../protocol/api-device.ts";
import type { StepFault, StepProgress } from "../../../protocol/progress.ts";
import type { IconType } from "./icon.ts";
import type { Tone } from "./tones.ts";

interface Words {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

export const STANDINGS: Readonly<Record<OrderStanding, Words & { readonly meaning: string }>> = {
  waiting: { word: "Waiting", tone: "busy", Icon: IconMail, meaning: "It lies in the mailbox; no agent has it yet." },
  handed: {
    word: "Handed out",
    tone: "busy",
    Icon: IconMail,
    meaning: "The agent was given it, and has not said yet whether it takes it.",
  },
  running: {
    word: "Running",
    tone: "busy",
    Icon: IconPlayerPlay,
    meaning: "The agent took it and is carrying it out.",
  },
  recalled: {
    word: "Taken back",
    tone: "idle",
    Icon: IconMailOff,
    meaning: "It was taken back before any agent had it; nothing was done.",
  },
  refused: { word: "Refused", tone: "bad", Icon: IconBan, meaning: "The agent would not begin it; nothing was done." },
  unproven: {
    word: "Not proved",
    tone: "bad",
    Icon: IconShieldX,
    meaning: "It ended with a receipt that proves nothing, so what was done is not known.",
  },
  succeeded: {
    word: "Succeeded",
    tone: "good",
    Icon: IconCheck,
    meaning: "The device says so over its own signature.",
  },
  failed: { word: "Failed", tone: "bad", Icon: IconX, meaning: "The device says so over its own signature." },
  "not-applicable": {
    word: "Not applicable",
    tone: "idle",
    Icon: IconMinus,
    meaning: "There was nothing to do on this device; nothing was changed.",
  },
  stopped: {
    word: "Stopped",
    tone: "warn",
    Icon: IconHandStop,
    meaning: "It was told to stop; steps that were done stay done.",
  },
};

const NOT_YET: Words = { word: "not begun", tone: "idle", Icon: IconCircleDashed };
const STEP_OUTCOMES: Readonly<Record<NonNullable<OrderStepView["outcome"]>, Words>> = {
  done: { word: "done", tone: "good", Icon: IconCheck },
  "not-applicable": { word: "nothing to do", tone: "idle", Icon: IconMinus },
  failed: { word: "failed", tone: "bad", Icon: IconX },
  undone: { word: "undone", tone: "warn", Icon: IconRotate2 },
  "undo-failed": { word: "undoing failed", tone: "bad", Icon: IconX },
  "not-begun": NOT_YET,
  started: { word: "under way", tone: "busy", Icon: IconPlayerPlay },
  undoing: { word: "being undone", tone: "busy", Icon: IconRotate2 },
};
export const stepOutcomeWords = (outcome: OrderStepView["outcome"]): Words =>
  outcome === null ? NOT_YET : STEP_OUTCOMES[outcome];

export const STEP_EVENTS: Readonly<Record<StepProgress["event"], string>> = {
  started: "began",
  done: "done",
  "not-applicable": "nothing to do",
  failed: "failed",
  "undo-started": "undoing began",
  undone: "undone",
  "undo-failed": "undoing failed",
};

export const FAULTS: Readonly<Record<StepFault, string>> = {
  "disk-full": "the disk is full",
  "file-locked": "the file is in use",
  "file-changed": "the file has changed",
  "permission-denied": "not permitted",
  "too-many-matches": "more files match than allowed",
  "not-found": "not found",
  "path-escapes": "the path leads elsewhere",
  "verify-failed": "the effect could not be verified",
  "timed-out": "it took too long",
  "restarts-exhausted": "too many restarts",
  unexpected: "something unexpected",
};
