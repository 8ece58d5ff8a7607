/**
 * The content sources that come with the agent, as data. Named one by one: in the package they lie inside the one file that
 * the agent is.
 */
import { ContentSource } from "../../protocol/content-source.ts";
import crowdstrikeChannel291 from "../content-sources/crowdstrike-channel-291.json" with { type: "json" };
import crowdstrikeChannelFiles from "../content-sources/crowdstrike-channel-files.json" with { type: "json" };
import defenderDefinitions from "../content-sources/defender-definitions.json" with { type: "json" };
import defenderEngine from "../content-sources/defender-engine.json" with { type: "json" };
import defenderPlatform from "../content-sources/defender-platform.json" with { type: "json" };
import sentineloneAgent from "../content-sources/sentinelone-agent.json" with { type: "json" };
import sophosEndpoint from "../content-sources/sophos-endpoint.json" with { type: "json" };
import symantecEndpointProtection from "../content-sources/symantec-endpoint-protection.json" with { type: "json" };
import trendMicroApexOne from "../content-sources/trend-micro-apex-one.json" with { type: "json" };
import windowsDrivers from "../content-sources/windows-drivers.json" with { type: "json" };
import windowsUpdates from "../content-sources/windows-updates.json" with { type: "json" };

const SHIPPED: readonly unknown[] = [
  crowdstrikeChannel291,
  crowdstrikeChannelFiles,
  defenderDefinitions,
  defenderEngine,
  defenderPlatform,
  sentineloneAgent,
  sophosEndpoint,
  symantecEndpointProtection,
  trendMicroApexOne,
  windowsDrivers,
  windowsUpdates,
];

/** By id. @throws if a shipped source is broken */
export function readCatalogue(): ReadonlyMap<string, ContentSource> {
  const sources = SHIPPED.map((source) => ContentSource.parse(source));
  return new Map(sources.map((source) => [source.id, source]));
}
