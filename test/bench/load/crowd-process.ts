/** A crowd in a process of its own, told by the bench what to do. */
import { answerParent } from "../harness/processes.ts";
import { Crowd, type CrowdCounts, type CrowdSpec } from "./crowd.ts";

export interface CrowdCalls {
  gather(spec: CrowdSpec): Promise<void>;
  /** Where the server is from now on: agents that find nobody there try again. Forgets when they logged in. */
  server(port: number): Promise<void>;
  /** All log in. */
  come(): Promise<void>;
  /** So many more reports of each. */
  report(each: number): Promise<void>;
  /** Resolves when all are logged in and all reports are acknowledged. Wall-clock milliseconds. */
  settled(): Promise<{ readonly firstLoginAt: number; readonly lastLoginAt: number; readonly settledAt: number }>;
  /** Up to where the reports of each were acknowledged when its connection was lost last, by number. */
  acknowledgedAtLoss(): Promise<readonly number[]>;
  counts(): Promise<CrowdCounts>;
  leave(): Promise<void>;
}

let crowd: Crowd | undefined;
function gathered(): Crowd {
  if (crowd === undefined) throw new Error("the crowd is not gathered yet");
  return crowd;
}

answerParent<CrowdCalls>({
  async gather(spec) {
    crowd = new Crowd(spec);
  },
  async server(port) {
    Object.assign(gathered(), { port, firstLoginAt: 0, lastLoginAt: 0 });
  },
  async come() {
    gathered().come();
  },
  async report(each) {
    gathered().report(each);
  },
  async settled() {
    const all = gathered();
    await all.settled();
    return { firstLoginAt: all.firstLoginAt, lastLoginAt: all.lastLoginAt, settledAt: Date.now() };
  },
  async acknowledgedAtLoss() {
    return gathered().agents.map(({ acknowledgedAtLoss }) => acknowledgedAtLoss);
  },
  async counts() {
    return { ...gathered().counts };
  },
  async leave() {
    gathered().leave();
  },
});
