/**
 * Enrolment tokens and the devices that come with them.
 *
 * Invariant: a token makes at most as many devices known as it has uses. Its row is locked before anything is decided,
 * and the use is counted in the transaction that stores the device.
 */
import type { Transaction } from "kysely";
import type { Instant } from "../../protocol/time.ts";
import type { Enrolment, EnrolmentResult, EnrolmentStore, EnrolmentTokenRow } from "../store/enrolment.ts";
import type { Database } from "./database.ts";
import { appendChanges } from "./feed.ts";
import { type DevicesTable, decode, encode, type EnrolmentTokensTable, type Tables } from "./schema.ts";

export const enrolmentPart = (database: Database): EnrolmentStore => ({
  addEnrolmentToken: (token) =>
    database.write(async ({ db }) => {
      await db.insertInto("enrolment_tokens").values(rowOf(token)).execute();
    }),

  async enrolmentTokens(limit) {
    const query = database.db.selectFrom("enrolment_tokens").selectAll().orderBy("id", "desc").limit(limit);
    return (await query.execute()).map(tokenOf);
  },

  async enrolmentToken(hash) {
    const query = database.db.selectFrom("enrolment_tokens").selectAll().where("hash", "=", hash);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : tokenOf(row);
  },

  revokeEnrolmentToken: (id, at, by) =>
    database.write(async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable("enrolment_tokens")
        .set({ revoked_at: at, revoked_by: by })
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    }),

  enrol: (stream, enrolment, now) =>
    database.write(async ({ db, bulk, locked }): Promise<EnrolmentResult> => {
      const asked = db.selectFrom("enrolment_tokens").selectAll().where("hash", "=", enrolment.tokenHash);
      const row = await locked(asked).executeTakeFirst();
      const token = row === undefined ? undefined : tokenOf(row);
      const because = whyNotGood(token, enrolment, now);
      if (token === undefined || because !== undefined) return { kind: "refused", because: because ?? "unknown" };

      const known = db.selectFrom("devices").selectAll();
      const owned = await locked(known.where("public_key", "=", enrolment.publicKey).orderBy("id").limit(1)).execute();
      const told = (id: DevicesTable["id"]): Promise<void> =>
        appendChanges(db, bulk, stream, [{ at: now, device: id, body: { kind: "registered" }, report: null }]);
      const [before] = owned;
      if (before !== undefined) {
        if (before.standing === "revoked") return { kind: "refused", because: `device ${before.id} is revoked` };
        const standing = await again(db, before, token, enrolment, now);
        await told(before.id);
        return { kind: "enrolled", deviceId: before.id, standing, isNew: false };
      }

      if (token.uses >= token.usesMax) return { kind: "used-up" };
      const { deviceId, publicKey, name, group, image, binding, standing } = enrolment;
      const inserted = await db
        .insertInto("devices")
        .values({
          id: deviceId,
          public_key: publicKey,
          name,
          site: token.site,
          role: token.role,
          registered_at: now,
          standing,
          standing_since: now,
          standing_because: enrolment.because,
          binding,
          device_group: group,
          image,
        })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows !== 1n) return { kind: "taken" };
      await db
        .updateTable("enrolment_tokens")
        .set({ uses: token.uses + 1 })
        .where("id", "=", token.id)
        .execute();
      await told(deviceId);
      return { kind: "enrolled", deviceId, standing, isNew: true };
    }),
});

/** Says it for the log. Undefined for a token that is good for this device. */
function whyNotGood(token: EnrolmentTokenRow | undefined, { group, image }: Enrolment, now: Instant) {
  if (token === undefined) return "the token is not known";
  if (token.revokedAt !== null) return `token ${token.id} is revoked`;
  if (token.expiresAt <= now) return `token ${token.id} has expired`;
  if (token.group !== group) return `token ${token.id} is for another group`;
  if (token.pool !== (image !== null))
    return `token ${token.id} is ${token.pool ? "" : "not "}for machines of an image`;
  return undefined;
}

/** A device whose key is known: it is where its new token says; nobody but a person lifts what a person or a clone did. */
async function again(
  db: Transaction<Tables>,
  before: DevicesTable,
  { site, role }: EnrolmentTokenRow,
  { name, group, image, binding, standing: wanted, because }: Enrolment,
  now: Instant,
): Promise<DevicesTable["standing"]> {
  const isLetIn = before.standing === "pending" && wanted === "accepted";
  const standing = isLetIn ? "accepted" : before.standing;
  await db
    .updateTable("devices")
    .set({ name, site, role, binding, device_group: group, image, standing })
    .$if(isLetIn, (update) => update.set({ standing_since: now, standing_because: because }))
    .where("id", "=", before.id)
    .execute();
  return standing;
}

const rowOf = (token: EnrolmentTokenRow): EnrolmentTokensTable => ({
  id: token.id,
  hash: token.hash,
  device_group: token.group,
  site: token.site,
  role: token.role,
  pool: token.pool ? 1 : 0,
  acceptance: encode(token.acceptance),
  uses_max: token.usesMax,
  uses: token.uses,
  created_at: token.createdAt,
  created_by: token.createdBy,
  expires_at: token.expiresAt,
  revoked_at: token.revokedAt,
  revoked_by: token.revokedBy,
});

const tokenOf = (row: EnrolmentTokensTable): EnrolmentTokenRow => ({
  id: row.id,
  hash: row.hash,
  group: row.device_group,
  site: row.site,
  role: row.role,
  pool: row.pool === 1,
  acceptance: decode(row.acceptance),
  usesMax: row.uses_max,
  uses: row.uses,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  revokedBy: row.revoked_by,
});
