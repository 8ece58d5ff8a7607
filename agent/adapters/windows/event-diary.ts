/**
 * The records of the System log that tell of boots, taken out of Windows' log and kept in the agent's own folder. Pure.
 *
 * Invariant: each record is taken once and none is passed over. The diary names the last record that was taken; the next
 * question begins with that very record, so that a log which was cleared, written round or begun anew is noticed by its
 * absence. What was taken stays here, whatever becomes of the log.
 *
 * As text it is XML that `readEventLog` reads, under a first line that says how far it goes.
 */
import { z } from "zod";
import { isOfBoots } from "../../evidence/boot-marks.ts";
import { parseEvent } from "../../evidence/event-record.ts";

export interface EventDiary {
  /** The number that Windows gave to the last record taken; 0 if none was. */
  readonly through: number;
  /** Which record that is: numbers may begin anew. */
  readonly mark: string;
  /** Added to Windows' numbers, so that ours only grow. */
  readonly shift: number;
  /** Oldest first, each an `<Event>` without its localised words, under its shifted number. */
  readonly events: readonly string[];
}

export const EMPTY_DIARY: EventDiary = { through: 0, mark: "", shift: 0, events: [] };

/** Some 25 boots of ten records; more than goes with a report. */
const EVENTS_MAX = 250;
const EVENT_LETTERS_MAX = 16 * 1_024;
const DIARY_LETTERS_MAX = 200 * 1_024;

const HEAD = /^<!-- ringback-diary (\{.{0,300}\}) -->\n/;
const Head = z.strictObject({ through: z.int().min(0), mark: z.string().max(100), shift: z.int().min(0) });

export function diaryText({ through, mark, shift, events }: EventDiary): string {
  return `<!-- ringback-diary ${JSON.stringify({ through, mark, shift })} -->\n${events.map((event) => `${event}\n`).join("")}`;
}

/** What cannot be read is an empty diary: the log is then taken in anew. */
export function readDiary(text: string): EventDiary {
  const head = HEAD.exec(text);
  if (head === null) return EMPTY_DIARY;
  try {
    return { ...Head.parse(JSON.parse(head[1] ?? "")), events: eventsIn(text.slice(head[0].length)) };
  } catch {
    return EMPTY_DIARY;
  }
}

/** A record as `wevtutil` printed it. */
interface LogRecord {
  readonly id: number;
  readonly mark: string;
  readonly isOfBoots: boolean;
  readonly xml: string;
}

/** In the order of their numbers, whichever way they were asked for. A record that is cut off is not there yet. */
export function readPage(output: string): readonly LogRecord[] {
  return eventsIn(output)
    .flatMap((xml) => {
      const record = parseEvent(xml, () => false);
      if (record === undefined || record.recordId === null) return [];
      const { recordId: id, eventId, time, provider } = record;
      return [{ id, mark: `${eventId}@${time ?? "?"}`, isOfBoots: isOfBoots(provider, eventId), xml }];
    })
    .sort((a, b) => a.id - b.id);
}

/**
 * Takes in what was found from the diary's last record on.
 * @returns undefined if that record is not among it: the log is no longer the one that was read
 */
export function goOn(diary: EventDiary, page: readonly LogRecord[]): EventDiary | undefined {
  const [first, ...rest] = page;
  if (first === undefined || first.id !== diary.through || first.mark !== diary.mark) return undefined;
  return takeIn(diary, rest);
}

/** Takes in the newest records of a log whose place was lost, or never was: those that are not in the diary. */
export function beginAgain(diary: EventDiary, newest: readonly LogRecord[]): EventDiary {
  const known = newest.find(({ id, mark }) => id === diary.through && mark === diary.mark);
  // Records leave a log from its old end. Older ones without the one that was read last are of a log that began anew.
  const isAnother = known === undefined && newest.some(({ id }) => id <= diary.through);
  if (!isAnother)
    return takeIn(
      diary,
      newest.filter(({ id }) => id > diary.through),
    );
  return takeIn({ ...diary, shift: diary.shift + diary.through }, newest);
}

function takeIn(diary: EventDiary, records: readonly LogRecord[]): EventDiary {
  const last = records.at(-1);
  if (last === undefined) return diary;
  const taken = records.filter((record) => record.isOfBoots).map((record) => kept(record, diary.shift));
  const events = [...diary.events, ...taken.filter((xml) => xml.length <= EVENT_LETTERS_MAX)].slice(-EVENTS_MAX);
  return { through: last.id, mark: last.mark, shift: diary.shift, events: fitting(events) };
}

function kept({ id, xml }: LogRecord, shift: number): string {
  return xml
    .replace(/<RenderingInfo\b[\s\S]*?<\/RenderingInfo>/, "")
    .replace(/(?<=<EventRecordID\b[^>]*>)\d+(?=<\/EventRecordID>)/, String(id + shift));
}

/** The newest that fit. */
function fitting(events: readonly string[]): readonly string[] {
  let letters = 0;
  const from = events.findLastIndex((event) => (letters += event.length + 1) > DIARY_LETTERS_MAX);
  return events.slice(from + 1);
}

const eventsIn = (text: string): readonly string[] => text.match(/<Event[\s>][\s\S]*?<\/Event>/g) ?? [];
