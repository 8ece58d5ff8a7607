/** What watching commands stand on: asking again when something changed, and patience while the controller is away. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Notice } from "../../protocol/api.ts";
import type { ApiClient } from "./client.ts";
import { EXIT, exitCodeOf, Unreachable } from "./errors.ts";
import { follow } from "./follow.ts";
import type { Output } from "./output.ts";

/** Drawing more often than this only flickers. */
const REDRAW_MS = 200;
/** Some things change with time alone, too, and a notice may have been lost. */
const ASK_AGAIN_MS = 5_000;

/** Undefined while the controller does not answer, which is said. @throws ApiProblem */
export async function askPatiently<Answer>(
  ask: () => Promise<Answer>,
  output: Output,
  stop: AbortSignal,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (!stop.aborted)
      output.note("The controller does not answer; what is shown above may be out of date. Trying again.");
    return undefined;
  }
}

/** Wakes the watcher when something that concerns it changed, and at the latest after `ASK_AGAIN_MS`. */
export class News {
  private pending = false;
  private wake: () => void = () => undefined;
  private readonly client: ApiClient;
  private readonly concerns: (notice: Notice) => boolean;
  private readonly stop: AbortSignal;

  constructor(client: ApiClient, concerns: (notice: Notice) => boolean, stop: AbortSignal) {
    this.client = client;
    this.concerns = concerns;
    this.stop = stop;
  }

  async listen(): Promise<void> {
    while (!this.stop.aborted) {
      try {
        for await (const notice of follow(this.client, this.stop)) {
          if (this.concerns(notice)) this.tell();
        }
      } catch (error) {
        if (exitCodeOf(error) === EXIT.notAllowed) return; // the next question says so
        await sleep(ASK_AGAIN_MS, undefined, { signal: this.stop }).catch(() => undefined);
      }
    }
  }

  async next(): Promise<void> {
    const told = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const enough = new AbortController();
    const until = AbortSignal.any([this.stop, enough.signal]);
    await Promise.race([
      this.pending ? undefined : told,
      sleep(ASK_AGAIN_MS, undefined, { signal: until }).catch(() => undefined),
    ]);
    enough.abort();
    this.pending = false;
    await sleep(REDRAW_MS, undefined, { signal: this.stop }).catch(() => undefined);
  }

  private tell(): void {
    this.pending = true;
    this.wake();
  }
}
