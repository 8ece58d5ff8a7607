/** Enrolment tokens, and who is let in: what people decide about devices before these count. */
import type { DeviceId } from "../../protocol/ids.ts";
import { newId } from "../../protocol/ids.ts";
import { sha256Hex } from "../../protocol/canonical.ts";
import { EnrolmentToken, type TokenView } from "../../protocol/enrolment.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { Random } from "../ports.ts";
import type { EnrolmentDesk } from "../ports/fleet-desks.ts";
import { Refused } from "../ports/refused.ts";
import type { EnrolmentTokenRow } from "../store/enrolment.ts";
import type { Desk } from "./desk.ts";
import { viewDevice } from "./views.ts";

/** The newest; older ones have expired long since. */
const TOKENS_SHOWN_MAX = 1_000;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TOKEN_BYTES = 32;

export function enrolmentDesk({ orchestrator }: Desk): EnrolmentDesk {
  const { store, stream, clock, random } = orchestrator.deps;
  return {
    async makeEnrolmentToken({ group, site, role, uses, lifetimeMs, acceptance, pool }, by) {
      const token = newToken(random);
      const now = clock.now();
      const row: EnrolmentTokenRow = {
        id: newId("token", now, random(10)),
        hash: sha256Hex(new TextEncoder().encode(token)),
        group,
        site,
        role,
        pool,
        acceptance,
        usesMax: uses,
        uses: 0,
        createdAt: now,
        createdBy: by,
        expiresAt: later(now, lifetimeMs),
        revokedAt: null,
        revokedBy: null,
      };
      await store.addEnrolmentToken(row);
      return { token, view: viewToken(row, now) };
    },

    async enrolmentTokens() {
      const now = clock.now();
      const rows = await store.enrolmentTokens(TOKENS_SHOWN_MAX);
      return { items: rows.map((row) => viewToken(row, now)), asOf: now };
    },

    async revokeEnrolmentToken(id, by) {
      if (await store.revokeEnrolmentToken(id, clock.now(), by)) return;
      throw new Refused("not-found", `There is no token ${id} that could be revoked: none, or it was revoked before.`);
    },

    async setStanding(id, standing, by, because) {
      const words = `${standing === "accepted" ? "Accepted" : "Revoked"} by ${by}: ${because}`;
      const result = await orchestrator.exclusively(async () => {
        const answer = await store.setStanding(stream, id, standing, words, clock.now());
        if (answer === "changed") await orchestrator.takeDevice(id); // not when the feed has come that far
        return answer;
      });
      if (result === "unknown") throw notFound(id);
      const device = orchestrator.fleet.get(id);
      const row = await store.device(id);
      if (device === undefined || row === undefined) throw notFound(id);
      return viewDevice(device, row);
    },
  };
}

const notFound = (id: DeviceId): Refused =>
  new Refused("not-found", `There is no device ${id}. It may not be registered with this controller.`);

/** 160 random bits: one of 32 letters for each of 32 bytes, of which 256 are a whole number of times 32. */
const newToken = (random: Random): EnrolmentToken =>
  EnrolmentToken.parse(
    `rbe_${[...random(TOKEN_BYTES).subarray(0, TOKEN_BYTES)].map((byte) => ALPHABET[byte & 31]).join("")}`,
  );

function viewToken(row: EnrolmentTokenRow, now: Instant): TokenView {
  const { hash: _neverShown, ...shown } = row;
  return { ...shown, state: stateOf(row, now) };
}

function stateOf({ revokedAt, expiresAt, uses, usesMax }: EnrolmentTokenRow, now: Instant): TokenView["state"] {
  if (revokedAt !== null) return "revoked";
  if (expiresAt <= now) return "expired";
  return uses >= usesMax ? "used-up" : "good";
}
