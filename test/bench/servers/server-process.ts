/** What every server under test is asked, whatever it is made of, and what it does to answer. */
import { answerParent, type Calls } from "../harness/processes.ts";
import { cpuUs, isQuiet, settledRss } from "../harness/usage.ts";

export interface ServerCalls {
  /** @returns the port it listens on */
  start(options: ServerOptions): Promise<number>;
  /** Microseconds of CPU of all threads since it began, once it has nothing more to do. */
  cpuWhenQuiet(): Promise<number>;
  /** The same, whatever it does. */
  cpuNow(): Promise<number>;
  /** Bytes, once garbage is gone. */
  rss(): Promise<number>;
  /** Transactions since it began, and reports in them. */
  commits(): Promise<{ readonly commits: number; readonly reports: number }>;
}

export interface ServerOptions {
  /** With `database.ts`'s database in it. */
  readonly folder: string;
  /** 0 takes any. */
  readonly port: number;
  readonly pingEveryMs: number;
}

export const HOST = "127.0.0.1";
/** Connections that wait to be accepted; the kernel cuts it down to what it allows. */
export const BACKLOG = 4_096;

export function answerAsServer<More extends Calls<More>>(calls: Pick<ServerCalls, "start" | "commits"> & More): void {
  answerParent<ServerCalls & More>({
    ...calls,
    async cpuWhenQuiet() {
      await isQuiet();
      return cpuUs();
    },
    async cpuNow() {
      return cpuUs();
    },
    rss: settledRss,
  });
}
