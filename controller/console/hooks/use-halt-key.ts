/** Alt+H: the way to the halt button that works from anywhere on the page. A modifier is needed (WCAG 2.1.4). */
import { useEffect, useEffectEvent } from "react";

export function useHaltKey(ask: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.code !== "KeyH" && event.key.toLowerCase() !== "h") return; // Alt+H types a letter on a Mac
    event.preventDefault();
    ask();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
