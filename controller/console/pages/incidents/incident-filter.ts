/** Which incidents are shown, from the address; and in which order. Pure. */
import type { IncidentView } from "../../../../protocol/api-incidents.ts";

export type FilterName = "state" | "cause";

export function filterOf(query: URLSearchParams): (incident: IncidentView) => boolean {
  const state = query.get("state");
  const cause = query.get("cause");
  return (incident) => (state ?? incident.state) === incident.state && (cause ?? incident.cause) === incident.cause;
}

const URGENCY = { open: 0, closed: 1, merged: 2 } as const;

/** Open ones first; of those, first what still moves, then the newest. */
export const openFirst = (incidents: readonly IncidentView[]): IncidentView[] =>
  incidents.toSorted(
    (a, b) =>
      URGENCY[a.state] - URGENCY[b.state] ||
      Number(b.response.mayHalt) - Number(a.response.mayHalt) ||
      b.declaredAt - a.declaredAt,
  );

/** @returns the query part of the address with one filter changed; undefined takes it away */
export function changed(query: URLSearchParams, name: FilterName, value: string | undefined): string {
  const next = new URLSearchParams(query);
  if (value === undefined) next.delete(name);
  else next.set(name, value);
  return `?${next.toString()}`;
}
