/**
 * Whoever works at the machine: asked in a window of Windows' own.
 *
 * Where several work at one machine, one of them is asked: an open question holds one of the process's few threads. The
 * notice before the restart is shown to all. Wine has no sessions to speak of, so none of this was shown there.
 */
import { performance } from "node:perf_hooks";
import type { People } from "../../machine-parts.ts";
import { activeSessions, askSession } from "./native/sessions.ts";
import { consentOf, type Question } from "./restart-consent.ts";

const TITLE = "Ringback";
const ASK = "\n\nRestart now? Yes restarts this computer. No puts it off for a while; it cannot be put off for ever.";

export function windowsPeople(): People {
  let question: Question | undefined;
  let asked = 0;
  return {
    async restartConsent({ reason, answerWithinMs }) {
      const session = firstActive();
      const consent = consentOf(question, performance.now(), session !== undefined);
      if (consent === "now" || consent === "nobody-there") question = undefined;
      if (consent !== undefined || session === undefined) return consent ?? "nobody-there";
      question = "open";
      const mine = ++asked;
      void askSession(session, TITLE, `${reason}${ASK}`, answerWithinMs).then((answer) => {
        if (mine === asked) question = { answer, answeredAtMs: performance.now() };
      });
      return "asked";
    },
  };
}

/** Who cannot be seen cannot be asked: a restart comes with a notice of its own. */
function firstActive(): number | undefined {
  const sessions = activeSessions();
  return "error" in sessions ? undefined : sessions[0];
}
