/**
 * The keys behind resume tickets, in a file of the data folder that only its owner may read.
 *
 * Made new each day; the one before stays good as long as a ticket may live. They are in no database: whoever steals the
 * record can resume nobody's login. Two controllers on one database have one each: an agent that goes from one to the
 * other proves its key again, which costs it nothing else.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { TICKET_LIFETIME_MS } from "../../protocol/resume.ts";
import { Instant } from "../../protocol/time.ts";
import type { Random } from "../ports.ts";
import type { ResumeKey, ResumeKeys } from "../ports/trust.ts";

const SECRET_BYTES = 32;
const ROTATE_AFTER_MS = TICKET_LIFETIME_MS;
const KeyFile = z.strictObject({
  keys: z.array(z.strictObject({ madeAt: Instant, secret: z.base64().length(44) })).max(2),
});

export interface RotatingKeys {
  readonly keys: ResumeKeys;
  /** Makes a new key if the newest is a day old. Rejects if it cannot be written; the keys stay as they were then. */
  rotate(): Promise<void>;
}

/**
 * A file that is there and cannot be read as keys is replaced: all it costs is that every device proves its key again.
 *
 * @param file its folder is made, too
 */
export async function openResumeKeys(file: string, now: () => Instant, random: Random): Promise<RotatingKeys> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  let keys = await read(file);
  const rotate = async (): Promise<void> => {
    const at = now();
    const [newest] = keys;
    // A key from the future was made before the clock was set back: it would never be old enough.
    const isYoung = newest !== undefined && newest.madeAt <= at && at - newest.madeAt < ROTATE_AFTER_MS;
    if (isYoung) return;
    const made: ResumeKey = { madeAt: at, secret: Buffer.from(random(SECRET_BYTES).subarray(0, SECRET_BYTES)) };
    const next = newest === undefined ? [made] : [made, newest];
    await write(file, next);
    keys = next;
  };
  await rotate();
  return { keys: () => keys, rotate };
}

async function read(file: string): Promise<readonly ResumeKey[]> {
  try {
    const { keys } = KeyFile.parse(JSON.parse(await readFile(file, "utf8")));
    return keys.map(({ madeAt, secret }) => ({ madeAt, secret: Buffer.from(secret, "base64") }));
  } catch {
    return [];
  }
}

async function write(file: string, keys: readonly ResumeKey[]): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  const text = JSON.stringify({
    keys: keys.map(({ madeAt, secret }) => ({ madeAt, secret: Buffer.from(secret).toString("base64") })),
  });
  try {
    const handle = await open(unfinished, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}
