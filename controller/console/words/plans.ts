/** Where a plan stands on its way to a rollout. */
import { IconAlertTriangle, IconPlayerPlay, IconSignature, IconWritingSign } from "@tabler/icons-react";
import type { PlanView } from "../../../protocol/api.ts";
import { counted } from "./numbers.ts";

export const planSize = ({ waves }: PlanView): number => waves.reduce((sum, { deviceCount }) => sum + deviceCount, 0);

export function planStanding({ approval, rollout }: Pick<PlanView, "approval" | "rollout">) {
  if (rollout !== null) return { word: "Started", tone: "good", Icon: IconPlayerPlay } as const;
  if (approval === "approved") return { word: "Approved, not started", tone: "busy", Icon: IconSignature } as const;
  if (approval === "void") return { word: "Approval void", tone: "bad", Icon: IconAlertTriangle } as const;
  return { word: "Waits for approval", tone: "warn", Icon: IconWritingSign } as const;
}

type Approved = Pick<PlanView, "approvals" | "approvalsNeeded">;

/** People, not keys: somebody who signed twice is one voice. */
export const approversSoFar = ({ approvals }: Pick<PlanView, "approvals">): number =>
  new Set(approvals.filter(({ counts }) => counts).map(({ person }) => person)).size;

/** "It needs the approval of 2 people; 1 has approved." */
export function approvalsWanted(plan: Approved): string {
  const { approvalsNeeded } = plan;
  const people = approvalsNeeded === 1 ? "one person" : counted(approvalsNeeded, "person", "people");
  const soFar = approversSoFar(plan);
  return soFar === 0
    ? `It needs the approval of ${people}.`
    : `It needs the approval of ${people}; ${soFar} ${soFar === 1 ? "has" : "have"} approved.`;
}

/** Why an approval that was complete does not count any more. */
export function whyVoid(plan: Approved): string {
  const soFar = approversSoFar(plan);
  if (soFar < plan.approvalsNeeded)
    return `By the trust document and policy of now ${counted(plan.approvalsNeeded, "person", "people")} must approve, and the approvals of ${soFar} count.`;
  return "By the policy of now a plan for so many devices needs an approval by key file, and all of these are by passkey.";
}
