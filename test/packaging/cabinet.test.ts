import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { type CabinetFile, cabinetOf } from "../../packaging/windows/cabinet.ts";

const AT = new Date(Date.UTC(2026, 0, 1, 12));
/** Bytes of which some come again. */
const bytes = (count: number, step: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => (i * step * (1 + (i >> 9))) & 0xff));
const file = (name: string, contents: Buffer): CabinetFile => ({ name, contents });

/** Reads a cabinet by its own tables, as a reader would. */
function unpack(cabinet: Buffer): Record<string, Buffer> {
  expect(cabinet.toString("latin1", 0, 4)).toBe("MSCF");
  expect(cabinet.readUInt32LE(8)).toBe(cabinet.length);
  const folders = Array.from({ length: cabinet.readUInt16LE(26) }, (_, i) => {
    const head = 36 + 8 * i;
    expect(cabinet.readUInt16LE(head + 6)).toBe(1);
    let at = cabinet.readUInt32LE(head);
    let whole = Buffer.alloc(0);
    for (let block = 0; block < cabinet.readUInt16LE(head + 4); block++) {
      const size = cabinet.readUInt16LE(at + 4);
      const data = cabinet.subarray(at + 8, at + 8 + size);
      expect(data.toString("latin1", 0, 2)).toBe("CK");
      const history = whole.subarray(Math.max(0, whole.length - 32_768));
      const part = inflateRawSync(data.subarray(2), history.length === 0 ? {} : { dictionary: history });
      expect(part.length).toBe(cabinet.readUInt16LE(at + 6));
      expect(part.length).toBeLessThanOrEqual(32_768);
      whole = Buffer.concat([whole, part]);
      at += 8 + size;
    }
    return whole;
  });
  const found: Record<string, Buffer> = {};
  let at = cabinet.readUInt32LE(16);
  for (let i = 0; i < cabinet.readUInt16LE(28); i++) {
    const end = cabinet.indexOf(0, at + 16);
    const offset = cabinet.readUInt32LE(at + 4);
    const folder = folders[cabinet.readUInt16LE(at + 8)] ?? Buffer.alloc(0);
    found[cabinet.toString("latin1", at + 16, end)] = folder.subarray(offset, offset + cabinet.readUInt32LE(at));
    at = end + 1;
  }
  return found;
}

test("holds each file whole, in their order, large ones and empty ones too", async () => {
  const files = [
    file("one", bytes(70_000, 3)),
    file("empty", Buffer.alloc(0)),
    file("node.exe", bytes(1_200_000, 7)),
    file("after", bytes(32_768, 5)),
  ];
  const found = unpack(await cabinetOf(files, AT));
  expect(Object.keys(found)).toEqual(files.map(({ name }) => name));
  for (const { name, contents } of files) expect(found[name]?.equals(Buffer.from(contents))).toBe(true);
});

test("is the same each time, whether the large file was seen before or not", async () => {
  const files = [file("node.exe", bytes(1_100_000, 11)), file("app", bytes(100, 1))];
  expect((await cabinetOf(files, AT)).equals(await cabinetOf(files, AT))).toBe(true);
});
