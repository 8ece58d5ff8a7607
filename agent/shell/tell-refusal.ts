/** Tells the controller what came and was not believed: each once, as a controller gone wrong may repeat itself. */
import type { NotBelieved } from "../../protocol/follow-trust.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { sayable } from "../core/sayable.ts";
import type { Log } from "../ports.ts";
import type { Outbox } from "./outbox.ts";

type What = Extract<ReportBody, { kind: "trust-refused" }>["what"];
/** What is remembered of what was told. When it is more, telling begins anew. */
const TOLD_MAX = 1_000;

export type TellRefusal = (what: What, refusal: NotBelieved) => Promise<void>;

export function refusalTeller(outbox: Pick<Outbox, "put">, log: Log): TellRefusal {
  const told = new Set<string>();
  return async (what, { rule, because }) => {
    log.warn(`a ${what} was not believed`, { rule, because });
    if (told.has(`${what} ${because}`)) return;
    if (told.size >= TOLD_MAX) told.clear();
    told.add(`${what} ${because}`);
    await outbox.put({ kind: "trust-refused", what, rule, because: sayable(because) });
  };
}
