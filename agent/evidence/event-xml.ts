/**
 * Event records from text: one `<Event>…</Event>` after another, a record a line or all in an `<Events>`, in UTF-8 or in
 * the UTF-16 that Windows redirects into. The first and the last record may be cut off.
 *
 * Memory is bounded: the text is read piece by piece, and a record longer than a megabyte is given up.
 */
import type { ByteSource } from "./byte-source.ts";
import { isOfBoots } from "./boot-marks.ts";
import { parseEvent } from "./event-record.ts";
import type { EventTally } from "./event-tally.ts";
import { readWhole } from "./read-whole.ts";
import { encodingOf } from "./text-file.ts";

const PIECE_BYTES = 256 * 1024;
/** Windows keeps a record below 64 KiB of its binary form. */
const RECORD_CHARS_MAX = 1024 * 1024;
/** How far to look for the first record before it is said that this is no such file. */
const HEAD_CHARS_MAX = 4 * 1024 * 1024;

/**
 * False if there is no event record, nor an empty list of them.
 * @param bytesMax of a longer text, so much of its end is read
 */
export function readEventXml(source: ByteSource, tally: EventTally, bytesMax: number): boolean {
  const decoder = new TextDecoder(encodingOf(readWhole(source, 0, 4)));
  const cutter = new RecordCutter();
  let unreadable = 0;
  let found = false;
  const begin = 2 * Math.ceil(Math.max(0, source.size - bytesMax) / 2); // between two letters of UTF-16
  for (let offset = begin; offset < source.size; ) {
    const bytes = source.read(offset, PIECE_BYTES);
    if (bytes.length === 0) break;
    offset += bytes.length;
    for (const xml of cutter.cut(decoder.decode(bytes, { stream: true }))) {
      const record = parseEvent(xml, isOfBoots);
      if (record === undefined) unreadable++;
      else tally.add(record);
      found ||= record !== undefined;
    }
    if (!found && offset - begin > HEAD_CHARS_MAX) return false;
  }
  if (!found) return cutter.sawList;
  if (cutter.headIsCut && begin === 0) tally.lose(1, "the first record is cut off");
  if (unreadable > 0) tally.lose(unreadable, `${unreadable} records do not say which event they are of`);
  if (cutter.tooLong > 0) tally.lose(cutter.tooLong, `${cutter.tooLong} records are longer than a record can be`);
  if (cutter.isInRecord) tally.lose(1, "the last record is cut off");
  return true;
}

/** Cuts a stream of text into the `<Event>…</Event>` that are in it. */
class RecordCutter {
  /** A record ended before any began. */
  headIsCut = false;
  /** `<Events>` was seen: a list, be it an empty one. */
  sawList = false;
  tooLong = 0;
  #rest = "";
  #searched = 0;
  #sawRecord = false;
  #skipping = false;

  get isInRecord(): boolean {
    return /^<Event[\s>]/.test(this.#rest);
  }

  *cut(text: string): Generator<string> {
    this.#rest += text;
    for (;;) {
      if (!this.isInRecord && !this.#toNextRecord()) return;
      const end = this.#rest.indexOf(END, this.#searched);
      if (end < 0) {
        this.#searched = Math.max(0, this.#rest.length - END.length);
        if (this.#rest.length > RECORD_CHARS_MAX) this.#giveUp();
        return;
      }
      const record = this.#rest.slice(0, end + END.length);
      this.#rest = this.#rest.slice(end + END.length);
      this.#searched = 0;
      yield record;
    }
  }

  /** Drops what stands before the next record, and all but a tail that may be the beginning of one. */
  #toNextRecord(): boolean {
    const begin = this.#rest.search(/<Event[\s>]/);
    const before = begin < 0 ? this.#rest : this.#rest.slice(0, begin);
    this.sawList ||= /<Events[\s/>]/.test(before);
    if (!this.#sawRecord && !this.#skipping) this.headIsCut ||= before.includes(END);
    this.#searched = 0;
    if (begin < 0) {
      this.#rest = this.#rest.slice(-END.length);
      return false;
    }
    this.#sawRecord = true;
    this.#rest = this.#rest.slice(begin);
    return true;
  }

  #giveUp(): void {
    this.tooLong++;
    this.#skipping = true;
    this.#rest = "";
    this.#searched = 0;
  }
}

const END = "</Event>";
