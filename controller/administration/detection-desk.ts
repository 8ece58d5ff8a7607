/** What detection sees, and what the controller may do by itself. */
import type { DetectionView, ResponseRulesView } from "../../protocol/api-incidents.ts";
import type { z } from "zod";
import type { DetectionDesk } from "../ports/incident-desks.ts";
import type { Desk } from "./desk.ts";

export function detectionDesk({ orchestrator }: Desk): DetectionDesk {
  const { store, clock } = orchestrator.deps;

  const rules = async (): Promise<z.infer<typeof ResponseRulesView>> => {
    const row = await store.responseRules();
    const { changedAt = null, changedBy = null } = row ?? {};
    return { rules: [...(row?.rules ?? [])], changedAt, changedBy, asOf: clock.now() };
  };

  return {
    async detection() {
      return (await orchestrator.detection.view()) ?? notBegun(clock.now());
    },
    responseRules: rules,
    async putResponseRules({ rules: wanted }, by) {
      await store.putResponseRules({ rules: wanted, changedAt: clock.now(), changedBy: by });
      orchestrator.notices.publish("incident");
      orchestrator.poke();
      return rules();
    },
  };
}

const notBegun = (asOf: DetectionView["asOf"]): DetectionView => ({
  sentence: "Detection has not begun yet: no controller has led since it is there. The gates of rollouts protect.",
  canConvict: false,
  devices: 0,
  massSilence: false,
  versions: [],
  learnt: [],
  classes: [],
  asOf,
});
