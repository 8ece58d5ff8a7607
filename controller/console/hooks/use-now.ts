/** The time, once a second, for everything on the page that counts up or down. */
import { useSyncExternalStore } from "react";

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const call of listeners) call();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since the epoch by this browser's clock, at most a second old. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () =>
    timer === undefined ? (now = Math.floor(Date.now() / 1_000) * 1_000) : now,
  );
}
