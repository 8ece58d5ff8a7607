/** A drill as a person reads it: what happened, how the machines come back, what is counted how. */
import { HORIZON_DAYS, type Recovery } from "../recovery/simulate-recovery.ts";
import { facts, table } from "../../cli/output.ts";
import type { DrillReport } from "./drill-report.ts";

export function reportText(report: DrillReport): string {
  const { scenario, fleet, seed } = report;
  const head = `${scenario.title}\n${count(fleet)} simulated machines, seed ${seed}. No real device was reached.`;
  const body = report.recoveries.length === 0 ? [nobodyHurt(report)] : [recoveryText(report), explanation(report)];
  return [head, facts(spread(report)), ...body, assumptions(report)].join("\n\n");
}

function spread(report: DrillReport): (readonly [string, string])[] {
  const { minutes, atIncident, atVerdict, inTheEnd, withoutProduct, fleet, convicted } = report;
  const at = (moment: number | null, exposure: DrillReport["atIncident"]): string =>
    moment === null || exposure === null
      ? "none"
      : `${duration(moment)} after the first exposure; ${took(exposure, fleet)}`;
  return [
    ["First crash", minutes.firstCrash === null ? "none" : `${duration(minutes.firstCrash)} after the first exposure`],
    ["Incident", at(minutes.incident, atIncident)],
    [
      "Verdict",
      `${at(minutes.verdict, atVerdict)}${convicted.length === 0 ? "" : `; convicted: ${convicted.join(", ")}`}`,
    ],
    ["Our rollouts halt", minutes.halt === null ? "no" : `${duration(minutes.halt)} after the first exposure`],
    [
      "Nobody takes it any more",
      minutes.closed === null ? "never" : `${duration(minutes.closed)} after the first exposure`,
    ],
    ["In the end", took(inTheEnd, fleet)],
    ["Without the product", took(withoutProduct, fleet)],
  ];
}

const took = ({ exposed, hurt }: { readonly exposed: number; readonly hurt: number }, fleet: number): string =>
  `${count(exposed)} machines had taken it (${percent(exposed / fleet)}), ${count(hurt)} were hurt`;

function nobodyHurt({ scenario, inTheEnd }: DrillReport): string {
  if (scenario.isNegative && inTheEnd.hurt === 0)
    return "Nothing is wrong in this scenario, and nothing had to be brought back.";
  return "No machine was hurt, so there was nothing to bring back.";
}

function recoveryText({ recoveries }: DrillReport): string {
  const rows = recoveries.map((recovery) => [
    recovery.strategy,
    count(recovery.hurt),
    reached(recovery.half),
    reached(recovery.ninety),
    reached(recovery.ninetyNine),
    count(recovery.machineHoursDown),
    count(recovery.machineHoursUnprotected),
    recovery.worsened === 0
      ? END_WORDS[recovery.end]
      : `${END_WORDS[recovery.end]}; ${count(recovery.worsened)} made worse`,
  ]);
  const head = ["STRATEGY", "HURT", "50 % BACK", "90 %", "99 %", "HOURS DOWN", "UNPROTECTED", "END"];
  const [first] = recoveries;
  const why = first === undefined ? "" : `\n\n${first.strategy}: ${first.because}\n${rungs(first)}`;
  return `${table(head, rows)}${why}`;
}

const END_WORDS: Readonly<Record<Recovery["end"], string>> = {
  "went through": "went through",
  stopped: "stopped",
  "not finished": "not finished",
  "no plan": "visits",
};

function rungs({ byRung, hurt, recovered }: Recovery): string {
  const { online, moments, guardian, visit } = byRung;
  const parts = [
    `${count(online)} by an order while online`,
    `${count(moments)} by an order taken in a moment of network`,
    `${count(guardian)} by themselves`,
    `${count(visit)} by somebody who went there`,
  ];
  return `Of ${count(hurt)} hurt machines ${count(recovered)} came back: ${parts.join(", ")}.`;
}

const explanation = ({ staff }: DrillReport): string =>
  [
    `Times count from the first exposure; "not in ${HORIZON_DAYS} days" where it took longer. Hours are machine-hours: down from the`,
    "crash until the machine serves again; unprotected from when nobody takes it any more until",
    "good content is back, of machines that took the faulty version.",
    `Visits: ${count(staff.technicians)} technicians ${staff.each === "site" ? "at each site" : "for the whole fleet"}, ${staff.minutesAMachine} minutes a machine, ${
      staff.hours === null ? "day and night" : `${staff.hours.from} to ${staff.hours.to} o'clock UTC`
    }.`,
  ].join("\n");

const assumptions = ({ assumptions: all }: DrillReport): string =>
  ["Not known, and chosen:", ...all.map((one) => `- ${one}`)].join("\n");

const reached = (minutes: number | null): string =>
  minutes === null ? `not in ${HORIZON_DAYS} days` : duration(minutes);

/** "36 s", "4.2 min", "5.6 h", "3.4 days". */
export function duration(minutes: number): string {
  if (minutes < 2) return `${Math.round(minutes * 60)} s`;
  if (minutes < 120) return `${round(minutes)} min`;
  return minutes < 2_880 ? `${round(minutes / 60)} h` : `${round(minutes / 1_440)} days`;
}
const round = (value: number): number => Math.round(value * 10) / 10;

export const count = (value: number): string => value.toLocaleString("en");
const percent = (share: number): string =>
  `${share > 0 && share < 0.001 ? "under 0.1" : Math.round(share * 1_000) / 10} %`;
