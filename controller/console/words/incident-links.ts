/** From a count of an incident to the list of devices behind it. */
import type { IncidentView } from "../../../protocol/api-incidents.ts";
import type { Standing } from "./incidents.ts";

type Named = Pick<IncidentView, "content">;

/** Devices that run the version that the incident is about; while none is named, those that are silent. */
export function devicesOf({ content }: Named, more: Readonly<Record<string, string>> = {}): string {
  const which = content === null ? { condition: "silent" } : { source: content.source, sha256: content.sha256 };
  return `/devices?${new URLSearchParams({ ...which, ...more }).toString()}`;
}

/** Undefined where no list says the same. */
export function devicesStanding(incident: Named, standing: Standing, site?: string): string | undefined {
  const at: Record<string, string> = site === undefined ? {} : { site };
  switch (standing) {
    case "affected":
      return incident.content === null ? devicesOf(incident, at) : devicesOf(incident, { crashed: "yes", ...at });
    case "exposedAndWell":
      return incident.content === null ? undefined : devicesOf(incident, { crashed: "no", ...at });
    case "unknown":
      return `/devices?${new URLSearchParams({ condition: "unknown", ...at }).toString()}`;
    case "notExposed":
      return undefined;
  }
}
