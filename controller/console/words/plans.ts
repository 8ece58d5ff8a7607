/** Where a plan stands on its way to a rollout. */
import { IconPlayerPlay, IconSignature, IconWritingSign } from "@tabler/icons-react";
import type { PlanView } from "../../../protocol/api.ts";

export const planSize = ({ waves }: PlanView): number => waves.reduce((sum, { deviceCount }) => sum + deviceCount, 0);

export function planStanding({ approvedAt, rollout }: PlanView) {
  if (rollout !== null) return { word: "Started", tone: "good", Icon: IconPlayerPlay } as const;
  if (approvedAt !== null) return { word: "Approved, not started", tone: "busy", Icon: IconSignature } as const;
  return { word: "Waits for approval", tone: "warn", Icon: IconWritingSign } as const;
}
