/** Alt and a letter, from anywhere on the page. A modifier is needed (WCAG 2.1.4): no single letter does anything. */
import { useEffect, useEffectEvent } from "react";

/** @param letter a capital one */
export function useAltKey(letter: string, act: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.code !== `Key${letter}` && event.key.toUpperCase() !== letter) return; // with Alt a Mac types another one
    event.preventDefault();
    act();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
