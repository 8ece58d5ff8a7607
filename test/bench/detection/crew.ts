/**
 * Runs of simulated worlds that know nothing of each other, dealt out to processes: each is played from its options alone,
 * so the results are the same whatever process plays it.
 */
import type { QuietRun } from "../../../controller/drill/run-quiet-week.ts";
import { BenchProcess } from "../harness/processes.ts";
import type { OutbreakJob, OutbreakSummary, QuietJob } from "./jobs.ts";
import type { RunCalls } from "./run-process.ts";

export class Crew implements AsyncDisposable {
  readonly #processes: readonly BenchProcess<RunCalls>[];

  constructor(count: number) {
    const script = new URL("run-process.ts", import.meta.url);
    this.#processes = Array.from({ length: count }, () => new BenchProcess<RunCalls>(script));
  }

  quiet(jobs: readonly QuietJob[], done: (count: number) => void): Promise<readonly QuietRun[]> {
    return this.#deal(jobs, (calls, job) => calls.quiet(job), done);
  }

  outbreaks(jobs: readonly OutbreakJob[]): Promise<readonly OutbreakSummary[]> {
    return this.#deal(
      jobs,
      (calls, job) => calls.outbreak(job),
      () => undefined,
    );
  }

  /** Each process takes the next one when it is through with one. */
  async #deal<Job, Result>(
    jobs: readonly Job[],
    run: (calls: RunCalls, job: Job) => Promise<Result>,
    done: (count: number) => void,
  ): Promise<readonly Result[]> {
    const results: Result[] = [];
    const waiting = [...jobs.entries()];
    let count = 0;
    const work = async ({ calls }: BenchProcess<RunCalls>): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        results[next[0]] = await run(calls, next[1]);
        done((count += 1));
      }
    };
    await Promise.all(this.#processes.map(work));
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
  }
}
