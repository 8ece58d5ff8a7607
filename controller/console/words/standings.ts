/** Whether a device is let in: word, icon, tone and meaning, and what a person's yes or no does. */
import { IconCheck, IconCopy, IconDoorEnter, IconLock } from "@tabler/icons-react";
import type { DeviceStanding } from "../../../protocol/enrolment.ts";
import type { Tone } from "./tones.ts";
import type { IconType } from "./icon.ts";

interface StandingWords {
  readonly word: string;
  readonly meaning: string;
  readonly tone: Tone;
  readonly Icon: IconType;
  /** What a person may decide about such a device. */
  readonly verdicts: readonly Verdict[];
}

export type Verdict = "accept" | "revoke";

/** In the order in which they need somebody. */
export const STANDING_ORDER: readonly DeviceStanding[] = ["pending", "cloned", "revoked", "accepted"];

export const STANDINGS: Readonly<Record<DeviceStanding, StandingWords>> = {
  pending: {
    word: "Pending",
    meaning: "Enrolled, and nobody has let it in: it reports, counts nowhere and is in no plan.",
    tone: "busy",
    Icon: IconDoorEnter,
    verdicts: ["accept", "revoke"],
  },
  cloned: {
    word: "Cloned",
    meaning: "Two machines live with this identity: neither is believed, and no plan is made for it.",
    tone: "bad",
    Icon: IconCopy,
    verdicts: ["accept", "revoke"],
  },
  revoked: {
    word: "Revoked",
    meaning: "A person shut it out: it cannot log in and counts nowhere.",
    tone: "warn",
    Icon: IconLock,
    verdicts: ["accept"],
  },
  accepted: {
    word: "Accepted",
    meaning: "Let in: it stands in counts, gates and plans.",
    tone: "good",
    Icon: IconCheck,
    verdicts: ["revoke"],
  },
};

interface VerdictWords {
  readonly verb: string;
  readonly question: (name: string) => string;
  readonly consequences: (standing: DeviceStanding) => readonly string[];
}

export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  accept: {
    verb: "Accept",
    question: (name) => `Accept ${name}?`,
    consequences: (standing) => [
      "It stands in counts and gates at once, and plans that are made from now on may be for it.",
      ...(standing === "cloned"
        ? ["Only if the copy has an identity of its own by now: otherwise both machines are let in as one again."]
        : []),
      ...(standing === "pending"
        ? ["Only if you know this machine: a leaked token could have let another one in."]
        : []),
    ],
  },
  revoke: {
    verb: "Revoke",
    question: (name) => `Revoke ${name}?`,
    consequences: () => [
      "It is refused at login from now on, gets no orders and counts nowhere. What it has reported stays.",
      "Nothing on the machine is changed. You can accept it again.",
    ],
  },
};
