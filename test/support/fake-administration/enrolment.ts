/**
 * Stands for the enrolment desk: how devices become known, and how they stand.
 *
 * Faithful in that a device that is registered again keeps its standing. A token is only listed: none enrols with it.
 */
import type { DeviceView } from "../../../protocol/api.ts";
import { EnrolmentToken, type TokenView } from "../../../protocol/enrolment.ts";
import type { TokenId } from "../../../protocol/ids.ts";
import { later } from "../../../protocol/time.ts";
import type { EnrolmentDesk, FleetDesk } from "../../../controller/ports/fleet-desks.ts";
import { type FakeRecord, found } from "./record.ts";

export function enrolmentPart(record: FakeRecord): EnrolmentDesk & Pick<FleetDesk, "registerDevice"> {
  const tokens = new Map<TokenId, TokenView>();
  return {
    async registerDevice(registration) {
      const { id, name, site, role } = registration;
      const known = record.byDevice.get(id);
      const device: DeviceView = {
        id,
        name,
        site,
        role,
        condition: "unknown",
        because: "It is registered, but was never heard from.",
        connected: false,
        standing: known?.standing ?? "accepted",
        standingSince: known?.standingSince ?? record.now(),
        standingBecause: known?.standingBecause ?? "A person registered it.",
        standingAdvice: null,
        counts: true,
        binding: "front",
        group: null,
        image: null,
        registeredAt: known?.registeredAt ?? record.now(),
        lastHeardAt: null,
        trust: null,
        content: [],
        lastBoot: null,
        lastHealthy: null,
        lastEnd: null,
      };
      record.byDevice.set(id, device);
      record.notify("fleet", id);
      return { created: known === undefined, device };
    },

    async setStanding(id, standing, by, because) {
      const device: DeviceView = {
        ...record.deviceOf(id),
        standing,
        standingBecause: `${standing} by ${by}: ${because}`,
        counts: standing === "accepted",
      };
      record.byDevice.set(id, device);
      record.notify("fleet", id);
      return device;
    },

    async makeEnrolmentToken(request, by) {
      const { uses: usesMax, lifetimeMs, ...rest } = request;
      const id = record.id("token");
      const view: TokenView = {
        ...rest,
        id,
        usesMax,
        uses: 0,
        createdAt: record.now(),
        createdBy: by,
        expiresAt: later(record.now(), lifetimeMs),
        revokedAt: null,
        revokedBy: null,
        state: "good",
      };
      tokens.set(id, view);
      return { token: EnrolmentToken.parse(`rbe_${"0".repeat(32)}`), view };
    },

    async enrolmentTokens() {
      return { items: [...tokens.values()], asOf: record.now() };
    },

    async revokeEnrolmentToken(id, by) {
      const view = found(tokens.get(id), "token", id);
      tokens.set(id, { ...view, state: "revoked", revokedAt: record.now(), revokedBy: by });
    },
  };
}
