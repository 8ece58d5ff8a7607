/**
 * Which device belongs to which wave, fixed when the plan is made.
 *
 * Waves take in order from what the waves before them left, in the order in which the devices are given; no device is
 * taken twice. What no wave takes is given back, so that a plan that forgets devices can be refused.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import { matches, type Selectable } from "../../protocol/selector.ts";
import type { Strategy } from "../../protocol/strategy.ts";

/**
 * Per cent are of all devices of the plan and add up: the waves of 10, 20 and 70 per cent end at 10, 30 and 100 per
 * cent, each end rounded down, so that together they take everyone. Each of them takes at least one device.
 *
 * @param devices each id at most once
 */
export function assignWaves(
  waves: Strategy["waves"],
  devices: readonly Selectable[],
): { readonly waves: readonly (readonly DeviceId[])[]; readonly leftOver: readonly DeviceId[] } {
  let left = devices;
  let [percentSoFar, takenByPercent] = [0, 0];
  const take = (count: number): readonly Selectable[] => {
    const taken = left.slice(0, count);
    left = left.slice(count);
    return taken;
  };

  const assigned = waves.map(({ take: rule }): readonly Selectable[] => {
    if ("rest" in rule) return take(left.length);
    if ("count" in rule) return take(rule.count);
    if ("percent" in rule) {
      percentSoFar += rule.percent;
      const end = Math.floor((devices.length * percentSoFar) / 100 + 1e-6); // 33.3 + 33.3 + 33.4 is not quite 100
      const count = Math.max(1, end - takenByPercent);
      takenByPercent += count;
      return take(count);
    }
    const { selector } = rule;
    const taken = left.filter((device) => matches(selector, device));
    const ids = new Set(taken.map(({ id }) => id));
    left = left.filter(({ id }) => !ids.has(id));
    return taken;
  });
  const idsOf = (list: readonly Selectable[]) => list.map(({ id }) => id);
  return { waves: assigned.map(idsOf), leftOver: idsOf(left) };
}
