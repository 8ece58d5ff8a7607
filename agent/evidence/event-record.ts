/**
 * One record of a Windows event log, read from the XML of its `<Event>`: as `wevtutil qe … /f:RenderedXml` prints it, in
 * either kind of quotes, and as `@ts-evtx/core` renders a record of an .evtx file.
 *
 * Pure, and linear in the length of the text. The text that Windows adds for people (`<RenderingInfo>`) is localised and
 * never looked at.
 */
import { Instant } from "../../protocol/time.ts";
import { xmlEvents } from "./xml-events.ts";

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

/** @param xml one `<Event …>…</Event>`; undefined if it does not say which event of which provider it is */
export function parseEvent(xml: string): EventRecord | undefined {
  const data = new Map<string, string>();
  const values: string[] = [];
  const texts = new Map<string, string>();
  let provider: string | undefined;
  let systemTime: string | undefined;
  let binary: string | null = null;

  const takeField = (path: readonly string[], name: string | undefined, text: string): void => {
    const value = text.trim();
    const own = path.at(-1) ?? "";
    if (path[1] === "System") texts.set(own, texts.get(own) ?? value);
    else if (path[1] === "UserData") data.set(own, value);
    else if (own === "Binary") binary = value;
    else if (name !== undefined) data.set(name, value);
    else if (own === "Data") values.push(...value.split(LIST_SEPARATOR));
  };

  for (const element of xmlEvents(xml)) {
    const { path } = element;
    if (path.length < 2 || path[1] === "RenderingInfo") continue;
    if (element.kind === "leaf") {
      if (data.size < FIELDS_MAX && values.length < FIELDS_MAX)
        takeField(path, element.attributes.get("Name"), element.text);
    }
    if (path.length !== 3 || path[1] !== "System") continue;
    if (path[2] === "Provider") provider ??= element.attributes.get("Name");
    if (path[2] === "TimeCreated") systemTime ??= element.attributes.get("SystemTime");
  }

  const eventId = wholeNumber(texts.get("EventID"));
  if (provider === undefined || eventId === null || eventId > 0xffff) return undefined;
  return {
    provider: provider.slice(0, 256),
    eventId,
    recordId: wholeNumber(texts.get("EventRecordID")),
    time: readInstant(systemTime),
    channel: texts.get("Channel")?.slice(0, 256) || null,
    computer: texts.get("Computer")?.slice(0, 256) || null,
    data,
    values,
    binary,
  };
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
