/** What devices have answered to the question what steps would do there, in words. Pure. */
import type { DryRunView } from "../../protocol/api-proposals.ts";
import type { CheckQuestion } from "../../protocol/check.ts";
import type { Instant } from "../../protocol/time.ts";
import type { z } from "zod";
import type { Fleet } from "../fleet/fleet.ts";
import type { DryRun, DryRunAnswer } from "../ports/gateway.ts";

type View = z.infer<typeof DryRunView>;
type DeviceView = View["devices"][number];

export interface Asked {
  readonly run: DryRun;
  readonly question: CheckQuestion;
  readonly at: Instant;
}

export function dryRunView({ run }: Asked, fleet: Fleet, now: Instant): View {
  const devices = [...run.answers].flatMap(([id, answer]): DeviceView[] => {
    const row = fleet.get(id)?.row;
    return row === undefined ? [] : [{ device: id, name: row.name, role: row.role, ...said(answer) }];
  });
  return { devices, sentence: sentenceOf(devices), asOf: now };
}

function said(answer: DryRunAnswer): Pick<DeviceView, "state" | "steps" | "because"> {
  switch (answer.kind) {
    case "looked": {
      const fails = answer.results.filter(({ would }) => would === "fail");
      const changes = answer.results.filter(({ would }) => would === "change").length;
      const because =
        fails.length > 0
          ? `Step ${(fails[0]?.step ?? 0) + 1} would fail: ${fails[0]?.because ?? ""}`
          : changes === 0
            ? "Nothing would be changed here."
            : `${changes} of ${answer.results.length} steps would change something.`;
      return { state: "answered", steps: [...answer.results], because };
    }
    case "refused":
      return { state: "refused", steps: [], because: answer.because };
    case "asked":
      return { state: "asked", steps: [], because: "No answer yet; an agent looks for half a minute at most." };
    case "too-old":
      return { state: "too-old", steps: [], because: "Its agent does not know such questions. Update the agent." };
    case "not-connected":
      return { state: "not-connected", steps: [], because: "It is not connected now, or has gone before it answered." };
    case "silent":
      return {
        state: "not-connected",
        steps: [],
        because: "It was connected and said nothing in time. Ask again later.",
      };
  }
}

function sentenceOf(devices: readonly DeviceView[]): string {
  if (devices.length === 0)
    return "None of the targets is connected now, so nobody could be asked. Nothing was changed.";
  const answered = devices.filter(({ state }) => state === "answered");
  const would = (kind: DeviceView["steps"][number]["would"]) =>
    answered.filter(({ steps }) => steps.some((step) => step.would === kind)).length;
  const [fails, changes] = [would("fail"), would("change")];
  const waits = devices.filter(({ state }) => state === "asked").length;
  const parts = [
    `${answered.length} of ${devices.length} devices answered`,
    ...(answered.length === 0 ? [] : [`the steps would change something on ${changes} and fail on ${fails}`]),
    ...(waits === 0 ? [] : [`${waits} still look`]),
  ];
  return `${parts.join("; ")}. Nothing was changed.`;
}
