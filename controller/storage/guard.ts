/** Stands in front of a store: nothing begins after `close`, and `close` waits for what has begun. */
import type { Store } from "../store.ts";
import { asStoreFailed, storeFailed } from "./failures.ts";
import { callOn, storeFrom } from "./store-methods.ts";

export function guarded(store: Store): Store {
  const call = callOn(store);
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    await Promise.allSettled(underWay);
    await store.close();
  };
  return storeFrom(async (method, args) => {
    if (method === "close") return (closing ??= close());
    if (closing !== undefined) throw storeFailed("closed");
    const work = call(method, args);
    underWay.add(work);
    try {
      return await work;
    } catch (error) {
      throw asStoreFailed(error);
    } finally {
      underWay.delete(work);
    }
  });
}
