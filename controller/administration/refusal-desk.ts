/** What devices would not do or believe, over the fleet: rule, device, and what to do about it. */
import type { RefusalView } from "../../protocol/api-emergency.ts";
import { DeviceId } from "../../protocol/ids.ts";
import { adviceFor } from "../../protocol/refusal-advice.ts";
import { Instant } from "../../protocol/time.ts";
import type { RefusalDesk } from "../ports/trust-desks.ts";
import type { RefusalRow } from "../store/refusals.ts";
import type { Desk } from "./desk.ts";
import { notACursor } from "./device-cursors.ts";

type Place = Pick<RefusalRow, "at" | "device" | "sequence">;

export function refusalDesk({ orchestrator }: Desk): RefusalDesk {
  const { store, clock } = orchestrator.deps;
  const view = ({ device, at, body }: RefusalRow): RefusalView => {
    const isOrder = body.kind === "order-refused";
    return {
      device,
      name: orchestrator.fleet.get(device)?.row.name ?? null,
      at,
      what: isOrder ? "order" : body.what,
      order: isOrder ? body.orderId : null,
      rule: body.rule,
      because: body.because,
      advice: adviceFor(body),
    };
  };
  return {
    async refusals({ limit, cursor }) {
      const rows = await store.refusals(limit + 1, cursor === undefined ? undefined : readCursor(cursor));
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map(view),
        next: rows.length > limit && last !== undefined ? cursorOf(last) : null,
        asOf: clock.now(),
      };
    },
  };
}

const cursorOf = ({ at, device, sequence }: Place): string => `${at}.${device}.${sequence}`;

/** @throws Refused for a cursor that no list gave out */
function readCursor(cursor: string): Place {
  const parts = /^(\d{1,16})\.(dev_[^.]+)\.(\d{1,15})$/.exec(cursor);
  const at = Instant.safeParse(Number(parts?.[1]));
  const device = DeviceId.safeParse(parts?.[2]);
  if (!at.success || !device.success) throw notACursor();
  return { at: at.data, device: device.data, sequence: Number(parts?.[3]) };
}
