/** Holding a source for some hours, so that a vendor's next update waits; and giving it back before its time. */
import type { HoldStanding, HoldView } from "../../protocol/api-emergency.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { PAYLOAD_TYPES, peek, toBase64 } from "../../protocol/dsse.ts";
import { HoldStatement } from "../../protocol/emergency.ts";
import { type HoldId, newId } from "../../protocol/ids.ts";
import { HOLD_ALONE_MS_MAX, ruleFor } from "../../protocol/policy.ts";
import { later } from "../../protocol/time.ts";
import type { z } from "zod";
import type { HoldDesk } from "../ports/trust-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { HoldRow } from "../store/emergency.ts";
import type { Desk } from "./desk.ts";
import { sign, starterSignature, viewWord, type Word } from "./words.ts";

const HOUR_MS = 3_600_000;
const HOLDS_SHOWN = 200;

export function holdDesk(desk: Desk): HoldDesk {
  const { orchestrator, precautions, trust } = desk;
  const { store, clock, random } = orchestrator.deps;

  const statementOf = (row: Pick<HoldRow, "statement">): HoldStatement =>
    peek({ ...row.statement, signatures: [] }, HoldStatement);

  /** One person for some hours of what the policy lists; as many as for a plan otherwise. Devices decide the same. */
  const neededFor = ({ source, issuedAt, until }: HoldStatement): number => {
    const isShort = until - issuedAt <= HOLD_ALONE_MS_MAX;
    return isShort && ruleFor(trust.policy, source)?.holdable === true ? 1 : trust.document.approvers.threshold;
  };
  const wordOf = (row: HoldRow): Word => {
    const { id, statement, approvals } = row;
    return { subject: id, statement, approvals, needed: neededFor(statementOf(row)) };
  };
  const view = (row: HoldRow): HoldView => {
    const { id, because, madeAt, madeBy, envelope, releasedAt, releasedBy } = row;
    const statement = statementOf(row);
    const standing = standingOf(row, statement.until <= clock.now());
    const word = viewWord(wordOf(row), envelope, trust);
    return { id, statement, standing, because, madeAt, madeBy, ...word, releasedAt, releasedBy };
  };
  const find = async (id: HoldId): Promise<HoldRow> => {
    const row = (await store.holds(HOLDS_SHOWN)).find((hold) => hold.id === id);
    if (row === undefined) throw new Refused("not-found", `There is no hold ${id}, or it is long over.`);
    return row;
  };
  const changed = async (id: HoldId): Promise<HoldView> => {
    await precautions.refresh();
    orchestrator.notices.publish("trust", null);
    return view(await find(id));
  };

  const take = async (
    row: HoldRow,
    approval: Parameters<HoldDesk["addHoldApproval"]>[1],
    by: string,
  ): Promise<HoldView> => {
    const { standing } = view(row);
    if (standing === "released" || standing === "over")
      throw new Refused("wrong-state", `Hold ${row.id} is ${standing}. Make another one.`);
    const signed = await sign(desk, wordOf(row), async () => wordOf(await find(row.id)), approval, by);
    if (signed.isEnough) {
      const { statementDigest: statement } = approval;
      await store.approveHold(row.id, { statement, envelope: signed.envelope, at: clock.now(), by: signed.by });
    }
    return changed(row.id);
  };

  return {
    async holds() {
      return { items: (await store.holds(HOLDS_SHOWN)).map(view), asOf: clock.now() };
    },

    async makeHold({ source, hours, because }, by) {
      const at = clock.now();
      const { validityMsMax } = trust.policy.limits;
      const lastsMs = Math.round(hours * HOUR_MS);
      const refuse = (path: string, message: string): Refused =>
        new Refused("invalid-request", `Devices would refuse this hold: ${message}. Nothing was stored.`, [
          { path, message },
        ]);
      if (ruleFor(trust.policy, source) === undefined)
        throw refuse("source", "the policy allows nothing for this source");
      if (lastsMs > validityMsMax)
        throw refuse("hours", `the policy allows ${Math.floor(validityMsMax / HOUR_MS)} hours at most`);
      const id = newId("hold", at, random(10));
      const statement = HoldStatement.parse({
        schema: "ringback.hold/1",
        holdId: id,
        source,
        issuedAt: at,
        until: later(at, lastsMs),
        minimumTrustVersion: trust.document.version,
      } satisfies HoldStatement);
      const unsigned = { payloadType: PAYLOAD_TYPES.hold, payload: toBase64(canonicalBytes(statement)) };
      await store.addHold({ id, statement: unsigned, because, madeAt: at, madeBy: by });
      return changed(id);
    },

    addHoldApproval: async (id, approval, by) => take(await find(id), approval, by),
    async approveHold(id, statementDigest, by) {
      const row = await find(id);
      return take(row, starterSignature(desk, wordOf(row), statementDigest), by);
    },

    async releaseHold(id, by) {
      const row = await find(id);
      await store.releaseHold(row.id, clock.now(), by); // released before: it is what was asked for
      return changed(id);
    },
  };
}

function standingOf({ envelope, releasedAt }: HoldRow, isOver: boolean): z.infer<typeof HoldStanding> {
  if (releasedAt !== null) return "released";
  if (isOver) return "over";
  return envelope === null ? "waiting" : "in-force";
}
