/** A real store in front of which a test stands: it may wait, look, or fail before or after any call. */
import type { Store } from "../../controller/store.ts";
import { callOn, type Method, storeFrom } from "../../controller/storage/store-methods.ts";

type Watch = (method: Method, args: readonly unknown[]) => Promise<unknown>;

export function watched(store: Store, before: Watch, after: Watch = async () => undefined): Store {
  const call = callOn(store);
  return storeFrom(async (method, args) => {
    await before(method, args);
    const result = await call(method, args);
    await after(method, args);
    return result;
  });
}
