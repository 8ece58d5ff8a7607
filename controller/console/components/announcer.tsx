/** The one polite live region: what changed, for people who do not see it change. At most one summary in ten seconds. */
import { createContext, type ReactNode, use, useEffect, useRef, useState } from "react";
import { QuietVoice } from "../live/quiet-voice.ts";

const SAY_EVERY_MS = 10_000;

const Voice = createContext<QuietVoice | undefined>(undefined);

/** Says `summary` when it changes, but not when the page opens: it can be read there. */
export function useAnnouncement(summary: string): void {
  const voice = use(Voice);
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (before.current !== undefined && before.current !== "" && before.current !== summary) voice?.hear(summary);
    before.current = summary;
  }, [voice, summary]);
}

/**
 * Says what was found when someone has asked for something else, not when it changes by itself.
 *
 * @param question what is asked for
 * @param found undefined until the answer is here
 */
export function useResultAnnouncement(question: string, found: string | undefined): void {
  const [told, setTold] = useState<{ readonly question: string; readonly found: string }>();
  if (found !== undefined && told?.question !== question) setTold({ question, found });
  useAnnouncement(told?.found ?? "");
}

export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState("");
  const [voice] = useState(() => new QuietVoice({ say: setSaid, after, everyMs: SAY_EVERY_MS }));
  useEffect(() => () => voice.stop(), [voice]);
  return (
    <Voice value={voice}>
      {children}
      <output aria-live="polite" aria-label="Changes" className="visually-hidden">
        {said}
      </output>
    </Voice>
  );
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
