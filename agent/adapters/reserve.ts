/** Some blocks kept on the disk, to be given up when it is full: enough to record and report that it is. */
import { open, rm, stat } from "node:fs/promises";

/** A failed order needs some ten records in the journal and as many in the outbox, of at most 2 KiB. */
const RESERVE_BYTES = 128 * 1024;

export interface Reserve {
  /** Puts the reserve there again, if there is room. */
  refill(): Promise<void>;
  /** True if there was something to give up. */
  release(): Promise<boolean>;
}

export function reserveAt(path: string): Reserve {
  return {
    async refill() {
      try {
        if ((await stat(path).catch(() => undefined))?.size === RESERVE_BYTES) return;
        const handle = await open(path, "w", 0o600);
        try {
          await handle.writeFile(Buffer.alloc(RESERVE_BYTES, 0x52)); // written, not sparse: a hole reserves nothing
          await handle.sync();
        } finally {
          await handle.close();
        }
      } catch {
        await rm(path, { force: true }); // half a reserve helps nobody who is out of space now
      }
    },
    async release() {
      const there = (await stat(path).catch(() => undefined)) !== undefined;
      await rm(path, { force: true });
      return there;
    },
  };
}
