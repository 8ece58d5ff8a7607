/** Random rollouts and random days for them: small fleets, few sites and roles, so that every limit is met often. */
import fc from "fast-check";
import type { PlacedDevice, RolloutDefinition } from "../../controller/rollout/types.ts";
import { Role, Site } from "../../protocol/names.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { CountOrShare, Gate } from "../../protocol/strategy.ts";
import { later } from "../../protocol/time.ts";
import { device, NOON } from "../support/fleet-builders.ts";
import { aRollout, HOUR, MINUTE } from "../support/rollout-driver.ts";

const SITES = ["North", "South", "West"].map((name) => Site.parse(name));
const ROLES = ["workstation", "clinical"].map((name) => Role.parse(name));
const OUTSIDERS: readonly PlacedDevice[] = [200, 201, 202].map((n, i) => ({
  id: device(n),
  site: SITES[i % 3] ?? Site.parse("North"),
  role: ROLES[i % 2] ?? Role.parse("workstation"),
}));

const share = fc.integer({ min: 0, max: 20 }).map((twentieths) => Math.round(twentieths * 50) / 1_000);
const countOrShare = (max: number): fc.Arbitrary<CountOrShare> =>
  fc.oneof(
    fc.integer({ min: 1, max }).map((count) => ({ count })),
    share.map((s) => ({ share: s })),
  );
const gate: fc.Arbitrary<Gate> = fc.record({
  successShareMin: fc.oneof(
    share.map((s) => Math.max(0.05, s)),
    fc.constantFrom(0.05, 0.5),
  ),
  failureShareMax: fc.oneof(share, fc.constantFrom(0.5, 1)),
  sampleMin: fc.oneof(countOrShare(4), fc.constant({ count: 1 })),
  bakeMs: fc.constantFrom(0, MINUTE, 20 * MINUTE),
  deadlineMs: fc.constantFrom(10 * MINUTE, 4 * HOUR, 24 * HOUR, 240 * HOUR),
});
const placed = fc.record({ site: fc.constantFrom(...SITES), role: fc.constantFrom(...ROLES) });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const PATIENCE = { offerMs: 10 * MINUTE, silentMs: 15 * MINUTE, orderMs: HOUR };

export const aRandomRollout = (patience: RolloutDefinition["patience"] = PATIENCE): fc.Arbitrary<RolloutDefinition> =>
  fc
    .record({
      waves: fc.array(
        fc.record({
          gate,
          places: fc.array(placed, { maxLength: 4 }),
          notBeforeMs: fc.constantFrom(0, 0, 0, 30 * MINUTE),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      inFlightMax: fc.integer({ min: 1, max: 5 }),
      downMaxPerSite: optional(countOrShare(3)),
      downMaxPerRole: optional(countOrShare(4)),
      siteMax: optional(countOrShare(2)),
      clinical: optional(fc.record({ downMax: countOrShare(4), atOnceMax: optional(fc.integer({ min: 1, max: 2 })) })),
      validMs: fc.constantFrom(4 * HOUR, 240 * HOUR, 240 * HOUR),
    })
    .map(({ waves, inFlightMax, downMaxPerSite, downMaxPerRole, siteMax, clinical, validMs }) => {
      let next = 1;
      return aRollout({
        waves: waves.map((wave) => ({
          gate: wave.gate,
          notBefore: later(NOON, wave.notBeforeMs),
          devices: wave.places.map((place) => ({ id: device(next++), ...place })),
        })),
        budgets: {
          inFlightMax,
          ...(downMaxPerSite === undefined ? {} : { downMaxPerSite }),
          ...(downMaxPerRole === undefined ? {} : { downMaxPerRole }),
          sites: siteMax === undefined ? [] : [{ site: Site.parse("South"), downMax: siteMax }],
          roles: clinical === undefined ? [] : [{ role: Role.parse("clinical"), ...clinical }],
        },
        patience,
        validUntil: later(NOON, validMs),
      });
    });

/** Something happens. `pick` chooses the device among those to which it can happen. */
export type Happening =
  | { readonly kind: "connect" | "disconnect" | "hear"; readonly pick: number }
  | { readonly kind: "answer"; readonly status: DeviceStatus; readonly pick: number }
  | { readonly kind: "up" | "down"; readonly pick: number }
  | { readonly kind: "outsider"; readonly up: boolean; readonly device: PlacedDevice }
  | { readonly kind: "act"; readonly act: "paused" | "resumed" | "halted" | "aborted" }
  | { readonly kind: "wait"; readonly ms: number };

const pick = fc.nat({ max: 1_000 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("connect" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hear" as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("disconnect" as const), pick }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      status: fc.constantFrom<DeviceStatus>(
        ...(["running", "running", "running", "running", "running", "running", "running"] as const),
        ...(["succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "succeeded"] as const),
        ...(["failed", "refused", "not-applicable", "not-applicable", "queued", "stopped"] as const),
      ),
      pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("up" as const, "down" as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("outsider" as const),
      up: fc.boolean(),
      device: fc.constantFrom(...OUTSIDERS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("act" as const),
      act: fc.constantFrom(...(["paused", "resumed", "resumed", "resumed", "resumed", "resumed", "halted"] as const)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(MINUTE, MINUTE, 5 * MINUTE, 5 * MINUTE, 20 * MINUTE, 20 * MINUTE, HOUR),
    }),
  },
);
const aborting = fc.record({ kind: fc.constant("act" as const), act: fc.constant("aborted" as const) });

/** A day in the life of a rollout. One in eight ends with an abort and what comes after it. */
export const aRandomDay: fc.Arbitrary<readonly Happening[]> = fc.oneof(
  { weight: 7, arbitrary: fc.array(happening, { maxLength: 150, size: "max" }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(happening, { maxLength: 40, size: "max" }), aborting, fc.array(happening, { maxLength: 20 }))
      .map(([before, abort, after]) => [...before, abort, ...after]),
  },
);
