/** Content update policies of CrowdStrike Falcon: paused, reverted, pinned and let go on, for the policies that are named. */
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { Connector, ConnectorOutcome } from "../connectors.ts";
import type { FalconAction, FalconApi, FalconOutcome } from "./falcon-api.ts";

export interface FalconPin {
  readonly sha256: string;
  readonly category: string;
  readonly version: string;
}

export function crowdstrikeConnector(
  api: FalconApi,
  policies: readonly string[],
  pins: readonly FalconPin[],
): Connector {
  const act = async (action: FalconAction, done: string): Promise<ConnectorOutcome> =>
    told(await api.act(action, policies, []), `${done} in ${policies.length} content update policies of Falcon.`);
  return {
    name: "crowdstrike",
    title: "CrowdStrike Falcon: content update policies",
    sources: ["crowdstrike.*"],
    can: `It can pause, revert and let go on ${policies.length} content update policies${pins.length > 0 ? `, and pin ${pins.length} known versions` : ""}.`,
    pause: () => act("override-pause", "Content is paused"),
    revert: () => act("override-revert", "Content is taken back to the version before"),
    async pin(sha256: Sha256) {
      const wanted = pins.filter((pin) => pin.sha256 === sha256);
      if (wanted.length === 0)
        return {
          outcome: "failed",
          because:
            "The vendor knows versions by category and number, not by digest, and the connectors file names none for this one. Pin it in the Falcon console, or revert.",
        };
      for (const { category, version } of wanted) {
        const outcome = await api.act("set-pinned-content-version", policies, [{ name: category, value: version }]);
        if (outcome.kind === "failed")
          return { outcome: "failed", because: `${category} ${version}: ${outcome.because}` };
      }
      return {
        outcome: "done",
        because: `Pinned: ${wanted.map((each) => `${each.category} ${each.version}`).join(", ")}.`,
      };
    },
    async resume() {
      const categories = [...new Set(pins.map(({ category }) => category))];
      for (const category of categories) {
        const parameters = [{ name: category, value: category }];
        const outcome = await api.act("remove-pinned-content-version", policies, parameters);
        if (outcome.kind === "failed") return { outcome: "failed", because: `Pin of ${category}: ${outcome.because}` };
      }
      return act("override-allow", "Content goes on");
    },
  };
}

const told = (outcome: FalconOutcome, done: string): ConnectorOutcome =>
  outcome.kind === "done" ? { outcome: "done", because: done } : { outcome: "failed", because: outcome.because };
