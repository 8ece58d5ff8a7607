/** A strategy in plain words: how fast, how many at once, when, and for how long. */
import type { CountOrShare, Gate, Strategy } from "../../../protocol/strategy.ts";
import { count, counted, duration, share } from "./numbers.ts";
import { sizeOf } from "./gates.ts";

const most = (limit: CountOrShare): string => ("count" in limit ? count(limit.count) : share(limit.share));

export function gateWords({ successShareMin, failureShareMax, sampleMin, bakeMs, deadlineMs }: Gate): string {
  return [
    `at least ${share(successShareMin)} of the sample succeeded`,
    `at most ${share(failureShareMax)} did not`,
    `sample of at least ${sizeOf(sampleMin)}`,
    bakeMs === 0 ? "no bake time" : `held for ${duration(bakeMs)}`,
    `undecided after ${duration(deadlineMs)} it pauses for a person`,
  ].join("; ");
}

export function strategyWords({ budgets, windows, freezes, patience, validityMs }: Strategy): readonly string[] {
  const { inFlightMax, downMaxPerSite, downMaxPerRole, sites, roles } = budgets;
  return [
    `At most ${counted(inFlightMax, "device")} at work at once.`,
    ...(downMaxPerSite === undefined ? [] : [`At most ${most(downMaxPerSite)} down at once at a site.`]),
    ...(downMaxPerRole === undefined ? [] : [`At most ${most(downMaxPerRole)} down at once of a role.`]),
    ...sites.map(({ site, downMax }) => `At most ${most(downMax)} down at once at ${site}.`),
    ...roles.map(({ role, downMax }) => `At most ${most(downMax)} down at once of the role ${role}.`),
    ...roles.flatMap(({ role, atOnceMax }) =>
      atOnceMax === undefined
        ? []
        : [`At most ${counted(atOnceMax, "device")} of the role ${role} at work at once, also of those that are down.`],
    ),
    ...windows.map(({ zone, days, from, to }) => `Only ${days.join(", ")} from ${from} to ${to} (${zone}).`),
    ...freezes.map(({ zone, from, to, reason }) => `Not from ${from} to ${to} (${zone}): ${reason}.`),
    `An offer not taken for ${duration(patience.offerMs)} is taken back; a device not heard for ${duration(patience.silentMs)} counts as silent; an order not finished after ${duration(patience.orderMs)} has timed out.`,
    `Devices that come back late may take the order for ${duration(validityMs)} after approval.`,
  ];
}
