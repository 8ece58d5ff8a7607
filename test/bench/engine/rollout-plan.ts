/**
 * A large rollout as hospitals would plan it: six waves, gates that want to see most of a wave, few machines down at a
 * site and of a role, taken at night and not in the freeze. One device in twenty is not part of it.
 */
import type { PlacedDevice, RolloutDefinition } from "../../../controller/rollout/types.ts";
import { newId } from "../../../protocol/ids.ts";
import { Role } from "../../../protocol/names.ts";
import type { Gate } from "../../../protocol/strategy.ts";
import { later } from "../../../protocol/time.ts";
import { DAY_BEGAN } from "../population/states.ts";

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Per cent of the plan's devices; the last one takes the rest. */
const WAVES = [0.01, 1, 5, 15, 30] as const;
const OUTSIDE_EVERY = 20;

const isOutside = (n: number): boolean => n % OUTSIDE_EVERY === OUTSIDE_EVERY - 1;

const gate: Gate = {
  successShareMin: 0.9,
  failureShareMax: 0.1,
  sampleMin: { share: 0.8 },
  bakeMs: 15 * MINUTE,
  deadlineMs: 6 * HOUR,
};

export function rolloutPlan(fleet: readonly PlacedDevice[]): RolloutDefinition {
  const devices = fleet.filter((_, n) => !isOutside(n));
  const waves: RolloutDefinition["waves"][number][] = [];
  let taken = 0;
  for (const percent of [...WAVES, 100]) {
    const end = Math.min(devices.length, taken + Math.max(1, Math.floor((devices.length * percent) / 100)));
    waves.push({ name: `wave-${waves.length + 1}`, gate, notBefore: DAY_BEGAN, devices: devices.slice(taken, end) });
    taken = end;
  }
  const sizesBy = <Name>(nameOf: (device: PlacedDevice) => Name): Map<Name, number> => {
    const sizes = new Map<Name, number>();
    for (const device of fleet) sizes.set(nameOf(device), (sizes.get(nameOf(device)) ?? 0) + 1);
    return sizes;
  };
  const seed = new Uint8Array(10);
  return {
    id: newId("rollout", DAY_BEGAN, seed),
    plan: newId("plan", DAY_BEGAN, seed),
    waves,
    budgets: {
      inFlightMax: 20_000,
      downMaxPerSite: { share: 0.05 },
      downMaxPerRole: { share: 0.2 },
      sites: [],
      roles: [{ role: Role.parse("domain-controller"), downMax: { share: 0.1 } }],
    },
    windows: [
      { zone: "Europe/London", days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "19:00", to: "07:00" },
      { zone: "Europe/London", days: ["sat", "sun"], from: "07:00", to: "19:00" },
    ],
    freezes: [{ zone: "Europe/London", from: "2026-12-24T12:00", to: "2027-01-02T00:00", reason: "end of the year" }],
    patience: { offerMs: 10 * MINUTE, silentMs: 30 * MINUTE, orderMs: 2 * HOUR },
    validUntil: later(DAY_BEGAN, 14 * 24 * HOUR),
    siteSizes: sizesBy(({ site }) => site),
    roleSizes: sizesBy(({ role }) => role),
  };
}
