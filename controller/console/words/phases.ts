/** The phases of a rollout: word, icon, tone, and which buttons make sense in each. */
import { IconCircleCheck, IconCircleX, IconHandStop, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { RolloutAction } from "../../../protocol/api.ts";
import type { RolloutPhase } from "../../../protocol/rollout.ts";
import type { Tone } from "./tones.ts";
import type { IconType } from "./icon.ts";

interface PhaseWords {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: IconType;
  readonly actions: readonly RolloutAction[];
}

export const PHASES: Readonly<Record<RolloutPhase, PhaseWords>> = {
  running: { word: "Running", tone: "busy", Icon: IconPlayerPlay, actions: ["halt", "pause", "abort"] },
  paused: { word: "Paused", tone: "warn", Icon: IconPlayerPause, actions: ["halt", "resume", "abort"] },
  halted: { word: "Halted", tone: "bad", Icon: IconHandStop, actions: ["resume", "abort"] },
  aborted: { word: "Aborted", tone: "bad", Icon: IconCircleX, actions: [] },
  // Devices that come late may still join a completed rollout, so it can still be stopped.
  completed: { word: "Completed", tone: "good", Icon: IconCircleCheck, actions: ["halt", "abort"] },
};
