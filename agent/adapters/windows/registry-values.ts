/**
 * The bytes of the registry's values. Pure.
 *
 * Invariant: what is read is what writing it again would put there, byte for byte. A value that is not so (of another
 * kind, without its end, with letters that no step may write) is none that a step can put back, and is no answer.
 */
import { RegistryValue } from "../../../protocol/registry.ts";

/** winnt.h */
const TYPES = { string: 1, "expand-string": 2, binary: 3, dword: 4, "multi-string": 7 } as const;

export interface RawRegistryValue {
  readonly type: number;
  readonly data: Buffer;
}

export function encodeValue(value: RegistryValue): RawRegistryValue {
  return { type: TYPES[value.kind], data: dataOf(value) };
}

/** Undefined: no step could put this value back as it is. */
export function decodeValue({ type, data }: RawRegistryValue): RegistryValue | undefined {
  const parsed = RegistryValue.safeParse(looseValue(type, data));
  if (!parsed.success || !encodeValue(parsed.data).data.equals(data)) return undefined;
  return parsed.data;
}

/** For people: what kind of value it is. */
export const kindOfType = (type: number): string =>
  Object.entries(TYPES).find(([, number]) => number === type)?.[0] ?? `type ${type}`;

function dataOf(value: RegistryValue): Buffer {
  switch (value.kind) {
    case "string":
    case "expand-string":
      return Buffer.from(`${value.text}\0`, "utf16le");
    case "multi-string":
      return Buffer.from(`${value.lines.map((line) => `${line}\0`).join("")}\0`, "utf16le");
    case "binary":
      return Buffer.from(value.hex, "hex");
    case "dword": {
      const data = Buffer.alloc(4);
      data.writeUInt32LE(value.number);
      return data;
    }
  }
}

function looseValue(type: number, data: Buffer): unknown {
  switch (type) {
    case TYPES.string:
      return { kind: "string", text: data.toString("utf16le").replace(/\0$/, "") };
    case TYPES["expand-string"]:
      return { kind: "expand-string", text: data.toString("utf16le").replace(/\0$/, "") };
    case TYPES["multi-string"]:
      return { kind: "multi-string", lines: linesOf(data.toString("utf16le")) };
    case TYPES.binary:
      return { kind: "binary", hex: data.toString("hex") };
    case TYPES.dword:
      return data.length === 4 ? { kind: "dword", number: data.readUInt32LE() } : undefined;
    default:
      return undefined;
  }
}

/** Each line has its end, and the list has one more. */
const linesOf = (text: string): readonly string[] => text.split("\0").slice(0, -2);
