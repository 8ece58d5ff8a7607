/** What approvers sign: what it says in clear is all that can be ordered under it. Pure. */
import type { Sha256 } from "../../protocol/canonical.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { Envelope, PAYLOAD_TYPES, toBase64 } from "../../protocol/dsse.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { Site } from "../../protocol/names.ts";
import { kindOf, type Plan, PlanStatement } from "../../protocol/plan.ts";
import type { Policy } from "../../protocol/policy.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { eraOf, type TrustDocument } from "../../protocol/trust-document.ts";
import { Refused } from "../ports/refused.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { Unsigned } from "../store/signing.ts";

export interface StatementFacts {
  readonly at: Instant;
  readonly generation: number;
  readonly trust: Pick<TrustKeeper, "document" | "policy">;
  readonly siteOf: (device: DeviceId) => Site | undefined;
  /** The Merkle root of a wave's devices. It takes some 20 us a device. */
  readonly rootOf: (wave: number) => Sha256;
}

/** Waves may be opened from now on; the order of waves is the gates' business. */
export function makeStatement(
  plan: Plan,
  planDigest: Sha256,
  { at, generation, trust, siteOf, rootOf }: StatementFacts,
): PlanStatement {
  const devices = plan.waves.flatMap((wave) => wave.devices);
  const sites = new Set(devices.flatMap((device) => siteOf(device) ?? []));
  const { source } = plan.playbook;
  return {
    schema: "ringback.plan-statement/2",
    kind: kindOf(plan.playbook.steps),
    planId: plan.id,
    planDigest,
    title: plan.title,
    steps: [...plan.playbook.steps],
    source,
    era: eraOf(trust.document, source),
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
    minimumTrustVersion: trust.document.version,
    minimumPolicyVersion: trust.policy.version,
  };
}

/**
 * The very bytes that are signed. What cannot be carried to a device is refused here: at planning, so that nobody
 * approves in vain.
 *
 * @throws Refused
 */
export function unsignedStatement(statement: PlanStatement): Unsigned {
  const payloadType = statement.kind === "restore" ? PAYLOAD_TYPES.restore : PAYLOAD_TYPES.statement;
  const payload = PlanStatement.safeParse(statement).success ? toBase64(canonicalBytes(statement)) : undefined;
  if (payload !== undefined && Envelope.shape.payload.safeParse(payload).success) return { payloadType, payload };
  throw new Refused(
    "too-large",
    `The plan names ${statement.sites.length} sites. A statement that agents can take holds 2,000 at most, and 150 kB with steps and names. Split the plan by site; nothing was changed.`,
    [{ path: "devices", message: "too many sites, or names too long, for one plan" }],
  );
}

/** How many people have to approve such a plan. */
export const approvalsNeeded = (kind: PlanStatement["kind"], document: TrustDocument, policy: Policy): number =>
  kind === "restore"
    ? Math.max(document.approvers.threshold, policy.limits.restoreThreshold ?? 0)
    : document.approvers.threshold;
