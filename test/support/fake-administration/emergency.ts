/**
 * Stands for the desks of stops, holds and refusals.
 *
 * Faithful in that pressing twice is one stop. One word ends a stop, and one approval puts a hold in force.
 */
import type { HoldView } from "../../../protocol/api-emergency.ts";
import { payloadDigest, peek } from "../../../protocol/dsse.ts";
import { type EmergencyStop, HoldStatement } from "../../../protocol/emergency.ts";
import { type HoldId, newId } from "../../../protocol/ids.ts";
import { later } from "../../../protocol/time.ts";
import type { EmergencyDesk, HoldDesk, RefusalDesk } from "../../../controller/ports/trust-desks.ts";
import { aHold } from "../precautions.ts";
import { type FakeRecord, found } from "./record.ts";

export function emergencyPart(record: FakeRecord): EmergencyDesk & HoldDesk & RefusalDesk {
  const stopped: EmergencyStop[] = [];
  const held = new Map<HoldId, HoldView>();

  async function emergency(): ReturnType<EmergencyDesk["emergency"]> {
    const inForce = stopped.map((stop) => ({ stop, stored: true, word: null, resumedAt: null, resumedBy: null }));
    const sentence = inForce.length === 0 ? "Nothing is stopped." : "Ada Admin stopped everything.";
    return { inForce, ended: [], sentence, asOf: record.now() };
  }

  async function resume(): ReturnType<EmergencyDesk["emergency"]> {
    stopped.length = 0;
    return emergency();
  }

  function changeHold(id: HoldId, over: Partial<HoldView>): HoldView {
    const hold = { ...found(held.get(id), "hold", id), ...over };
    held.set(id, hold);
    return hold;
  }

  return {
    emergency,
    async stopEverything(because, by) {
      const at = record.now();
      if (stopped.length === 0) stopped.push({ stopId: newId("stop", at, new Uint8Array(10)), at, by, because });
      return emergency();
    },
    renewResume: emergency,
    addResumeApproval: resume,
    approveResume: resume,
    async holds() {
      return { items: [...held.values()], asOf: record.now() };
    },

    async makeHold({ source, hours, because }, by) {
      const at = record.now();
      const id = record.id("hold");
      const over = { holdId: id, until: later(at, hours * 3_600_000) };
      const envelope = aHold({ source, from: at, over });
      const { payloadType, payload } = envelope;
      const hold: HoldView = {
        id,
        statement: peek(envelope, HoldStatement),
        standing: "waiting",
        because,
        madeAt: at,
        madeBy: by,
        statementDigest: payloadDigest(envelope),
        signed: { payloadType, payload },
        approvals: [],
        approvalsNeeded: 1,
        envelope: null,
        releasedAt: null,
        releasedBy: null,
      };
      held.set(id, hold);
      return hold;
    },

    async addHoldApproval(id) {
      return changeHold(id, { standing: "in-force" });
    },

    async approveHold(id) {
      return changeHold(id, { standing: "in-force" });
    },

    async releaseHold(id, by) {
      return changeHold(id, { standing: "released", releasedAt: record.now(), releasedBy: by });
    },

    async refusals() {
      return { items: [...record.refused], next: null, asOf: record.now() };
    },
  };
}
