/** Waits for a state, asking again and again; the test's own time limit ends what never comes. */
import { setTimeout as sleep } from "node:timers/promises";

const ASK_EVERY_MS = 25;
/** Below the time limit of a test, so that the failure says what was waited for. */
const GIVE_UP_AFTER_MS = 20_000;

export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const giveUpAt = Date.now() + GIVE_UP_AFTER_MS; Date.now() < giveUpAt; await sleep(ASK_EVERY_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}
