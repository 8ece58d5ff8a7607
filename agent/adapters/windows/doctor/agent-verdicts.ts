/** The agent's own footing on the machine: rights, folder, service, clock, controller. Pure. */
import type { Result } from "../../../ports.ts";
import type { Readiness } from "../readiness/readiness.ts";
import { LOCAL_SYSTEM_SID } from "../tools/whoami-output.ts";
import type { ReachedController, ServiceFacts } from "./agent-facts.ts";
import { unknown, type Verdict, works, worksNot } from "./verdict.ts";

export interface AgentFacts {
  /** Accounts beside the system's that may do something in the state folder; undefined: not known. */
  readonly folder: Result<{ readonly path: string; readonly others: readonly string[] | undefined }>;
  readonly service: ServiceFacts;
  readonly controller: Result<ReachedController>;
  readonly now: number;
}

/** Nothing of this project is older: a clock before it has lost its time. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** As far as signed times may be apart before the device calls an order stale. */
const CLOCK_APART_MS_MAX = 5 * 60_000;

export const agentVerdicts = (readiness: Readiness, facts: AgentFacts): readonly Verdict[] => [
  account(readiness),
  eventLog(readiness),
  stateFolder(facts),
  service(facts),
  safeBoot(facts),
  clock(facts),
  controller(facts),
];

function account({ account: sid, filters }: Readiness): Verdict {
  const about = { capability: "rights", title: "rights of this account" };
  if (sid.kind === "fault") return unknown(about, sid.because, "everything, if they are too few");
  if (sid.value === LOCAL_SYSTEM_SID) return works(about, "runs as the system (S-1-5-18), as the service does");
  const seen = `runs as ${sid.value}; the service runs as the system`;
  if (filters.kind === "ok") return works(about, `${seen}; this account is elevated`);
  return unknown(about, `${seen}. Start this from an elevated prompt: some answers below are about rights only`);
}

function eventLog({ eventLog: log }: Readiness): Verdict {
  const about = { capability: "event-log", title: "event log (wevtutil)", needed: true };
  if (log.kind === "ok") return works(about, "the newest event of the System log was read");
  return worksNot(about, log.because, "knowing how boots ended, and so every conviction by this machine");
}

function stateFolder({ folder }: AgentFacts): Verdict {
  const about = { capability: "state-folder", title: "protected state folder", needed: true };
  if (folder.kind === "fault") return worksNot(about, folder.because, "every order: key and journal lie there");
  const { path, others } = folder.value;
  if (others === undefined)
    return unknown(about, `who may write ${path} cannot be told`, "trust in the agent's records");
  if (others.length === 0) return works(about, `${path} is for the system and administrators alone`);
  return worksNot(about, `${path} is also open to ${others.join(", ")}`, "trust in the agent's key and records");
}

function service({ service: { imagePath, start } }: AgentFacts): Verdict {
  const about = { capability: "service", title: "service", needed: true };
  const out = "a report of each boot, and the guardian";
  if (imagePath === undefined) return worksNot(about, "the service is not registered", out);
  if (!imagePath.startsWith('"')) return worksNot(about, `its path is not quoted: ${imagePath}`, out);
  if (start !== 2) return worksNot(about, `it does not start by itself (Start is ${start ?? "not set"})`, out);
  return works(about, `starts by itself: ${imagePath}`);
}

function safeBoot({ service: { safeBoot: modes } }: AgentFacts): Verdict {
  const about = { capability: "service-in-safe-mode", title: "service in safe mode", needed: true };
  if (modes.length === 2) return works(about, "registered under SafeBoot\\Minimal and SafeBoot\\Network");
  const seen =
    modes.length === 0 ? "not registered under SafeBoot" : `registered under SafeBoot\\${modes.join()} alone`;
  return worksNot(about, seen, "set-safe-mode: the agent would not run there");
}

function clock({ now, controller: reached }: AgentFacts): Verdict {
  const about = { capability: "clock", title: "clock", needed: true };
  const out = "orders, until the clock is right; boots are reported all the same";
  if (now < EARLIEST) return worksNot(about, `it says ${new Date(now).toISOString()}: it has lost its time`, out);
  const ahead = reached.kind === "ok" ? reached.value.clockAheadMs : undefined;
  if (ahead === undefined) return unknown(about, "no other clock was there to compare it with");
  const seen = `${Math.round(Math.abs(ahead) / 1_000)} s ${ahead >= 0 ? "behind" : "ahead of"} the controller's`;
  return Math.abs(ahead) > CLOCK_APART_MS_MAX ? worksNot(about, seen, out) : works(about, seen);
}

function controller({ controller: reached }: AgentFacts): Verdict {
  const about = { capability: "controller", title: "controller", needed: true };
  if (reached.kind === "ok") return works(about, `${reached.value.address} answers, under the pinned authority`);
  return worksNot(about, reached.because, "reports and orders, until it is reached; standing orders go on");
}
