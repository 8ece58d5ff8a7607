/**
 * The curves of a drill as one picture that stands by itself: no script, no font of elsewhere, readable on light and on
 * dark, and without telling colours apart: each curve has a dash of its own, and the legend says in words what it shows.
 */
import type { Recovery } from "../recovery/simulate-recovery.ts";
import type { DrillReport } from "./drill-report.ts";
import { count, duration } from "./report-text.ts";

const WIDTH = 860;
const PLOT = { left: 64, top: 64, width: 760, height: 320 } as const;
const ROW = 22;
/** On light and on dark; chosen to differ in lightness too. */
const LOOKS = [
  { light: "#0b5cad", dark: "#7ab8ff", dash: "" },
  { light: "#a8430a", dark: "#ffb27a", dash: "9 4" },
  { light: "#1f7a3d", dark: "#7fe0a0", dash: "2 4" },
  { light: "#7a2f8f", dark: "#e0a3f2", dash: "12 4 2 4" },
  { light: "#555555", dark: "#bbbbbb", dash: "5 5" },
] as const;
const TICKS = [
  { minutes: 1, word: "1 min" },
  { minutes: 10, word: "10 min" },
  { minutes: 60, word: "1 h" },
  { minutes: 600, word: "10 h" },
  { minutes: 1_440, word: "1 day" },
  { minutes: 10_080, word: "7 days" },
  { minutes: 43_200, word: "30 days" },
] as const;
const LAST = 43_200;

export function curvesSvg(report: DrillReport): string {
  const { recoveries, scenario, fleet } = report;
  const height = PLOT.top + PLOT.height + 64 + ROW * recoveries.length + 12;
  const title = `How machines come back: ${scenario.title}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="13">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(`Share of the hurt machines that are back, by the time since the first exposure. ${recoveries.map(inWords).join(" ")}`)}</desc>
<style>
svg { background: #ffffff; color: #1a1a1a } .grid { stroke: #d8d8d8 }
${LOOKS.map(({ light }, i) => `.c${i} { stroke: ${light} }`).join(" ")}
@media (prefers-color-scheme: dark) {
svg { background: #16181c; color: #f0f0f0 } .grid { stroke: #3a3f47 }
${LOOKS.map(({ dark }, i) => `.c${i} { stroke: ${dark} }`).join(" ")}
}
text { fill: currentColor } text.soft { opacity: .8 } path, line { fill: none }
</style>
<text x="${PLOT.left}" y="26" font-size="16" font-weight="600">${escaped(title)}</text>
<text x="${PLOT.left}" y="46" class="soft">${escaped(`${count(fleet)} simulated machines, seed ${report.seed}; share of the hurt machines that are back`)}</text>
${axes()}
${recoveries.map((recovery, i) => curve(recovery, i)).join("\n")}
${recoveries.map((recovery, i) => legend(recovery, i)).join("\n")}
</svg>
`;
}

function axes(): string {
  const rows = [0, 25, 50, 75, 100].map((percent) => {
    const y = yOf(percent / 100);
    return `<line class="grid" x1="${PLOT.left}" y1="${y}" x2="${PLOT.left + PLOT.width}" y2="${y}"/><text class="soft" x="${PLOT.left - 8}" y="${y + 4}" text-anchor="end">${percent} %</text>`;
  });
  const columns = TICKS.map(({ minutes, word }) => {
    const x = xOf(minutes);
    return `<line class="grid" x1="${x}" y1="${PLOT.top}" x2="${x}" y2="${PLOT.top + PLOT.height}"/><text class="soft" x="${x}" y="${PLOT.top + PLOT.height + 18}" text-anchor="middle">${word}</text>`;
  });
  const under = `<text class="soft" x="${PLOT.left}" y="${PLOT.top + PLOT.height + 40}">time since the first machine took the faulty version (each step to the right is longer)</text>`;
  return [...rows, ...columns, under].join("\n");
}

function curve({ curve: points, recovered, hurt }: Recovery, i: number): string {
  const start = points[0]?.minutes ?? 1;
  const end = { minutes: LAST, recovered: hurt === 0 ? 0 : recovered / hurt };
  const path = [{ minutes: 1, recovered: 0 }, { minutes: start, recovered: 0 }, ...points, end]
    .map(({ minutes, recovered: share }, n) => `${n === 0 ? "M" : "L"}${xOf(minutes)} ${yOf(share)}`)
    .join("");
  return `<path class="c${i % LOOKS.length}" stroke-width="2.5" stroke-dasharray="${LOOKS[i % LOOKS.length]?.dash ?? ""}" d="${path}"/>`;
}

function legend(recovery: Recovery, i: number): string {
  const y = PLOT.top + PLOT.height + 64 + ROW * i;
  const line = `<line class="c${i % LOOKS.length}" stroke-width="2.5" stroke-dasharray="${LOOKS[i % LOOKS.length]?.dash ?? ""}" x1="${PLOT.left}" y1="${y - 4}" x2="${PLOT.left + 44}" y2="${y - 4}"/>`;
  return `${line}<text x="${PLOT.left + 54}" y="${y}">${escaped(inWords(recovery))}</text>`;
}

function inWords({ strategy, hurt, half, ninetyNine, end }: Recovery): string {
  const when = (minutes: number | null): string =>
    minutes === null ? "never in this drill" : `after ${duration(minutes)}`;
  return `${strategy}: ${count(hurt)} machines hurt; half are back ${when(half)}, 99 % ${when(ninetyNine)}${end === "stopped" ? "; stopped" : ""}.`;
}

/** The time axis is logarithmic: hours and weeks fit into one picture. */
function xOf(minutes: number): number {
  const share = Math.log(Math.min(LAST, Math.max(1, minutes))) / Math.log(LAST);
  return round(PLOT.left + PLOT.width * share);
}
const yOf = (share: number): number => round(PLOT.top + PLOT.height * (1 - share));
const round = (value: number): number => Math.round(value * 10) / 10;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);
