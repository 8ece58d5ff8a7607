/**
 * What all parts of the fake share: what there is, what a test puts there, and how it is looked up.
 *
 * Invariant: what is not there is refused as the real controller refuses it.
 */
import type { z } from "zod";
import type { DeviceView, PlanView, RolloutView } from "../../../protocol/api.ts";
import type { RefusalView } from "../../../protocol/api-emergency.ts";
import type { DetectionView, IncidentSpread, IncidentView } from "../../../protocol/api-incidents.ts";
import type { DryRunView, Library, PlanProposal } from "../../../protocol/api-proposals.ts";
import { type DeviceId, type IncidentId, newId, type PlanId, type RolloutId } from "../../../protocol/ids.ts";
import type { Administration } from "../../../controller/ports/administration.ts";
import { Refused } from "../../../controller/ports/refused.ts";
import { FakeNotices } from "./notices.ts";

export class FakeRecord extends FakeNotices {
  readonly byDevice = new Map<DeviceId, DeviceView>();
  readonly byIncident = new Map<IncidentId, IncidentView>();
  readonly byPlan = new Map<PlanId, PlanView>();
  readonly byRollout = new Map<RolloutId, RolloutView>();
  /** What devices would not do, as the list shows it. */
  readonly refused: RefusalView[] = [];
  /** Set by a test: the next call of this method fails as nobody expected. */
  failing: keyof Administration | undefined;
  /** How often each thing was made. */
  readonly made = { incidents: 0, plans: 0, rollouts: 0 };

  /** What detection says, as a test puts it. */
  detected: Omit<DetectionView, "devices" | "asOf"> = {
    sentence:
      "Fewer than about 100 machines: conviction by numbers is not promised here. The gates of rollouts protect.",
    canConvict: false,
    massSilence: false,
    versions: [],
    learnt: [],
    classes: [],
  };
  /** What is proposed for every incident, as a test puts it. */
  proposed: Omit<PlanProposal, "incident" | "asOf"> = {
    playbook: null,
    because: "The cause is not known yet.",
    alternatives: [],
    request: null,
    missing: ["a playbook"],
    targets: 0,
    excluded: [],
    waves: [],
    rules: [],
    warnings: [],
    whatIf: [],
  };
  /** What devices say that are asked what steps would do there. */
  dryRunAnswers: z.infer<typeof DryRunView>["devices"] = [];
  /** The playbooks, as a test puts them. */
  playbooks: z.infer<typeof Library>["items"] = [];
  /** How incidents lie over the sites, where a test says so. */
  readonly spreads = new Map<IncidentId, z.infer<typeof IncidentSpread>>();

  deviceOf(id: DeviceId): DeviceView {
    return found(this.byDevice.get(id), "device", id);
  }

  incidentOf(id: IncidentId): IncidentView {
    return found(this.byIncident.get(id), "incident", id);
  }

  planOf(id: PlanId): PlanView {
    return found(this.byPlan.get(id), "plan", id);
  }

  rolloutOf(id: RolloutId): RolloutView {
    return found(this.byRollout.get(id), "rollout", id);
  }

  /** Changes a rollout as the engine would. */
  change(id: RolloutId, changes: Partial<RolloutView>): void {
    this.byRollout.set(id, { ...this.rolloutOf(id), ...changes });
    this.notify("rollout", id);
  }

  /** A new id, of this moment. */
  id<P extends "hold" | "inc" | "plan" | "rollout" | "token">(prefix: P) {
    return newId(prefix, this.now(), new Uint8Array(10).fill(++this.count));
  }

  /** For a method that a test may let fail. */
  mayFail(method: keyof Administration): void {
    if (this.failing === method) throw new Error("the disk is on fire at /secret/path");
  }
}

export function found<Thing>(thing: Thing | undefined, kind: string, id: string): Thing {
  if (thing === undefined) throw new Refused("not-found", `There is no ${kind} ${id}.`);
  return thing;
}
