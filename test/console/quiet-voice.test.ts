/** What a screen reader is told: never a flood, never something old. */
import { describe, expect, test } from "vitest";
import { QuietVoice } from "../../controller/console/live/quiet-voice.ts";
import { ManualClock } from "../support/manual-clock.ts";

function aVoice() {
  const said: string[] = [];
  const clock = new ManualClock();
  const after = clock.after.bind(clock);
  const voice = new QuietVoice({ say: (summary) => said.push(summary), after, everyMs: 10_000 });
  return { voice, clock, said };
}

describe("quiet voice", () => {
  test("says the first change at once", () => {
    const { voice, said } = aVoice();
    voice.hear("1 running");
    expect(said).toEqual(["1 running"]);
  });

  test("keeps what comes in the next ten seconds back, and says only the newest of it", () => {
    const { voice, clock, said } = aVoice();
    voice.hear("1 running");
    voice.hear("2 running");
    voice.hear("3 running");
    clock.advance(9_999);
    expect(said).toEqual(["1 running"]);
    clock.advance(1);
    expect(said).toEqual(["1 running", "3 running"]);
  });

  test("never says two things within ten seconds, however often something changes", () => {
    const { voice, clock, said } = aVoice();
    for (let second = 0; second < 60; second++) {
      voice.hear(`second ${second}`);
      clock.advance(1_000);
    }
    expect(said).toHaveLength(7); // at once, then at 10, 20, ... 60 s
  });

  test("says nothing more once it is stopped", () => {
    const { voice, clock, said } = aVoice();
    voice.hear("1 running");
    voice.hear("2 running");
    voice.stop();
    clock.advance(60_000);
    expect(said).toEqual(["1 running"]);
  });
});
