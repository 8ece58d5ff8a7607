/**
 * The rows of a fleet as ingest would have left them, for filling a database in bulk: registered, and with one report
 * each, of the boot that is their state. In the order of ids, so that both databases fill quickly.
 */
import { encode, encodeOrNull } from "../../../controller/storage/schema.ts";
import { newId } from "../../../protocol/ids.ts";
import { epochId, inOrderOfIds } from "../population/places.ts";
import { DAY_BEGAN, rowOf } from "../population/states.ts";
import { REPORTS_BEFORE } from "./reports.ts";

/** Of the controller that ran before. */
const STREAM = newId("stream", DAY_BEGAN, new Uint8Array(10));
const MONTH = 202_611;

/** Columns in the order of the values below. */
export const COLUMNS = {
  devices: ["id", "public_key", "name", "site", "role", "registered_at", "last_heard_at", "leaving", "healthy"],
  device_boots: ["device", "boot", "content"],
  epochs: ["device", "epoch", "through", "opened_at"],
  changes: ["stream", "sequence", "at", "month", "device", "epoch", "epoch_sequence", "digest", "body"],
} as const;
export type FilledTable = keyof typeof COLUMNS;
export const FILLED_TABLES = Object.keys(COLUMNS) as readonly FilledTable[];
export const STREAM_ROW = { id: STREAM, lastOf: (devices: number): number => devices } as const;

type Values = readonly (string | number | null)[];

/** One row of each table for every device. */
export function* rowsOf(devices: number): Generator<Readonly<Record<FilledTable, Values>>> {
  let sequence = 0;
  for (const n of inOrderOfIds(devices)) {
    const { id, publicKey, name, site, role, registeredAt, state } = rowOf(n, devices);
    if (state === null || state.boot === null) throw new Error("every device of the population has booted");
    const { boot, content, healthy, leaving, lastHeardAt } = state;
    const body = encode({ kind: "boot-began", boot });
    const digest = (sequence += 1).toString(16).padStart(64, "f");
    yield {
      devices: [id, publicKey, name, site, role, registeredAt, lastHeardAt, leaving, encodeOrNull(healthy)],
      device_boots: [id, encode(boot), encode(content)],
      epochs: [id, epochId(n), REPORTS_BEFORE, registeredAt],
      changes: [STREAM, sequence, lastHeardAt, MONTH, id, epochId(n), REPORTS_BEFORE, digest, body],
    };
  }
}
