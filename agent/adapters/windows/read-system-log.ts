/**
 * Reads what is new in Windows' System log into the diary, through `wevtutil`.
 *
 * The diary is on the disk, whole, before anything is concluded from it. Where the program is not there, or answers with
 * nothing where at least the last record must come, nothing is known: that is not the same as that nothing happened.
 */
import { readFile } from "node:fs/promises";
import { isNoSuchFile } from "../fault-of.ts";
import { replaceFile } from "../replace-file.ts";
import { beginAgain, diaryText, EMPTY_DIARY, type EventDiary, goOn, readDiary, readPage } from "./event-diary.ts";
import type { RunTool } from "./ports.ts";

/** Those of agent/evidence/boot-marks.ts, of whatever provider. XPath takes some twenty terms. */
const EVENT_IDS = [12, 13, 20, 27, 41, 42, 109, 1001, 1073, 1074, 1075, 6005, 6006, 6008, 6009];
const OF_BOOTS = EVENT_IDS.map((id) => `EventID=${id}`).join(" or ");
/** Rendered, a record is some 2 KiB. */
const PAGE_RECORDS = 250;
/** A machine writes some ten such records a boot: more pages than this are no machine's. */
const PAGES_MAX = 40;
const WITHIN_MS = 60_000;

export type LogRead = { readonly kind: "read" } | { readonly kind: "not-known"; readonly because: string };

/** @param path of the diary. @throws what the disk says */
export async function readSystemLog(path: string, runTool: RunTool): Promise<LogRead> {
  const before = await diaryAt(path);
  const after = await catchUp(before, runTool);
  if ("because" in after) return after;
  if (after !== before) await replaceFile(path, diaryText(after));
  return { kind: "read" };
}

type NotKnown = Extract<LogRead, { kind: "not-known" }>;

async function catchUp(diary: EventDiary, runTool: RunTool): Promise<EventDiary | NotKnown> {
  if (diary.through === 0) return startOver(diary, runTool);
  let read = diary;
  for (let page = 0; page < PAGES_MAX; page++) {
    const output = await ask(runTool, `(EventRecordID>=${read.through}) and `, []);
    if (typeof output !== "string") return output;
    const records = readPage(output);
    const next = goOn(read, records);
    if (next === undefined) return startOver(read, runTool);
    if (records.length < PAGE_RECORDS) return next;
    read = next;
  }
  return read;
}

async function startOver(diary: EventDiary, runTool: RunTool): Promise<EventDiary | NotKnown> {
  const output = await ask(runTool, "", ["/rd:true"]);
  if (typeof output !== "string") return output;
  const records = readPage(output);
  if (records.length > 0) return beginAgain(diary, records);
  return notKnown("wevtutil finds no record of any boot: the System log was cleared since this one, or cannot be read");
}

async function ask(runTool: RunTool, condition: string, more: readonly string[]): Promise<string | NotKnown> {
  const query = `/q:*[System[${condition}(${OF_BOOTS})]]`;
  const run = await runTool(
    "wevtutil",
    ["qe", "System", query, "/f:RenderedXml", `/c:${PAGE_RECORDS}`, ...more],
    WITHIN_MS,
  );
  if (run.kind === "fault") return notKnown(run.because);
  const { exitCode, stdout, stderr } = run.value;
  return exitCode === 0 ? stdout : notKnown(`wevtutil ended with ${exitCode}: ${stderr.trim().slice(0, 300)}`);
}

const notKnown = (because: string): NotKnown => ({ kind: "not-known", because });

async function diaryAt(path: string): Promise<EventDiary> {
  try {
    return readDiary(await readFile(path, "utf8"));
  } catch (error) {
    if (isNoSuchFile(error)) return EMPTY_DIARY;
    throw error;
  }
}
