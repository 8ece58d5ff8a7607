/**
 * Rewrites a record into the one shape of binary XML that the library reads right, and says what rendering it will cost.
 *
 * Pure, and bounded: every value lies behind the one before it, fragments nest to a depth, and a record that would
 * render into far more than it holds (a value used a thousand times, in a fragment used a thousand times) is refused.
 *
 * What the library reads wrong and this puts right: a template that stands in the record is stepped over by its number
 * of values alone; a boolean of four bytes is read as one, which shifts all values behind it; so are sizes of eight
 * bytes; SYSTEMTIME is taken for local time; numbers that are hex in the log are printed in decimal if the template
 * knows them as plain; the strings of a list are run together.
 *
 * A fragment: 0f 01 01 00 (missing in some that stand in others), then 0c, a byte, u32 template id, u32 where the template is (itself following if this is its
 * first use), u32 count, for each value u16 size, u8 type, a zero; then the values.
 */
import { LIST_SEPARATOR } from "../event-record.ts";
import { RECORD_HEADER_BYTES, type RecordPlace } from "./layout.ts";
import type { Templates, Uses } from "./templates.ts";

interface Lowered {
  readonly bytes: Uint8Array;
  readonly cost: number;
  readonly isWhole: boolean;
}

/** The library takes no larger record. */
export const LOWERED_BYTES_MAX = 64 * 1024;
/** Fragments in the record's own, one in the other: one in real logs, and one to spare. */
const INNER_FRAGMENTS_MAX = 2;
const VALUES_MAX = 1024;
/** Nothing that tells of boots is longer: a text is cut here, and so is a list of bytes. */
const VALUE_BYTES_MAX = 2048;
/** In the units of templates.ts; the dearest of the real records seen comes to 2,500. */
const COST_MAX = 8 * 1024;

/**
 * Undefined if the record cannot be read.
 * @param withData false: without the fragment in which newer programs keep their data, which costs most of the work
 */
export function lowerRecord(templates: Templates, { at, size }: RecordPlace, withData: boolean): Lowered | undefined {
  const room = withData ? INNER_FRAGMENTS_MAX : 0;
  const fragment = lowerFragment(templates, at + RECORD_HEADER_BYTES, at + size - 4, { isRoot: true, room });
  if (fragment === undefined) return undefined;
  const length = RECORD_HEADER_BYTES + fragment.bytes.length + 4;
  if (length > LOWERED_BYTES_MAX) return undefined;
  const bytes = new Uint8Array(length);
  bytes.set(new Uint8Array(templates.view.buffer, templates.view.byteOffset + at, RECORD_HEADER_BYTES));
  bytes.set(fragment.bytes, RECORD_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, length, true);
  view.setUint32(length - 4, length, true);
  return { ...fragment, bytes };
}

interface Nesting {
  readonly isRoot: boolean;
  /** How many fragments there may still be in this one, one in the other. */
  readonly room: number;
}

function lowerFragment(templates: Templates, begin: number, end: number, nesting: Nesting): Lowered | undefined {
  const { view } = templates;
  if (begin + 14 > end) return undefined;
  const instance = view.getUint8(begin) === 0x0f ? begin + 4 : begin;
  if (instance + 14 > end || view.getUint8(instance) !== 0x0c) return undefined;
  const templateAt = view.getUint32(instance + 6, true);
  const template = templates.at(templateAt);
  if (template === undefined) return undefined;
  const countAt = instance + 10 + (templateAt === instance + 10 ? template.bytes : 0);
  const values = readValues(view, countAt, end);
  if (values === undefined) return undefined;

  let { cost } = template;
  let isWhole = true;
  const lowered: LoweredValue[] = [];
  for (const [i, value] of values.entries()) {
    const uses = template.uses.get(i);
    const made = uses === undefined ? NOTHING : lowerValue(templates, value, uses, nesting.room);
    cost += made.cost * (uses?.times ?? 0);
    isWhole &&= made.isWhole;
    lowered.push(made);
    if (cost > COST_MAX) return undefined;
  }
  while (nesting.isRoot && !isSafeRootCount(lowered.length)) {
    if (lowered.length > VALUES_MAX) return undefined;
    lowered.push(NOTHING);
  }
  return { bytes: emit(templates, instance, lowered), cost, isWhole };
}

/** The library takes the first byte of the root's count for a token: it must be one that is a single byte long. */
const isSafeRootCount = (count: number): boolean => count > 1 && count < 256 && [0, 2, 3, 4].includes(count & 0x0f);

