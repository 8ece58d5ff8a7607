/**
 * Makes small .evtx files: for machines that have none, and as the ground from which damaged ones are made.
 *
 * Shares no code with the reader. As in the files of Windows, each record is a fragment of binary XML on a template with
 * 18 values, its data a fragment in the last of these on a template of its own; a template and a name stand where they
 * are first used in a chunk. The header's chains of names and templates are left empty.
 */
import { crc32 } from "node:zlib";

export type EvtxValue =
  | string
  | number
  | bigint
  | boolean
  | { readonly filetimeOfMs: number }
  /** Data within data. */
  | { readonly within: EvtxEvent };

export interface EvtxEvent {
  readonly provider: string;
  readonly eventId: number;
  readonly at: number;
  readonly data?: Readonly<Record<string, EvtxValue>>;
  /** How often the template of its data uses each value; once if left out. */
  readonly uses?: number;
}

interface EvtxOptions {
  readonly firstRecordId?: number;
  /** How the file header says it was left, and how many chunks it says there are. */
  readonly isDirty?: boolean;
  readonly chunksSaid?: number;
  /** The number of the next record, as the file header says it. */
  readonly nextRecordSaid?: number;
}

const CHUNK = 65_536;

/** @param chunks the events of each chunk */
export function buildEvtx(chunks: readonly (readonly EvtxEvent[])[], options: EvtxOptions = {}): Uint8Array {
  let recordId = options.firstRecordId ?? 1;
  const bodies = chunks.map((events) => {
    const body = buildChunk(events, recordId);
    recordId += events.length;
    return body;
  });
  const header = Buffer.alloc(4096);
  header.write("ElfFile\0", "latin1");
  header.writeBigUInt64LE(BigInt(Math.max(0, chunks.length - 1)), 16);
  header.writeBigUInt64LE(BigInt(options.nextRecordSaid ?? recordId), 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4096, 40);
  header.writeUInt16LE(options.chunksSaid ?? chunks.length, 42);
  header.writeUInt32LE(options.isDirty === true ? 1 : 0, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...bodies]);
}

function buildChunk(events: readonly EvtxEvent[], firstId: number): Buffer {
  const writer = new Writer();
  let last = 512;
  for (const [i, event] of events.entries()) {
    last = writer.at;
    writeRecord(writer, event, firstId + i);
  }
  const bytes = writer.bytes;
  bytes.write("ElfChnk\0", "latin1");
  for (const at of [8, 24]) bytes.writeBigUInt64LE(BigInt(firstId), at);
  for (const at of [16, 32]) bytes.writeBigUInt64LE(BigInt(firstId + events.length - 1), at);
  bytes.writeUInt32LE(128, 40);
  bytes.writeUInt32LE(last, 44);
  bytes.writeUInt32LE(writer.at, 48);
  return seal(bytes);
}

/** Makes the checksums of a chunk right again. */
export function seal(chunk: Buffer): Buffer {
  chunk.writeUInt32LE(crc32(chunk.subarray(512, Math.min(CHUNK, chunk.readUInt32LE(48)))), 52);
  chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124);
  return chunk;
}

function writeRecord(writer: Writer, event: EvtxEvent, recordId: number): void {
  const begin = writer.at;
  writer.u32(0x2a2a);
  const size = writer.later();
  writer.u64(BigInt(recordId));
  writer.u64(filetime(event.at));
  writer.fragment(`system ${event.provider}`, () => writeSystemTemplate(writer, event.provider), [
    ...Array.from({ length: 17 }, (_, i): TypedValue => {
      if (i === 3) return { type: 0x06, write: () => writer.u16(event.eventId) };
      if (i === 6) return { type: 0x11, write: () => writer.u64(filetime(event.at)) };
      if (i === 10) return { type: 0x0a, write: () => writer.u64(BigInt(recordId)) };
      return { type: 0, write: () => undefined };
    }),
    { type: 0x21, write: () => writeData(writer, event) },
  ]);
  writer.align();
  size(writer.at + 4 - begin);
  writer.u32(writer.at + 4 - begin);
}

function writeData(writer: Writer, { provider, eventId, data = {}, uses = 1 }: EvtxEvent): void {
  const values = Object.values(data).map((value) => typed(writer, value));
  const write = (): void =>
    writer.element("EventData", [], () => {
      for (const [i, name] of Object.keys(data).entries())
        writer.element("Data", [["Name", name]], () => {
          for (let use = 0; use < uses; use++) writer.substitution(i, values[i]?.type ?? 1);
        });
    });
  writer.fragment(`data ${provider} ${eventId}`, write, values);
}

