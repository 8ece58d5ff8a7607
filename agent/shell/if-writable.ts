/** For what can wait until there is room on the disk again: it is tried, and left for later if it cannot be recorded. */
import { RecordNotWritten } from "../ports.ts";

export async function ifWritable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RecordNotWritten)) throw error;
  }
}
