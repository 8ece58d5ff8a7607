/**
 * Writes the cabinet with the package's files ([MS-CAB]): MSZIP, at zlib's highest level and with the history that blocks of
 * a folder share. wixl's own is some 2 MB larger, mostly node.exe.
 *
 * Each file of more than a megabyte has a folder of its own, whose compressed form depends on that file alone: node.exe,
 * which takes seconds, is compressed once and kept (`CACHE`).
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { CACHE } from "./parts.ts";

export interface CabinetFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const BLOCK_BYTES = 32_768;
const OWN_FOLDER_BYTES = 1_000_000;
const HEADER_BYTES = 36;
const FOLDER_BYTES = 8;
const BLOCK_HEADER_BYTES = 8;
const MSZIP = 1;
const ARCHIVE = 0x20;
/** Of the way in which folders are compressed here: another one finds nothing of this one's in the cache. */
const METHOD = "mszip-9-history-1";

/** @param files in the order of the package's File table. @param at their time, in UTC */
export async function cabinetOf(files: readonly CabinetFile[], at: Date): Promise<Buffer> {
  const folders = foldersOf(files);
  const entries: Buffer[] = [];
  for (const [index, folder] of folders.entries()) {
    let offset = 0;
    for (const { name, contents } of folder) {
      entries.push(entryOf({ name, size: contents.length, offset, folder: index, at }));
      offset += contents.length;
    }
  }
  const table = Buffer.concat(entries);
  const data = await Promise.all(folders.map((folder) => compressed(Buffer.concat(folder.map((f) => f.contents)))));
  const filesAt = HEADER_BYTES + FOLDER_BYTES * folders.length;
  let dataAt = filesAt + table.length;
  const heads: Buffer[] = [];
  for (const { bytes, blocks } of data) {
    const head = Buffer.alloc(FOLDER_BYTES);
    head.writeUInt32LE(dataAt, 0);
    head.writeUInt16LE(blocks, 4);
    head.writeUInt16LE(MSZIP, 6);
    heads.push(head);
    dataAt += bytes.length;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("MSCF", "latin1");
  header.writeUInt32LE(dataAt, 8);
  header.writeUInt32LE(filesAt, 16);
  header.writeUInt16LE(0x0103, 24); // version 1.3
  header.writeUInt16LE(folders.length, 26);
  header.writeUInt16LE(files.length, 28);
  return Buffer.concat([header, ...heads, table, ...data.map(({ bytes }) => bytes)]);
}

/** Neighbours share a folder, so that the order of files stays. */
function foldersOf(files: readonly CabinetFile[]): readonly CabinetFile[][] {
  const folders: CabinetFile[][] = [];
  let isOpen = false;
  for (const file of files) {
    const isAlone = file.contents.length > OWN_FOLDER_BYTES;
    if (isOpen && !isAlone) folders.at(-1)?.push(file);
    else folders.push([file]);
    isOpen = !isAlone;
  }
  return folders;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
  readonly folder: number;
  readonly at: Date;
}

function entryOf({ name, size, offset, folder, at }: Entry): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(size, 0);
  head.writeUInt32LE(offset, 4);
  head.writeUInt16LE(folder, 8);
  head.writeUInt16LE(((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(), 10);
  head.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), 12);
  head.writeUInt16LE(ARCHIVE, 14);
  return Buffer.concat([head, Buffer.from(`${name}\0`, "latin1")]);
}

interface FolderData {
  readonly bytes: Buffer;
  readonly blocks: number;
}

async function compressed(contents: Buffer): Promise<FolderData> {
  const blocks = Math.ceil(contents.length / BLOCK_BYTES);
  if (contents.length <= OWN_FOLDER_BYTES) return { bytes: compress(contents), blocks };
  const digest = createHash("sha256").update(METHOD).update(contents).digest("hex");
  const kept = join(CACHE, `${digest}.mszip`);
  const known = await readFile(kept).catch(() => undefined);
  if (known !== undefined) return { bytes: known, blocks };
  const bytes = compress(contents);
  await mkdir(CACHE, { recursive: true });
  await writeFile(`${kept}.${process.pid}`, bytes);
  await rename(`${kept}.${process.pid}`, kept);
  return { bytes, blocks };
}

function compress(contents: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < contents.length; at += BLOCK_BYTES) {
    const part = contents.subarray(at, at + BLOCK_BYTES);
    const history = contents.subarray(Math.max(0, at - BLOCK_BYTES), at);
    const options = { level: 9, memLevel: 9, ...(history.length === 0 ? {} : { dictionary: history }) };
    const data = Buffer.concat([Buffer.from("CK"), deflateRawSync(part, options)]);
    const head = Buffer.alloc(BLOCK_HEADER_BYTES);
    head.writeUInt16LE(data.length, 4);
    head.writeUInt16LE(part.length, 6);
    head.writeUInt32LE(checksum(head.subarray(4), checksum(data, 0)), 0);
    blocks.push(head, data);
  }
  return Buffer.concat(blocks);
}

/** [MS-CAB] 3.1: words are combined, and what is left at the end counts from the other side. */
function checksum(bytes: Buffer, seed: number): number {
  let sum = seed;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) sum ^= bytes.readUInt32LE(at);
  let rest = 0;
  for (; at < bytes.length; at++) rest = (rest << 8) | (bytes[at] ?? 0);
  return (sum ^ rest) >>> 0;
}
