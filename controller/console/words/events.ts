/** One line of a rollout's event log. */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { Actor, RolloutEvent } from "../../../protocol/rollout.ts";
import { RULES } from "./gates.ts";

export interface EventWords {
  readonly what: string;
  readonly why: string | undefined;
  readonly who: string;
}

const ENGINE = "the engine";
const who = (actor: Actor): string => (actor.kind === "person" ? actor.name : `${ENGINE} (${actor.rule})`);

/** @param waves the names of the rollout's waves, in order */
export function eventWords(event: RolloutEvent, waves: readonly string[]): EventWords {
  const wave = (index: number): string => `wave ${index + 1} “${waves[index] ?? "?"}”`;
  switch (event.kind) {
    case "started":
      return { what: "Rollout started", why: undefined, who: who(event.by) };
    case "wave-opened":
      return { what: `Opened ${wave(event.wave)}`, why: undefined, who: ENGINE };
    case "gate-decided": {
      const verdict = { proceed: "passed", stop: "stopped the rollout", wait: "did not decide in time" };
      const { decision } = event;
      return {
        what: `Gate of ${wave(event.wave)} ${verdict[decision.verdict]}`,
        why: `${decision.because} (rule: ${RULES[decision.rule]})`,
        who: ENGINE,
      };
    }
    case "paused":
      return { what: "Paused", why: event.because, who: who(event.by) };
    case "resumed":
      return { what: "Resumed", why: event.because, who: who(event.by) };
    case "halted":
      return { what: "Halted", why: event.because, who: who(event.by) };
    case "aborted":
      return { what: "Aborted", why: event.because, who: who(event.by) };
    case "completed":
      return { what: "Completed", why: event.because, who: ENGINE };
    default:
      return assertNever(event);
  }
}
