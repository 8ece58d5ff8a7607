/**
 * Watches one rollout until it has ended: on a screen the board is drawn again, elsewhere each change is a line.
 *
 * Watching is all it does. Ctrl-C, a lost connection or a time limit leave the rollout as it is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { RolloutView } from "../../protocol/api.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import { rolloutBoard, rolloutNews } from "./board.ts";
import type { ApiClient } from "./client.ts";
import { EXIT, type ExitCode, exitCodeOf, Unreachable } from "./errors.ts";
import { follow } from "./follow.ts";
import type { Output } from "./output.ts";

/** Drawing more often than this only flickers. */
const REDRAW_MS = 200;
/** Gates change with time alone, too, and a notice may have been lost. */
const ASK_AGAIN_MS = 5_000;

export async function watchRollout(
  client: ApiClient,
  id: RolloutId,
  output: Output,
  limits: { readonly timeoutMs: number | undefined; readonly interrupted: AbortSignal },
): Promise<ExitCode> {
  const screen = new Screen(output);
  const ended = new AbortController();
  const timeout = limits.timeoutMs === undefined ? [] : [AbortSignal.timeout(limits.timeoutMs)];
  const stop = AbortSignal.any([ended.signal, limits.interrupted, ...timeout]);
  const news = new News(client, id, stop);
  const following = news.listen();
  try {
    for (;;) {
      const rollout = await askPatiently(client, id, output, stop);
      if (rollout !== undefined) {
        screen.show(rollout);
        if (rollout.phase === "completed") return EXIT.ok;
        if (rollout.phase === "halted" || rollout.phase === "aborted") return EXIT.rolloutStopped;
      }
      await news.next();
      if (limits.interrupted.aborted) {
        output.note(`Stopped watching. The rollout goes on: ringback rollouts watch ${id}`);
        return EXIT.interrupted;
      }
      if (stop.aborted) {
        output.note("It has not ended within the time given. The rollout goes on.");
        return EXIT.timedOut;
      }
    }
  } finally {
    ended.abort();
    await following;
  }
}

/** Undefined while the controller does not answer, which is said. @throws ApiProblem */
async function askPatiently(
  client: ApiClient,
  id: RolloutId,
  output: Output,
  stop: AbortSignal,
): Promise<RolloutView | undefined> {
  try {
    return await client.rollout(id);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (!stop.aborted)
      output.note("The controller does not answer; what is shown above may be out of date. Trying again.");
    return undefined;
  }
}

/** Wakes the watcher when something about the rollout changed, and at the latest after `ASK_AGAIN_MS`. */
class News {
  private pending = false;
  private wake: () => void = () => undefined;
  private readonly client: ApiClient;
  private readonly id: RolloutId;
  private readonly stop: AbortSignal;

  constructor(client: ApiClient, id: RolloutId, stop: AbortSignal) {
    this.client = client;
    this.id = id;
    this.stop = stop;
  }

  async listen(): Promise<void> {
    while (!this.stop.aborted) {
      try {
        for await (const { topic, key } of follow(this.client, this.stop)) {
          if (topic === "reset" || key === this.id) this.tell();
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

/** A board that is drawn over, lines that follow each other, or NDJSON. */
class Screen {
  private readonly output: Output;
  private before: RolloutView | undefined;

  constructor(output: Output) {
    this.output = output;
  }

  show(rollout: RolloutView): void {
    const { output, before } = this;
    this.before = rollout;
    if (output.json) {
      output.line(rollout);
    } else if (output.isTerminal) {
      // Home and clear, rather than up by so many lines: long lines wrap, and a window can be made narrower.
      output.text(`\u001b[H\u001b[J${rolloutBoard(rollout, output.colors)}\n`);
    } else {
      for (const line of rolloutNews(before, rollout)) output.text(`${line}\n`);
    }
  }
}
