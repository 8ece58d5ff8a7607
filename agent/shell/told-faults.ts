/**
 * Why there is no connection, as an administrator reads it in this agent's log.
 *
 * Invariant: a controller that is away for weeks is told of once an hour, not with every attempt.
 */
import { CLOSE } from "../../protocol/frames.ts";
import type { AgentPorts } from "../ports.ts";

/** Who closed the connection, where it was not the controller at some address. */
export const THIS_AGENT = "this agent";

const FAULT_EVERY_MS = 3_600_000;
/** A few addresses with a few faults each; more is noise that changes each time. */
const FAULTS_MAX = 20;

export class ToldFaults {
  private readonly ports: Pick<AgentPorts, "clock" | "log">;
  /** When each was said last, and how often it came since. */
  private readonly told = new Map<string, { atUptimeMs: number; since: number }>();

  constructor(ports: ToldFaults["ports"]) {
    this.ports = ports;
  }

  /** There is a connection: what comes after it is news again. */
  clear(): void {
    this.told.clear();
  }

  /** @param by the controller's address, or `THIS_AGENT` */
  tell(by: string, code: number, reason: string, tryAgainInMs: number): void {
    const { clock, log } = this.ports;
    const fault = { by, code, reason: by === THIS_AGENT ? reason : explain(code, reason) };
    const key = `${fault.code} ${fault.by} ${fault.reason}`;
    const told = this.told.get(key);
    if (told !== undefined && clock.uptimeMs() - told.atUptimeMs < FAULT_EVERY_MS) {
      told.since++;
      return;
    }
    log.warn("not connected", { ...fault, tryAgainInMs, ...(told === undefined ? {} : { times: told.since }) });
    if (this.told.size >= FAULTS_MAX) this.told.clear();
    this.told.set(key, { atUptimeMs: clock.uptimeMs(), since: 1 });
  }
}

function explain(code: number, reason: string): string {
  if (code === CLOSE.loginRefused)
    return `the controller does not know this device or its key: an administrator must register it (${reason})`;
  if (code === CLOSE.replaced)
    return `another machine logged in as this device: it may be a copy of this one (${reason})`;
  if (code === CLOSE.cloned)
    return `another machine lives with this device's identity; this one goes on reporting and gets no orders. Which of the two is the original only a person knows: enrol the copy anew, and have the original accepted again (${reason})`;
  if (code === CLOSE.revoked)
    return `this device was revoked. If that was a mistake, an administrator accepts it again or it is enrolled anew (${reason})`;
  return reason;
}
