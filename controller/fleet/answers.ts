/**
 * Who can be expected to take an order now, and whether taking it costs anybody anything. Pure.
 *
 * Whoever is down and answers comes first: a budget always lets such a machine be taken, while a healthy one of a site that
 * is mostly down waits for room; and what it shows of a cure is what the others need to know.
 */
import { type Instant, later } from "../../protocol/time.ts";
import { hasCrashed } from "./condition.ts";
import type { FleetDevice } from "./fleet.ts";

/** `down`: the fault has taken it down, and it shows up all the same. `up`: connected. `no`: neither. */
export type Answers = "down" | "up" | "no";

/** Loops show up every few minutes at first, and ever less as they end in the recovery environment. */
const LOOP_HEARD_MS = 15 * 60_000;
const RANK: Readonly<Record<Answers, number>> = { down: 0, up: 1, no: 2 };

export function answersOf({ condition, connected, state }: FleetDevice, now: Instant): Answers {
  const isLooping = condition === "boot-loop" || hasCrashed(state);
  if (isLooping && state !== null && (connected || later(state.lastHeardAt, LOOP_HEARD_MS) > now)) return "down";
  return connected ? "up" : "no";
}

/** First those that are down and answer, then those that answer, then those heard last; of each, around the sites. */
export function likelyToAnswerFirst(devices: readonly FleetDevice[], now: Instant): FleetDevice[] {
  const heard = ({ state }: FleetDevice): number => state?.lastHeardAt ?? 0;
  const ranked = devices
    .map((device) => ({ device, rank: RANK[answersOf(device, now)], round: 0 }))
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        Number(b.device.connected) - Number(a.device.connected) ||
        heard(b.device) - heard(a.device) ||
        (a.device.row.id < b.device.row.id ? -1 : 1),
    );
  const taken = new Map<string, number>();
  for (const each of ranked) {
    const place = `${each.rank} ${each.device.row.site}`;
    each.round = taken.get(place) ?? 0;
    taken.set(place, each.round + 1);
  }
  return ranked.toSorted((a, b) => a.rank - b.rank || a.round - b.round).map(({ device }) => device);
}