interface Value {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

function readValues(view: DataView, countAt: number, end: number): readonly Value[] | undefined {
  if (countAt + 4 > end) return undefined;
  const count = view.getUint32(countAt, true);
  let at = countAt + 4 + 4 * count;
  if (count > VALUES_MAX || at > end) return undefined;
  const values: Value[] = [];
  for (let i = 0; i < count; i++) {
    const descriptor = countAt + 4 + 4 * i;
    const size = view.getUint16(descriptor, true);
    values.push({ type: view.getUint8(descriptor + 2), at, size });
    at += size;
  }
  return at <= end ? values : undefined;
}

interface LoweredValue {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Of rendering it once. */
  readonly cost: number;
  readonly isWhole: boolean;
}

const TYPE = {
  nothing: 0x00,
  text: 0x01,
  ansi: 0x02,
  boolean: 0x0d,
  binary: 0x0e,
  size: 0x10,
  systemTime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
  fragment: 0x21,
  texts: 0x81,
} as const;
const UTF16 = new TextDecoder("utf-16le");
const NOTHING: LoweredValue = { type: TYPE.nothing, bytes: new Uint8Array(), cost: 0, isWhole: true };

/** Sizes that the library takes for granted, by type. */
const SIZES: Readonly<Record<number, number>> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  15: 16,
  17: 8,
  20: 4,
  21: 8,
};

function lowerValue(templates: Templates, value: Value, { types }: Uses, room: number): LoweredValue {
  const { type, at, size } = value;
  const { view } = templates;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, Math.min(size, VALUE_BYTES_MAX));
  if (type === TYPE.nothing || size === 0) return NOTHING;
  const isHexInTemplate = types.has(TYPE.hex32) || types.has(TYPE.hex64);
  switch (type) {
    case TYPE.fragment: {
      const inner = room > 0 ? lowerFragment(templates, at, at + size, { isRoot: false, room: room - 1 }) : undefined;
      if (inner === undefined || inner.bytes.length > 0xffff) return { ...NOTHING, isWhole: false };
      return { ...inner, type };
    }
    case TYPE.texts:
      return text(UTF16.decode(bytes).replace(/\0$/, "").replaceAll("\0", LIST_SEPARATOR));
    case TYPE.boolean:
      return text(String(bytes.some((byte) => byte !== 0)));
    case TYPE.systemTime:
      return size === 16 ? text(systemTime(view, at)) : binary(bytes);
    case TYPE.sid:
      return size === 8 + 4 * (bytes[1] ?? 0) ? { type, bytes, cost: 8 * size, isWhole: true } : binary(bytes);
    case TYPE.size:
    case TYPE.hex32:
    case TYPE.hex64:
      if (!isHexInTemplate && (size === 4 || size === 8))
        return text(`0x${(size === 4 ? view.getUint32(at, true) : view.getBigUint64(at, true)).toString(16)}`);
      break;
  }
  if (type === TYPE.text) return text(UTF16.decode(bytes).replace(/\0+$/, ""));
  if (type === TYPE.ansi || SIZES[type] === size) return { type, bytes, cost: 20 + bytes.length, isWhole: true };
  return binary(bytes);
}

const binary = (bytes: Uint8Array): LoweredValue => ({
  type: TYPE.binary,
  bytes,
  cost: 4 * bytes.length,
  isWhole: true,
});

/** In one line: the library indents what stands in the next. */
function text(value: string): LoweredValue {
  const bytes = new Uint8Array(2 * value.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < value.length; i++)
    view.setUint16(2 * i, value.charCodeAt(i) < 0x20 ? 0x20 : value.charCodeAt(i), true);
  return { type: TYPE.text, bytes, cost: value.length, isWhole: true };
}

function systemTime(view: DataView, at: number): string {
  const part = (i: number, digits = 2): string => String(view.getUint16(at + 2 * i, true)).padStart(digits, "0");
  return `${part(0, 4)}-${part(1)}-${part(3)}T${part(4)}:${part(5)}:${part(6)}.${part(7, 3)}Z`;
}

function emit({ view }: Templates, instance: number, values: readonly LoweredValue[]): Uint8Array {
  const valuesAt = 18 + 4 * values.length;
  const bytes = new Uint8Array(valuesAt + values.reduce((sum, value) => sum + value.bytes.length, 0));
  const out = new DataView(bytes.buffer);
  bytes.set([0x0f, 1, 1, 0]);
  bytes.set(new Uint8Array(view.buffer, view.byteOffset + instance, 10), 4);
  out.setUint32(14, values.length, true);
  let at = valuesAt;
  for (const [i, value] of values.entries()) {
    out.setUint16(18 + 4 * i, value.bytes.length, true);
    out.setUint8(18 + 4 * i + 2, value.type);
    bytes.set(value.bytes, at);
    at += value.bytes.length;
  }
  return bytes;
}
