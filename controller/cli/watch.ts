/**
 * Watches one rollout until it has ended: on a screen the board is drawn again, elsewhere each change is a line.
 *
 * Watching is all it does. Ctrl-C, a lost connection or a time limit leave the rollout as it is.
 */
import type { RolloutView } from "../../protocol/api.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import { rolloutBoard, rolloutNews } from "./board.ts";
import type { ApiClient } from "./client.ts";
import { EXIT, type ExitCode } from "./errors.ts";
import { askPatiently, News } from "./news.ts";
import type { Output } from "./output.ts";

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
  const news = new News(client, ({ topic, key }) => topic === "reset" || key === id, stop);
  const following = news.listen();
  try {
    for (;;) {
      const rollout = await askPatiently(() => client.rollout(id), output, stop);
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
