/**
 * Halt: everything that one person may stop about an incident, with one click.
 *
 * Each part is tried, whatever becomes of the others, and the answer says of each what was done, what failed, and what
 * waits for whom. Asked for again, it does what is left.
 */
import type { HoldView } from "../../protocol/api-emergency.ts";
import type { IncidentHaltAnswer } from "../../protocol/api-incidents.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import type { IncidentId } from "../../protocol/ids.ts";
import type { IncidentEvent } from "../../protocol/incident.ts";
import type { z } from "zod";
import type { HaltDesk } from "../ports/incident-desks.ts";
import { Refused } from "../ports/refused.ts";
import { phaseOf } from "../rollout/engine.ts";
import { vendorEvents } from "../orchestrator/incident-keeper.ts";
import type { Incident } from "../incidents/incident.ts";
import { utc } from "../rollout/words.ts";
import type { Desk } from "./desk.ts";
import { holdDesk } from "./hold-desk.ts";
import { IncidentViews } from "./incident-views.ts";
import { eventFor } from "./rollout-actions.ts";

const HOLD_HOURS = 4;

type Answer = { -readonly [K in keyof z.infer<typeof IncidentHaltAnswer>]: string[] };

export function haltDesk(desk: Desk): HaltDesk {
  const { orchestrator, trust } = desk;
  const { clock } = orchestrator.deps;
  const { incidents, keeper } = orchestrator;
  const views = new IncidentViews(desk);
  const holds = holdDesk(desk);

  const incidentOf = async (id: IncidentId): Promise<Incident> => {
    if (incidents.get(id) === undefined) await incidents.read();
    const live = incidents.get(id);
    if (live === undefined)
      throw new Refused("not-found", `There is no incident ${id}. The list of incidents shows those that there are.`);
    if (live.incident.state !== "open")
      throw new Refused(
        "wrong-state",
        `The incident is ${live.incident.state}. Open it again to halt what it is about.`,
      );
    return live.incident;
  };
  const append = (id: IncidentId, events: readonly IncidentEvent[]): Promise<void> =>
    orchestrator.exclusively(() => keeper.write([{ incident: id, events }]));

  async function haltRollouts(id: IncidentId, because: string, by: string, answer: Answer): Promise<void> {
    await orchestrator.exclusively(async () => {
      orchestrator.newestFirst(); // a controller that only watches knows no rollouts, and must not say that all stand still
      const { rollouts } = await views.workOn(await incidentOf(id));
      const at = clock.now();
      const actor = { kind: "person", name: by } as const;
      for (const { id: rollout } of rollouts) {
        const live = orchestrator.rolloutOf(rollout);
        await orchestrator.record(live, eventFor("halt", phaseOf(live.state), { at, by: actor, because }));
        answer.done.push(`Rollout "${live.plan.plan.title}" (${rollout}) is halted: no device takes a new step.`);
      }
      if (rollouts.length === 0) return;
      const halted = rollouts.map((each) => each.id).slice(0, 1_000);
      await keeper.write([
        { incident: id, events: [{ kind: "rollouts-halted", at, by: actor, rollouts: halted, because }] },
      ]);
    });
  }

  async function pauseVendors(id: IncidentId, because: string, by: string, answer: Answer): Promise<void> {
    const { vendors } = await views.workOn(await incidentOf(id));
    for (const { source } of vendors) {
      const outcomes = await keeper.askVendors(source, because);
      for (const { connector, outcome, because: why } of outcomes) {
        if (outcome === "done") answer.done.push(`${connector} has paused ${source}. ${why}`);
        else answer.failed.push(`${connector} could not pause ${source}. ${why} Pause it in the vendor's own console.`);
      }
      await append(id, vendorEvents(outcomes, source, clock.now(), { kind: "person", name: by }));
    }
  }

  async function holdSources(id: IncidentId, because: string, by: string, answer: Answer): Promise<void> {
    const { toHold, waiting } = await views.workOn(await incidentOf(id));
    for (const hold of waiting) await sign(id, hold, by, answer);
    for (const source of toHold) {
      try {
        await sign(id, await holds.makeHold({ source, hours: HOLD_HOURS, because }, by), by, answer);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        answer.failed.push(`${source} is not held. ${error.message}`);
        await append(id, [holdEvent(source, null, "failed", by, error.message)]);
      }
    }
  }

  /** By the starter key, while it counts; otherwise it is said who has to sign. */
  async function sign(id: IncidentId, hold: HoldView, by: string, answer: Answer): Promise<void> {
    const { source, until } = hold.statement;
    const signed =
      trust.starter("approvers") === undefined ? hold : await holds.approveHold(hold.id, hold.statementDigest, by);
    if (signed.standing === "in-force") {
      const words = `${source} is held until ${utc(until)}: devices take no other version of it.`;
      answer.done.push(words);
      await append(id, [holdEvent(source, hold.id, "done", by, words)]);
      return;
    }
    const missing = signed.approvalsNeeded - signed.approvals.filter(({ counts }) => counts).length;
    const who = missing === 1 ? "1 approver" : `${missing} approvers`;
    const words = `The hold of ${source} waits for ${who}: ringback holds approve ${hold.id}, or with a passkey in the console.`;
    answer.waits.push(words);
    await append(id, [holdEvent(source, hold.id, "suggested", by, words)]);
  }

  const holdEvent = (
    source: ContentSourceId,
    hold: HoldView["id"] | null,
    outcome: "done" | "suggested" | "failed",
    by: string,
    because: string,
  ): IncidentEvent => {
    return { kind: "hold", at: clock.now(), by: { kind: "person", name: by }, source, hold, outcome, because };
  };

  return {
    async haltIncident(id, { because }, by) {
      const answer: Answer = { done: [], failed: [], waits: [] };
      await incidentOf(id);
      await haltRollouts(id, because, by, answer);
      await pauseVendors(id, because, by, answer);
      await holdSources(id, because, by, answer);
      if (answer.done.length + answer.failed.length + answer.waits.length === 0)
        answer.done.push("Everything about this incident that can be stopped from here is stopped already.");
      return answer;
    },
  };
}
