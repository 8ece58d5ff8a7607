/** What a bench prints for a person: the figures, and on which machine, when and how they were taken. */
import { cpus, totalmem } from "node:os";
import type { Bench, Figure } from "../bench.ts";
import { budgetText } from "./check.ts";

const HEAD = ["metric", "ours", "bare", "ratio", "unit", "budget", "rounds"] as const;

export function table({ budgets }: Bench, figures: readonly Figure[]): string {
  const rows = figures.map(({ metric, unit, ours, bare, ratio, rounds }) => [
    metric,
    String(ours),
    bare === null ? "-" : String(bare),
    ratio === null ? "-" : String(ratio),
    unit,
    budgets
      .filter((budget) => budget.metric === metric)
      .map(budgetText)
      .join(", ") || "-",
    String(rounds),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [HEAD, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

export function circumstances(command: string): string {
  const [cpu] = cpus();
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  return [
    `machine: ${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${memoryGb} GB, Node ${process.versions.node}`,
    `date:    ${new Date().toISOString().slice(0, 10)}`,
    `command: ${command}`,
  ].join("\n");
}

/** Every bench with what it measures, its sizes and its budgets. */
export function listing(benches: readonly Bench[]): string {
  return benches
    .map(({ name, about, sizes, budgets }) =>
      [
        `${name}: ${about}`,
        ...sizes.map((size) => `    --${size.name} N   ${size.about}; ${size.full}, with --small ${size.small}`),
        ...budgets.map((budget) => `    budget: ${budget.metric} ${budgetText(budget)}`),
      ].join("\n"),
    )
    .join("\n\n");
}