function writeSystemTemplate(writer: Writer, provider: string): void {
  writer.element("Event", [], () => {
    writer.element("System", [], () => {
      writer.element("Provider", [["Name", provider]]);
      writer.element("EventID", [], () => writer.substitution(3, 0x06));
      writer.element("TimeCreated", [["SystemTime", { index: 6, type: 0x11 }]]);
      writer.element("EventRecordID", [], () => writer.substitution(10, 0x0a));
      writer.element("Channel", [], () => writer.text("System"));
      writer.element("Computer", [], () => writer.text("NGH-WS-01"));
    });
    writer.substitution(17, 0x21);
  });
}

interface TypedValue {
  readonly type: number;
  readonly write: () => void;
}

function typed(writer: Writer, value: EvtxValue): TypedValue {
  if (typeof value === "string") return { type: 0x01, write: () => writer.utf16(value) };
  if (typeof value === "number") return { type: 0x08, write: () => writer.u32(value) };
  if (typeof value === "bigint") return { type: 0x15, write: () => writer.u64(value) };
  if (typeof value === "boolean") return { type: 0x0d, write: () => writer.u32(value ? 1 : 0) };
  if ("within" in value) return { type: 0x21, write: () => writeData(writer, value.within) };
  return { type: 0x11, write: () => writer.u64(filetime(value.filetimeOfMs)) };
}

const filetime = (ms: number): bigint => (BigInt(ms) + 11_644_473_600_000n) * 10_000n;

type Attribute = readonly [name: string, value: string | { readonly index: number; readonly type: number }];

class Writer {
  readonly bytes = Buffer.alloc(CHUNK);
  at = 512;
  readonly #names = new Map<string, number>();
  readonly #templates = new Map<string, number>();

  fragment(template: string, writeTemplate: () => void, values: readonly TypedValue[]): void {
    this.#header();
    this.#u8(0x0c);
    this.#u8(1);
    const known = this.#templates.get(template);
    const at = known ?? this.at + 8;
    this.#templates.set(template, at);
    this.u32(at);
    this.u32(at);
    if (known === undefined) this.#template(writeTemplate);
    this.u32(values.length);
    const sizes = values.map(({ type }) => {
      const at = this.at;
      this.u16(0);
      this.u16(type);
      return at;
    });
    for (const [i, { write }] of values.entries()) {
      const begin = this.at;
      write();
      this.bytes.writeUInt16LE(this.at - begin, sizes[i] ?? 0);
    }
  }

  element(name: string, attributes: readonly Attribute[], content?: () => void): void {
    this.#u8(attributes.length > 0 ? 0x41 : 0x01);
    this.u16(0xffff);
    const size = this.later();
    const begin = this.at;
    this.#name(name);
    if (attributes.length > 0) this.u32(0);
    for (const [attribute, value] of attributes) {
      this.#u8(0x06);
      this.#name(attribute);
      if (typeof value === "string") this.text(value);
      else this.substitution(value.index, value.type);
    }
    this.#u8(content === undefined ? 0x03 : 0x02);
    content?.();
    if (content !== undefined) this.#u8(0x04);
    size(this.at - begin);
  }

  text(value: string): void {
    this.u16(0x0105);
    this.u16(value.length);
    this.utf16(value);
  }

  substitution(index: number, type: number): void {
    this.#u8(0x0e);
    this.u16(index);
    this.#u8(type);
  }

  utf16(value: string): void {
    this.at += this.bytes.write(value, this.at, "utf16le");
  }

  align(): void {
    while (this.at % 8 !== 4) this.#u8(0);
  }

  /** Room for a number that is known later. */
  later(): (value: number) => void {
    const at = this.at;
    this.u32(0);
    return (value) => void this.bytes.writeUInt32LE(value, at);
  }

  u16(value: number): void {
    this.at = this.bytes.writeUInt16LE(value, this.at);
  }

  u32(value: number): void {
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }

  u64(value: bigint): void {
    this.at = this.bytes.writeBigUInt64LE(value, this.at);
  }

  #u8(value: number): void {
    this.at = this.bytes.writeUInt8(value, this.at);
  }

  #header(): void {
    this.u32(0x0001_010f);
  }

  #template(write: () => void): void {
    this.u32(0);
    this.u64(0x1122_3344n);
    this.u64(0x5566_7788n);
    const size = this.later();
    const begin = this.at;
    this.#header();
    write();
    this.#u8(0);
    size(this.at - begin);
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    this.u32(known ?? this.at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.at);
    this.u32(0);
    this.u16(0);
    this.u16(name.length);
    this.utf16(name);
    this.u16(0);
  }
}
