/** The bus of a controller that is one process: wakes its readers of the change feed. */
import type { Bus } from "../ports.ts";

export function inProcessBus(): Bus {
  const readers = new Set<() => void>();
  return {
    feedGrew: () => {
      for (const wake of readers) wake();
    },
    onFeedGrew: (call) => {
      readers.add(call);
      return () => readers.delete(call);
    },
  };
}
