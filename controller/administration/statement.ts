/** What approvers sign: what it says in clear is all that can be ordered under it. */
import type { Sha256 } from "../../protocol/canonical.ts";
import { Envelope, PAYLOAD_TYPES, seal, type Signer } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/names.ts";
import { kindOf, type Plan, PlanStatement } from "../../protocol/plan.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { Refused } from "../ports.ts";

export interface ApprovalFacts {
  readonly at: Instant;
  readonly generation: number;
  readonly trustVersion: number;
  readonly siteOf: (device: DeviceId) => Site | undefined;
  /** The Merkle root of a wave's devices. It takes some 20 us a device, and no plan fails for it. */
  readonly rootOf: (wave: number) => Sha256;
}

/** What the approver signs. Waves may be opened from the approval on; the order of waves is the gates' business. */
export function makeStatement(
  plan: Plan,
  planDigest: Sha256,
  { at, generation, trustVersion, siteOf, rootOf }: ApprovalFacts,
): PlanStatement {
  const devices = plan.waves.flatMap((wave) => wave.devices);
  const sites = new Set(devices.flatMap((device) => siteOf(device) ?? []));
  return {
    schema: "ringback.plan-statement/2",
    kind: kindOf(plan.playbook.steps),
    planId: plan.id,
    planDigest,
    title: plan.title,
    steps: [...plan.playbook.steps],
    source: plan.playbook.source,
    era: 1,
    generation,
    undoes: plan.undoes,
    supplements: plan.supplements ?? null,
    deviceCount: devices.length,
    sites: [...sites].sort(),
    waves: plan.waves.map(({ name, devices: members }, wave) => {
      return { name, notBefore: at, size: members.length, root: rootOf(wave) };
    }),
    validFrom: at,
    validUntil: later(at, plan.strategy.validityMs),
    minimumTrustVersion: trustVersion,
    minimumPolicyVersion: 1,
  };
}

/**
 * Signs a statement. What cannot be carried to a device is refused here: at planning, so that nobody approves in vain,
 * and again at the approval, since devices may have moved.
 *
 * @throws Refused
 */
export function sealStatement(statement: PlanStatement, approver: Signer): Envelope {
  const sealed = PlanStatement.safeParse(statement).success
    ? Envelope.safeParse(seal(PAYLOAD_TYPES.statement, statement, [approver]))
    : undefined;
  if (sealed?.success === true) return sealed.data;
  throw new Refused(
    "too-large",
    `The plan names ${statement.sites.length} sites. A statement that agents can take holds 2,000 at most, and 150 kB with steps and names. Split the plan by site; nothing was changed.`,
    [{ path: "devices", message: "too many sites, or names too long, for one plan" }],
  );
}
