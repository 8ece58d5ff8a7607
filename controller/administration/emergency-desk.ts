/**
 * Stopping everything, and letting it go on: one person stops, as many approvers as a plan needs let it go on.
 *
 * Rollouts are halted and stay so until a person resumes each: the end of a stop starts nothing by itself.
 */
import type { EmergencyView, StopView } from "../../protocol/api-emergency.ts";
import { peek } from "../../protocol/dsse.ts";
import { type EmergencyStop, ResumeStatement } from "../../protocol/emergency.ts";
import { newId, type StopId } from "../../protocol/ids.ts";
import type { EmergencyDesk } from "../ports/trust-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { StopRow } from "../store/emergency.ts";
import { phaseOf } from "../rollout/engine.ts";
import type { Desk } from "./desk.ts";
import { mayStillTake } from "../rollout/may-still-take.ts";
import { eventFor } from "./rollout-actions.ts";
import { digestOfWord, isAnother, sign, starterSignature, viewWord, type Word } from "./words.ts";

/** Halts what might still take a device while a stop is in force. Safe to call at any time; only a leader can. */
export async function enforceStop({ orchestrator, precautions }: Desk): Promise<void> {
  const [stop] = precautions.inForce;
  if (stop === undefined || !orchestrator.leads) return;
  await orchestrator.exclusively(async () => {
    const at = orchestrator.deps.clock.now();
    for (const rollout of orchestrator.newestFirst()) {
      const phase = phaseOf(rollout.state);
      if (phase !== "paused" && !mayStillTake(rollout.state, at)) continue;
      const because = `everything was stopped: ${stop.because}`.slice(0, 1_000);
      await orchestrator.record(
        rollout,
        eventFor("halt", phase, { at, by: { kind: "person", name: stop.by }, because }),
      );
    }
  });
}

/** @throws Refused while everything is stopped */
export function mustNotBeStopped({ precautions }: Desk): void {
  const [stop] = precautions.inForce;
  if (stop === undefined) return;
  throw new Refused(
    "wrong-state",
    `${stop.by} stopped everything (${stop.because}). Nothing was changed. Approvers let it go on first: ringback emergency show.`,
  );
}

export function emergencyDesk(desk: Desk): EmergencyDesk {
  const { orchestrator, precautions, trust } = desk;
  const { clock, random, log } = orchestrator.deps;

  const wordOf = ({ stop, statement, approvals }: StopRow): Word => {
    return { subject: stop.stopId, statement, approvals, needed: trust.document.approvers.threshold };
  };
  const viewStop = (row: StopRow): StopView => ({
    stop: row.stop,
    stored: true,
    word: {
      statement: peek({ ...row.statement, signatures: [] }, ResumeStatement),
      ...viewWord(wordOf(row), row.envelope, trust),
    },
    resumedAt: row.resumedAt,
    resumedBy: row.resumedBy,
  });
  const viewUnstored = (stop: EmergencyStop): StopView => {
    return { stop, stored: false, word: null, resumedAt: null, resumedBy: null };
  };
  const view = (): EmergencyView => {
    const stored = precautions.stops.map(viewStop);
    const inForce = [
      ...precautions.unstored.map(viewUnstored),
      ...stored.filter(({ word }) => word?.envelope === null),
    ];
    return {
      inForce,
      ended: stored.filter(({ word }) => word?.envelope !== null),
      sentence: sentenceOf(inForce),
      asOf: clock.now(),
    };
  };
  const changed = (): EmergencyView => {
    orchestrator.notices.publish("trust", null);
    return view();
  };

  /** Those that signatures can be given for: in force, or ended by a word that has expired since. */
  const find = async (statementDigest: string): Promise<Word> => {
    await precautions.refresh();
    const word = precautions.stops.map(wordOf).find((candidate) => digestOfWord(candidate) === statementDigest);
    if (word === undefined) throw isAnother();
    return word;
  };

  const take: EmergencyDesk["addResumeApproval"] = async (approval, by) => {
    const word = await find(approval.statementDigest);
    const signed = await sign(desk, word, () => find(approval.statementDigest), approval, by);
    if (signed.isEnough) {
      const { store } = orchestrator.deps;
      const at = clock.now();
      const { statementDigest: statement } = approval;
      const { envelope } = signed;
      const row = precautions.stops.find(({ stop }) => stop.stopId === word.subject);
      if (row !== undefined) await store.resumeStop(row.stop.stopId, { statement, envelope, at, by: signed.by });
    }
    await precautions.refresh();
    return changed();
  };

  return {
    emergency: async () => view(),

    async stopEverything(because, by, stopId) {
      const isKnown = (wanted: StopId): boolean =>
        [...precautions.unstored, ...precautions.stops.map(({ stop }) => stop)].some((stop) => stop.stopId === wanted);
      if (stopId === undefined ? precautions.inForce.length === 0 : !isKnown(stopId)) {
        const at = clock.now();
        const { kept, stored } = await precautions.stop({
          stopId: stopId ?? newId("stop", at, random(10)),
          at,
          by,
          because,
        });
        if (!kept && !stored)
          throw new Refused(
            "unavailable",
            "Connected agents were told to stop, but neither the data folder nor the database took it, so it is lost when this controller ends. Make room on its disk, and stop again.",
          );
      }
      // Rollouts are halted as soon as the database takes it: the sweep asks for it again.
      await enforceStop(desk).catch((error: unknown) => {
        log.error({ error: String(error) }, "rollouts could not be halted yet; it is tried again");
      });
      return changed();
    },

    async renewResume() {
      const stops = precautions.stops.filter(({ envelope }) => envelope === null);
      const [stop] = stops.length > 0 ? stops : precautions.stops;
      if (stop === undefined) throw new Refused("wrong-state", "Nothing was stopped, so there is nothing to renew.");
      await precautions.renew(stop.stop);
      return changed();
    },

    addResumeApproval: take,
    async approveResume(statementDigest, by) {
      return take(starterSignature(desk, await find(statementDigest), statementDigest), by);
    },
  };
}

function sentenceOf(inForce: readonly StopView[]): string {
  const [first] = inForce;
  if (first === undefined) return "Nothing is stopped.";
  const { by, because } = first.stop;
  const { approvals = [], approvalsNeeded = null } = first.word ?? {};
  const signed =
    approvalsNeeded === null
      ? "The database has not taken it yet; it counts all the same."
      : `${approvals.length} of ${approvalsNeeded} approvers have signed that it may go on.`;
  return `${by} stopped everything: ${because}. No device takes a new step. ${signed}`;
}
