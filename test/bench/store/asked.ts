/**
 * How long people wait for their answers, who come at fixed times whether the program is busy or not: a time counts from
 * the moment the question came, not from when somebody had time to look at it.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 25;
/** Timers are late by up to this; from here on the event loop is asked turn by turn. */
const TIMER_MS = 2;

/** @returns milliseconds, one for each of `count` questions */
export async function waitingTimes(count: number, ask: (question: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let due = performance.now();
  for (let question = 0; question < count; question++) {
    due = Math.max(due + EVERY_MS, performance.now()); // after a slow answer people do not ask all at once
    const pause = due - performance.now() - TIMER_MS;
    if (pause > 0) await sleep(pause);
    while (performance.now() < due) await nextTurn();
    await ask(question);
    times.push(performance.now() - due);
  }
  return times;
}
