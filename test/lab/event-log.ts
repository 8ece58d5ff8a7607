/** The System log as `wevtutil qe System /f:RenderedXml` prints it: one `<Event>` a line. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type EventRecord, windowsTime } from "./event-records.ts";

const NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event";
const LEVELS = { 1: "Critical", 2: "Error", 4: "Information" } as const;

/** The log of one machine; its records are numbered as they are written. */
export class SystemLog {
  readonly #file: string;
  readonly #computer: string;
  #recordId = 0;

  constructor(folder: string, computer: string) {
    this.#file = join(folder, "events/System.xml");
    this.#computer = computer;
  }

  async append(records: readonly EventRecord[]): Promise<void> {
    const lines = records.map((record) => {
      return `${renderRecord(record, { computer: this.#computer, recordId: ++this.#recordId })}\n`;
    });
    await appendFile(this.#file, lines.join(""));
  }
}

interface LogPosition {
  readonly computer: string;
  readonly recordId: number;
}

/** One line of the log, without the line break. */
export function renderRecord(record: EventRecord, { computer, recordId }: LogPosition): string {
  const provider =
    record.guid === undefined
      ? `<Provider Name='${record.provider}'/>`
      : `<Provider Name='${record.provider}' Guid='${record.guid}'/>`;
  const data = record.data
    .map(([name, value]) => `<Data${name === undefined ? "" : ` Name='${name}'`}>${escapeXml(value)}</Data>`)
    .join("");
  return (
    `<Event xmlns='${NAMESPACE}'><System>${provider}<EventID>${record.id}</EventID><Version>0</Version>` +
    `<Level>${record.level}</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>` +
    `<TimeCreated SystemTime='${windowsTime(record.at)}'/><EventRecordID>${recordId}</EventRecordID><Correlation/>` +
    `<Execution ProcessID='4' ThreadID='8'/><Channel>System</Channel><Computer>${escapeXml(computer)}</Computer>` +
    `<Security/></System><EventData>${data}</EventData><RenderingInfo Culture='en-US'>` +
    `<Message>${escapeXml(record.message)}</Message><Level>${LEVELS[record.level]}</Level><Task></Task>` +
    `<Opcode>Info</Opcode><Channel>System</Channel><Provider>${record.provider}</Provider><Keywords></Keywords>` +
    `</RenderingInfo></Event>`
  );
}

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&apos;");
