/**
 * How a request becomes a plan. Pure.
 *
 * Invariant: every selected device stands in exactly one wave.
 */
import type { PlanRequest } from "../../protocol/api.ts";
import { digestOf, type Sha256 } from "../../protocol/canonical.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { Plan } from "../../protocol/plan.ts";
import type { Selectable } from "../../protocol/selector.ts";
import type { Instant } from "../../protocol/time.ts";
import type { z } from "zod";
import { assignWaves } from "../rollout/waves.ts";
import { faultsOfZones } from "../rollout/windows.ts";
import { Refused } from "../ports/refused.ts";

/** @throws Refused with the path of each fault; nothing is stored then. */
export function makePlan(
  request: z.output<typeof PlanRequest>,
  devices: readonly Selectable[],
  made: { readonly id: PlanId; readonly at: Instant },
): Plan {
  const { title, playbook, strategy, incident, supplements } = request;
  const faults = faultsOfZones(strategy).map(({ path, message }) => ({ path: `strategy.${path}`, message }));
  if (faults.length > 0)
    throw new Refused(
      "invalid-request",
      "The strategy cannot be carried out as it is written. Nothing was stored.",
      faults,
    );
  if (devices.length === 0) {
    throw new Refused(
      "nothing-selected",
      "No registered device matches the selector, so there is nothing to plan. Check it against the device list.",
      [{ path: "devices", message: "matches no device" }],
    );
  }
  const { waves, leftOver } = assignWaves(strategy.waves, devices);
  if (leftOver.length > 0) {
    throw new Refused(
      "invalid-request",
      `The waves leave ${leftOver.length} of ${devices.length} selected devices out. Nothing was stored.`,
      [
        {
          path: "strategy.waves",
          message: `no wave takes ${leftOver.length} devices; end with a wave that takes the rest`,
        },
      ],
    );
  }
  if (waves[0]?.length === 0) {
    throw new Refused(
      "invalid-request",
      "The first wave takes no device, so it can never show that the plan works, and no other wave would open. Nothing was stored.",
      [{ path: "strategy.waves.0.take", message: "takes no device" }],
    );
  }
  return {
    id: made.id,
    title,
    createdAt: made.at,
    playbook,
    strategy,
    incident,
    undoes: null,
    supplements,
    waves: strategy.waves.map(({ name }, i) => ({ name, devices: [...(waves[i] ?? [])] })),
  };
}

export const planDigest = (plan: Plan): Sha256 => digestOf(plan);
