/**
 * One record of a Windows event log, read from the XML of its `<Event>`: as `wevtutil qe … /f:RenderedXml` prints it, in
 * either kind of quotes, and as `@ts-evtx/core` renders a record of an .evtx file.
 *
 * Pure, and linear in the length of the text. The text that Windows adds for people (`<RenderingInfo>`) is localised and
 * never looked at.
 */
import { Instant } from "../../protocol/time.ts";
import { attributeOf, readXml, type XmlReader } from "./xml-elements.ts";

export interface EventRecord {
  readonly provider: string;
  readonly eventId: number;
  readonly recordId: number | null;
  readonly time: Instant | null;
  readonly channel: string | null;
  readonly computer: string | null;
  /** `<Data Name='…'>`, and the fields of `<UserData>` by the names of their elements. */
  readonly data: ReadonlyMap<string, string>;
  /** `<Data>` without a name, in order: what older programs write. */
  readonly values: readonly string[];
  /** `<Binary>`, hex. */
  readonly binary: string | null;
}

/** Stands between the strings of a list in one `<Data>`; a code point that Unicode keeps free of meaning for such use. */
export const LIST_SEPARATOR = "\u{fdd0}";

/** The lists of a record are cut here; Windows itself writes at most some 100 fields. */
const FIELDS_MAX = 1000;
const TEXT_MAX = 256;

/**
 * @param xml one `<Event …>…</Event>`
 * @param wantsData asked once the event is known; where it says no, the record comes without data, values and binary
 * @returns undefined if the XML does not say which event of which provider it is
 */
export function parseEvent(xml: string, wantsData: WantsData = () => true): EventRecord | undefined {
  const reader = new EventReader(wantsData);
  readXml(xml, reader);
  return reader.record();
}

export type WantsData = (provider: string, eventId: number) => boolean;

class EventReader implements XmlReader {
  #provider: string | undefined;
  #systemTime: string | undefined;
  #binary: string | null = null;
  #isDone = false;
  readonly #system = new Map<string, string>();
  readonly #data = new Map<string, string>();
  readonly #values: string[] = [];
  readonly #wantsData: WantsData;

  constructor(wantsData: WantsData) {
    this.#wantsData = wantsData;
  }

  open(path: readonly string[], tag: string): void {
    if (path.length !== 3 || path[1] !== "System") return;
    if (path[2] === "Provider") this.#provider ??= attributeOf(tag, "Name")?.slice(0, TEXT_MAX);
    if (path[2] === "TimeCreated") this.#systemTime ??= attributeOf(tag, "SystemTime");
  }

  leaf(path: readonly string[], tag: string, text: string): void {
    const [, part, field] = path;
    const own = path.at(-1);
    if (own === undefined || part === undefined || part === "RenderingInfo") return;
    if (part === "System") {
      if (path.length === 3 && field !== undefined && !this.#system.has(field)) this.#system.set(field, text.trim());
      return;
    }
    const name = part === "UserData" ? own : attributeOf(tag, "Name");
    if (this.#data.size + this.#values.length >= FIELDS_MAX) return;
    if (own === "Binary") this.#binary = text.trim();
    else if (name !== undefined) this.#data.set(name, text.trim());
    else if (own === "Data") this.#values.push(...text.trim().split(LIST_SEPARATOR).slice(0, FIELDS_MAX));
  }

  /** True as soon as the fields of the system are known and the rest is not wanted. */
  isDone(): boolean {
    if (this.#isDone || this.#provider === undefined || !this.#system.has("Computer")) return this.#isDone;
    this.#isDone = !this.#wantsData(this.#provider, wholeNumber(this.#system.get("EventID")) ?? 0);
    return this.#isDone;
  }

  record(): EventRecord | undefined {
    const eventId = wholeNumber(this.#system.get("EventID"));
    if (this.#provider === undefined || eventId === null || eventId > 0xffff) return undefined;
    return {
      provider: this.#provider,
      eventId,
      recordId: wholeNumber(this.#system.get("EventRecordID")),
      time: readInstant(this.#systemTime),
      channel: this.#system.get("Channel")?.slice(0, TEXT_MAX) || null,
      computer: this.#system.get("Computer")?.slice(0, TEXT_MAX) || null,
      data: this.#data,
      values: this.#values,
      binary: this.#binary,
    };
  }
}

/** @param text as Windows prints times: UTC, up to nine digits after the second */
export function readInstant(text: string | undefined): Instant | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text ?? "");
  if (match === null) return null;
  const parsed = Instant.safeParse(Date.parse(`${match[1]}Z`) + Number((match[2] ?? "0").padEnd(3, "0").slice(0, 3)));
  return parsed.success ? parsed.data : null;
}

function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
