/** Tells the controller what came and was not believed: each once, as a controller gone wrong may repeat itself. */
import type { NotBelieved } from "../../protocol/follow-trust.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { sayable } from "../core/sayable.ts";
import type { Log } from "../ports.ts";
import type { Outbox } from "./outbox.ts";

type What = Extract<ReportBody, { kind: "trust-refused" }>["what"];
/** Different refusals told in one life of the agent: what more a controller makes up is only logged. */
const TOLD_MAX = 50;

export type TellRefusal = (what: What, refusal: NotBelieved) => Promise<void>;

export function refusalTeller(outbox: Pick<Outbox, "put">, log: Log): TellRefusal {
  const told = new Set<string>();
  return async (what, { rule, because }) => {
    log.warn(`a ${what} was not believed`, { rule, because });
    if (told.has(`${what} ${because}`) || told.size >= TOLD_MAX) return;
    await outbox.put({ kind: "trust-refused", what, rule, because: sayable(because) });
    told.add(`${what} ${because}`);
  };
}
