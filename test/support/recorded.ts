/** The recorded examples of everything that is sent or stored: which kinds there are, and where their files lie. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { DeviceRegistration, Group } from "../../protocol/api.ts";
import { BootEnd } from "../../protocol/boot.ts";
import { ContentSource } from "../../protocol/content-source.ts";
import { HoldStatement, ResumeStatement } from "../../protocol/emergency.ts";
import { EnrolmentRequest } from "../../protocol/enrolment.ts";
import { Freshness } from "../../protocol/freshness.ts";
import { AgentFrame, ControllerFrame, ReportBody, SCHEMA_MINOR } from "../../protocol/frames.ts";
import { Plan, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import { Policy } from "../../protocol/policy.ts";
import { Playbook, Step } from "../../protocol/playbook.ts";
import { Receipt, StepReceipt } from "../../protocol/progress.ts";
import { RolloutEvent } from "../../protocol/rollout.ts";
import { Strategy } from "../../protocol/strategy.ts";
import { TrustDocument } from "../../protocol/trust-document.ts";

/** Unions: one recording for each variant, called `<union>.<kind>.json`. */
const RECORDED_UNIONS = {
  "agent-frame": { schema: AgentFrame, kinds: AgentFrame.options.map(({ shape }) => shape.type.value) },
  "controller-frame": { schema: ControllerFrame, kinds: ControllerFrame.options.map(({ shape }) => shape.type.value) },
  report: { schema: ReportBody, kinds: ReportBody.options.map(({ shape }) => shape.kind.value) },
  "boot-end": { schema: BootEnd, kinds: BootEnd.options.map(({ shape }) => shape.kind.value) },
  step: { schema: Step, kinds: Step.options.map(({ shape }) => shape.kind.value) },
  "rollout-event": { schema: RolloutEvent, kinds: RolloutEvent.options.map(({ shape }) => shape.kind.value) },
} as const;

/** Documents of one form each, called `<name>.json`. */
const RECORDED_DOCUMENTS = {
  "content-source": ContentSource,
  "device-registration": DeviceRegistration,
  group: Group,
  plan: Plan,
  "plan-statement": PlanStatement,
  playbook: Playbook,
  receipt: Receipt,
  strategy: Strategy,
  "trust-document": TrustDocument,
  policy: Policy,
  freshness: Freshness,
  "resume-statement": ResumeStatement,
  "hold-statement": HoldStatement,
  "step-receipt": StepReceipt,
  "enrolment-request": EnrolmentRequest,
  "wave-order": WaveOrder,
} as const;

/** The name of every recording that there must be. */
export const recordingNames = (): readonly string[] => [
  ...Object.entries(RECORDED_UNIONS).flatMap(([union, { kinds }]) => kinds.map((kind) => `${union}.${kind}`)),
  ...Object.keys(RECORDED_DOCUMENTS),
];

export function schemaOf(name: string): z.ZodType {
  const [first = ""] = name.split(".");
  const found = Object.entries({ ...RECORDED_UNIONS, ...RECORDED_DOCUMENTS }).find(([key]) => key === first)?.[1];
  if (found === undefined) throw new Error(`nothing is called ${name}: name it in test/support/recorded.ts`);
  return "kinds" in found ? found.schema : found;
}

const ROOT = join(import.meta.dirname, "../protocol/recorded");

/** The folder of the newest minor, where new recordings go. */
export const RECORDING_FOLDER = join(ROOT, `minor-${SCHEMA_MINOR.newest}`);

/** Every recording there is, of every minor that was ever spoken. */
export function recordings(): readonly { readonly minor: string; readonly name: string; readonly json: unknown }[] {
  if (!existsSync(ROOT)) return [];
  return readdirSync(ROOT).flatMap((minor) =>
    readdirSync(join(ROOT, minor)).map((file) => ({
      minor,
      name: file.replace(/\.json$/, ""),
      json: JSON.parse(readFileSync(join(ROOT, minor, file), "utf8")) as unknown,
    })),
  );
}
