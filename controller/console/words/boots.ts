/**
 * The marks of the boot timeline in words: how a boot went, how it ended. Shape, tone and word always go together, so
 * that no colour is needed to tell them apart.
 */
import type { BootView } from "../../../protocol/api-device.ts";
import { endWords } from "../../../protocol/boot-words.ts";
import type { BootEnd } from "../../../protocol/boot.ts";
import { counted, duration } from "./numbers.ts";
import { clockTime, localDate } from "./times.ts";
import type { Tone } from "./tones.ts";

export type EndKind = BootEnd["kind"] | "running" | "announced" | "untold";
export type Shape = "disc" | "ring" | "bolt" | "cross" | "question" | "play" | "moon";

interface EndMark {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: Shape;
}

export const END_MARKS: Readonly<Record<EndKind, EndMark>> = {
  bugcheck: { word: "bugcheck", tone: "bad", shape: "cross" },
  "power-loss": { word: "power lost", tone: "warn", shape: "bolt" },
  unknown: { word: "ended, not known how", tone: "warn", shape: "question" },
  untold: { word: "end not known yet", tone: "idle", shape: "question" },
  clean: { word: "clean", tone: "good", shape: "disc" },
  "planned-restart": { word: "planned restart", tone: "good", shape: "ring" },
  announced: { word: "said goodbye", tone: "idle", shape: "moon" },
  running: { word: "running", tone: "busy", shape: "play" },
};
export const END_ORDER = Object.keys(END_MARKS) as readonly EndKind[];

export type Quality = "good" | "not-yet" | "never-good" | "unseen" | "unmatched";
export const QUALITIES: Readonly<
  Record<Quality, { readonly word: string; readonly tone: Tone; readonly meaning: string }>
> = {
  good: { word: "good", tone: "good", meaning: "The declared services ran, and it was up long enough." },
  "not-yet": { word: "not good yet", tone: "busy", meaning: "It runs, but services or time are missing so far." },
  "never-good": { word: "never good", tone: "bad", meaning: "It was over before its services ran for long enough." },
  unseen: {
    word: "agent never ran",
    tone: "idle",
    meaning: "Known from the event log alone: the agent did not run in this boot.",
  },
  unmatched: {
    word: "known from the log only",
    tone: "idle",
    meaning:
      "Known from the event log alone. If the clock was set, it may be a boot that the agent reported under another start.",
  },
};
export const QUALITY_ORDER = Object.keys(QUALITIES) as readonly Quality[];

/** @param isRunning it is the newest, and its device is connected */
export function endKindOf({ ending }: BootView, isRunning: boolean): EndKind {
  if (ending === null) return isRunning ? "running" : "untold";
  return ending.by === "leaving" ? "announced" : ending.end.kind;
}

export function qualityOf(boot: BootView, isRunning: boolean): Quality {
  if (boot.kind === "logged") return boot.agentRan === "no" ? "unseen" : "unmatched";
  if (boot.good !== null) return "good";
  return isRunning ? "not-yet" : "never-good";
}

/** What stands below the mark where there is room. */
export function endLabel(boot: BootView, kind: EndKind): string {
  const { ending } = boot;
  if (ending !== null && ending.by !== "leaving" && ending.end.kind === "bugcheck")
    return `0x${ending.end.bugcheck.code}`;
  return END_MARKS[kind].word;
}

export const momentWords = (instant: number): string => `${localDate(instant)} ${clockTime(instant)}`;

/** The name of the boot's button: all that the picture shows of it. */
export function bootName(boot: BootView, isRunning: boolean): string {
  const kind = endKindOf(boot, isRunning);
  const { ending } = boot;
  const end = ending === null || ending.by === "leaving" ? END_MARKS[kind].word : endWords(ending.end);
  const changes = boot.kind === "reported" ? boot.changes.length + boot.changesLeftOut : 0;
  return [
    `Boot of ${momentWords(boot.times.startedAt)}`,
    QUALITIES[qualityOf(boot, isRunning)].word,
    end,
    ...(changes > 0 ? [counted(changes, "content change")] : []),
  ].join(", ");
}

/** "5 boots since 2026-11-20 09:12:00: 3 good, 2 never good." */
export function summaryWords(boots: readonly BootView[], running: string | undefined): string {
  const oldest = boots.at(-1);
  if (oldest === undefined) return "No boots.";
  const qualities = boots.map((boot) => qualityOf(boot, boot.key === running));
  const parts = QUALITY_ORDER.flatMap((quality) => {
    const count = qualities.filter((one) => one === quality).length;
    return count > 0
      ? [`${count} ${quality === "unseen" ? "in which the agent never ran" : QUALITIES[quality].word}`]
      : [];
  });
  return `${counted(boots.length, "boot")} since ${momentWords(oldest.times.startedAt)}: ${parts.join(", ")}.`;
}

/** "up for 3 min", as far as that is known. */
export function uptimeWords({ times: { startedAt, endedAt } }: BootView): string | undefined {
  return endedAt === null ? undefined : duration(endedAt - startedAt);
}
