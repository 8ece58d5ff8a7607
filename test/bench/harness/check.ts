/** Figures against budgets. Pure; a budget whose figure is missing is missed too. */
import type { Budget, Figure } from "../bench.ts";

/** One line for each budget that is missed, saying by how much. */
export function misses(figures: readonly Figure[], budgets: readonly Budget[]): readonly string[] {
  return budgets.flatMap((budget) => {
    const figure = figures.find(({ metric }) => metric === budget.metric);
    const miss = figure === undefined ? `${budget.metric}: no such figure was taken` : missOf(figure, budget);
    return miss === undefined ? [] : [miss];
  });
}

function missOf({ metric, unit, ours, bare, ratio }: Figure, budget: Budget): string | undefined {
  if ("ratioMax" in budget) {
    if (ratio === null) return `${metric}: there is no baseline to hold it against`;
    if (ratio <= budget.ratioMax) return undefined;
    const over = ((ratio / budget.ratioMax - 1) * 100).toFixed(0);
    return `${metric}: ${ours} ${unit} is ${ratio} x the bare ${bare}; at most ${budget.ratioMax} x (${over} % over)`;
  }
  if ("oursMax" in budget) {
    if (ours <= budget.oursMax) return undefined;
    return `${metric}: ${ours} ${unit}; at most ${budget.oursMax} (${(ours - budget.oursMax).toPrecision(3)} over)`;
  }
  if (ours >= budget.oursMin) return undefined;
  return `${metric}: ${ours} ${unit}; at least ${budget.oursMin} (${(budget.oursMin - ours).toPrecision(3)} short)`;
}

export function budgetText(budget: Budget): string {
  if ("ratioMax" in budget) return `<= ${budget.ratioMax} x bare`;
  return "oursMax" in budget ? `<= ${budget.oursMax}` : `>= ${budget.oursMin}`;
}
