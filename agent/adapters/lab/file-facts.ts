/** What there is to know of a file: contents hashed, never through a link. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Sha256 } from "../../../protocol/canonical.ts";
import { type Instant, INSTANT_MAX } from "../../../protocol/time.ts";
import type { WindowsPath } from "../../../protocol/windows-path.ts";
import type { FileFacts } from "../../ports.ts";

const HEADER_BYTES = 64;
const CHUNK_BYTES = 256 * 1024;

export interface RawFacts extends Omit<FileFacts, "path"> {
  readonly mode: number;
  readonly inode: bigint;
}

/** Reads without following a link (ELOOP). @throws as node:fs does */
export async function readFacts(path: string): Promise<RawFacts> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat({ bigint: true });
    if (!facts.isFile()) throw Object.assign(new Error("not a file"), { code: "ELOOP" });
    const hash = createHash("sha256");
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Number(facts.size) + 1));
    let header = "";
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, sizeBytes);
      if (bytesRead === 0) break;
      if (sizeBytes === 0) header = chunk.toString("hex", 0, Math.min(HEADER_BYTES, bytesRead));
      hash.update(chunk.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
    return {
      sha256: hash.digest("hex") as Sha256, // what a SHA-256 is
      header,
      sizeBytes,
      modifiedAt: Math.min(INSTANT_MAX, Math.max(0, Number(facts.mtimeNs / 1_000_000n))) as Instant,
      mode: Number(facts.mode) & 0o7777,
      inode: facts.ino,
    };
  } finally {
    await handle.close();
  }
}

export const factsAt = (path: WindowsPath, { sha256, header, sizeBytes, modifiedAt }: RawFacts): FileFacts => ({
  path,
  sha256,
  header,
  sizeBytes,
  modifiedAt,
});
