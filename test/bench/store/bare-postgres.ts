/**
 * The statements that make a batch of reports durable in PostgreSQL, without anything around them: the same ones as
 * ours, over `unnest`, in one transaction on one connection.
 */
import type { Client } from "pg";
import type { IngestReport } from "../../../controller/store/reports.ts";
import { newId } from "../../../protocol/ids.ts";
import { DAY_BEGAN } from "../population/states.ts";

const STREAM = newId("stream", DAY_BEGAN, new Uint8Array(10).fill(1));
const MONTH = 202_611;

const LOCK = `select t.id, t.last_heard_at, t.leaving, t.healthy from devices as t
  join unnest($1::text[]) as v (id) on t.id = v.id order by t.id for no key update of t`;
const EPOCHS = `select t.device, t.epoch, t.through, t.opened_at from epochs as t
  join unnest($1::text[], $2::text[]) as v (device, epoch) on t.device = v.device and t.epoch = v.epoch order by t.device, t.epoch`;
const STREAMS = `insert into streams (id, last) values ($1, $2)
  on conflict (id) do update set last = streams.last + $2 returning last`;
const CHANGES = `insert into changes (stream, sequence, at, month, device, epoch, epoch_sequence, digest, body)
  select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[])`;
const MOVE_EPOCHS = `insert into epochs (device, epoch, through, opened_at)
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
  on conflict (device, epoch) do update set through = excluded.through, opened_at = excluded.opened_at`;
const DEVICES = `update devices as t set last_heard_at = v.last_heard_at, leaving = v.leaving, healthy = v.healthy
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as v (id, last_heard_at, leaving, healthy) where t.id = v.id`;
const BOOTS = `insert into device_boots (device, boot, content) select * from unnest($1::text[], $2::text[], $3::text[])
  on conflict (device) do update set boot = excluded.boot, content = excluded.content`;

export function barePostgres(client: Client): (reports: readonly IngestReport[]) => Promise<void> {
  return async (reports) => {
    const newest = [...new Map(reports.map((report) => [report.deviceId, report])).values()];
    const devices = newest.map(({ deviceId }) => deviceId).sort();
    const column = <Value>(of: (report: IngestReport) => Value): Value[] => reports.map(of);
    await client.query("begin");
    await client.query(LOCK, [devices]);
    await client.query(EPOCHS, [newest.map(({ deviceId }) => deviceId), newest.map(({ epoch }) => epoch)]);
    const { rows } = await client.query<{ last: string }>(STREAMS, [STREAM, reports.length]);
    const before = Number(rows[0]?.last) - reports.length;
    await client.query(CHANGES, [
      column(() => STREAM),
      reports.map((_, i) => before + 1 + i),
      column(({ receivedAt }) => receivedAt),
      column(() => MONTH),
      column(({ deviceId }) => deviceId),
      column(({ epoch }) => epoch),
      column(({ sequence }) => sequence),
      column(({ digest }) => digest),
      column(({ body }) => JSON.stringify(body)),
    ]);
    await client.query(MOVE_EPOCHS, [
      newest.map(({ deviceId }) => deviceId),
      newest.map(({ epoch }) => epoch),
      newest.map(({ sequence }) => sequence),
      newest.map(({ receivedAt }) => receivedAt),
    ]);
    await client.query(DEVICES, [
      newest.map(({ deviceId }) => deviceId),
      newest.map(({ receivedAt }) => receivedAt),
      newest.map(() => null),
      newest.map(({ body }) => (body.kind === "boot-healthy" ? JSON.stringify(body.healthy) : null)),
    ]);
    const boots = new Map(
      reports.flatMap(({ deviceId, body }) => (body.kind === "boot-began" ? [[deviceId, body.boot]] : [])),
    );
    await client.query(BOOTS, [
      [...boots.keys()],
      [...boots.values()].map((boot) => JSON.stringify(boot)),
      [...boots.values()].map(({ content }) => JSON.stringify(content)),
    ]);
    await client.query("commit");
  };
}
