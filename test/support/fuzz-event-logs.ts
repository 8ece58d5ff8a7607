/**
 * Reads damaged event logs, one after another, in a process of its own: so that one that hangs can be ended, and the
 * memory of the whole can be seen.
 *
 *     node test/support/fuzz-event-logs.ts RUNS SEED [FILE...]
 *
 * Prints the seed before each run in which something is wrong; ends with a line of JSON, see FuzzResult.
 */
import { readFileSync, writeSync } from "node:fs";
import { z } from "zod";
import { readEventLog } from "../../agent/evidence/event-log.ts";
import { LoggedBoot } from "../../protocol/boot.ts";
import { Dice } from "../lab/random.ts";
import { coldStart, dirtyStart, driverNotLoaded, endAskedFor, kernelStopped, logStarted } from "./boot-events.ts";
import { buildEvtx, type EvtxEvent } from "./evtx-builder.ts";
import { mutate } from "./mutate.ts";

export type FuzzResult = z.infer<typeof FuzzResult>;
export const FuzzResult = z.object({
  runs: z.int(),
  logs: z.int(),
  records: z.int(),
  megabytes: z.number(),
  wrong: z.array(z.string()),
});

/** Whole files read into memory would be: no reader may ask for more than a few times what there is. */
const READS_MAX = 4;

const WellFormed = z.strictObject({
  kind: z.literal("event-log"),
  channel: z.string().max(256).nullable(),
  records: z.int().min(0),
  recovered: z.int().min(0),
  lost: z.int().min(0),
  lostBecause: z.array(z.string().min(1)),
  counts: z.array(z.strictObject({ provider: z.string().max(256), eventId: z.int().min(0), count: z.int().min(1) })),
  boots: z.array(LoggedBoot),
});

const T = Date.parse("2026-07-19T04:00:00Z");
const BOOT: readonly EvtxEvent[] = [
  ...logStarted(T),
  kernelStopped(T),
  ...coldStart(T),
  dirtyStart(T, 0x50, 1n, 2n),
  driverNotLoaded(T),
  endAskedFor(T, "restart"),
  {
    provider: "Nested",
    eventId: 1,
    at: T,
    data: { inner: { within: { provider: "N", eventId: 2, at: T, data: { a: "b" } } } },
  },
];

interface Base {
  readonly bytes: Uint8Array;
  readonly used: { readonly begin: number; readonly end: number };
}

function bases(files: readonly string[]): Base[] {
  const own = [buildEvtx([BOOT]), buildEvtx([BOOT, BOOT], { isDirty: true, chunksSaid: 1 })];
  const xml = Buffer.from(XML, "utf8");
  return [
    ...own.map((bytes) => ({ bytes, used: { begin: 4096, end: 4096 + Buffer.from(bytes).readUInt32LE(4096 + 48) } })),
    ...own.slice(0, 1).map((bytes) => ({ bytes, used: { begin: 0, end: 5200 } })),
    { bytes: xml, used: { begin: 0, end: xml.length } },
    ...files.map((file) => ({
      bytes: readFileSync(file).subarray(0, 4096 + 65_536),
      used: { begin: 4096, end: 69_632 },
    })),
  ];
}

const XML = `<Events>${[12, 41, 6005, 1074, 13]
  .map(
    (id) =>
      `<Event xmlns='x'><System><Provider Name='Microsoft-Windows-Kernel-General'/><EventID>${id}</EventID>` +
      `<TimeCreated SystemTime='2026-07-19T04:12:33.1234567Z'/><EventRecordID>${id}</EventRecordID></System>` +
      `<EventData><Data Name='StartTime'>2026-07-19T04:12:33Z</Data><Data>a&amp;b</Data></EventData></Event>`,
  )
  .join("\n")}</Events>`;

function main([runsWanted = "1000", seed = "1", ...files]: readonly string[]): void {
  const from = bases(files);
  const result = { runs: 0, logs: 0, records: 0, megabytes: 0, wrong: [] as string[] };
  for (; result.runs < Number(runsWanted); result.runs++) {
    const dice = new Dice(`${seed}/${result.runs}`, "event-logs");
    const base = from[dice.between(0, from.length - 1)];
    if (base === undefined) throw new Error("there is always a base");
    const bytes = mutate(base.bytes, dice, base.used);
    const wrong = whatIsWrong(bytes, result);
    if (wrong !== undefined) {
      writeSync(1, `run ${seed}/${result.runs}: ${wrong}\n`);
      result.wrong.push(`run ${seed}/${result.runs}: ${wrong}`);
    }
    if (result.runs % 100 === 0) {
      result.megabytes = Math.max(result.megabytes, process.memoryUsage.rss() / 1e6);
      writeSync(1, `${result.runs}\n`); // so that the run that hangs can be found
    }
  }
  writeSync(1, `${JSON.stringify(result)}\n`);
}

function whatIsWrong(bytes: Buffer, result: { logs: number; records: number }): string | undefined {
  let asked = 0;
  try {
    const log = readEventLog({
      size: bytes.length,
      read(offset, length) {
        asked += Math.min(length, Math.max(0, bytes.length - offset)) + 1;
        if (asked > READS_MAX * (bytes.length + 65_536)) throw new Error("it reads the file again and again");
        return bytes.subarray(offset, offset + length);
      },
    });
    if (log.kind === "not-one") return log.because === "" ? "it does not say why it is none" : undefined;
    result.logs++;
    result.records += log.records;
    const shape = WellFormed.safeParse(log);
    if (!shape.success) return shape.error.message;
    const counted = log.counts.reduce((sum, { count }) => sum + count, 0);
    return counted === log.records ? undefined : `${log.records} records, but ${counted} counted`;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : "it threw something";
  }
}

if (import.meta.main) main(process.argv.slice(2));
