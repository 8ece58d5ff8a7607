/**
 * Watches one incident until it is over: on a screen it is drawn again, elsewhere each change is a line.
 *
 * Watching is all it does. Ctrl-C, a lost connection or a time limit change nothing.
 */
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { IncidentId } from "../../protocol/ids.ts";
import type { ApiClient } from "./client.ts";
import { EXIT, type ExitCode } from "./errors.ts";
import { incidentText } from "./incident-text.ts";
import { askPatiently, News } from "./news.ts";
import { clean, type Output } from "./output.ts";

export async function watchIncident(
  client: ApiClient,
  id: IncidentId,
  output: Output,
  limits: { readonly timeoutMs: number | undefined; readonly interrupted: AbortSignal },
): Promise<ExitCode> {
  const ended = new AbortController();
  const timeout = limits.timeoutMs === undefined ? [] : [AbortSignal.timeout(limits.timeoutMs)];
  const stop = AbortSignal.any([ended.signal, limits.interrupted, ...timeout]);
  const news = new News(client, ({ topic }) => topic === "reset" || topic === "incident" || topic === "fleet", stop);
  const following = news.listen();
  let before = "";
  try {
    for (;;) {
      const incident = await askPatiently(() => client.incident(id), output, stop);
      if (incident !== undefined) {
        before = show(incident, before, output);
        if (incident.state !== "open") return EXIT.ok;
      }
      await news.next();
      if (limits.interrupted.aborted) {
        output.note(`Stopped watching. To go on: ringback incidents show ${id} --watch`);
        return EXIT.interrupted;
      }
      if (stop.aborted) {
        output.note("The incident is not over within the time given.");
        return EXIT.timedOut;
      }
    }
  } finally {
    ended.abort();
    await following;
  }
}

/** @returns what was shown, so that the same is not shown twice */
function show(incident: IncidentView, before: string, output: Output): string {
  const text = output.json ? JSON.stringify(incident) : output.isTerminal ? incidentText(incident) : newsOf(incident);
  if (text === before) return before;
  if (output.json) output.line(incident);
  // Home and clear, rather than up by so many lines: long lines wrap, and a window can be made narrower.
  else output.text(output.isTerminal ? `\u001b[H\u001b[J${text}\n` : `${text}\n`);
  return text;
}

const newsOf = ({ state, affected, exposed, unknown, sentence }: IncidentView): string =>
  clean(`${state}: ${affected} affected, ${exposed} exposed, ${unknown} unknown. ${sentence}`);
