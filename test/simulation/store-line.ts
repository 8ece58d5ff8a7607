/**
 * The record as one life of the controller reaches it: two threads (a writer, a reader), each doing one thing at a time
 * and each taking its time. The controller may die before or after any call; what was committed stays.
 */
import type { Store } from "../../controller/store.ts";
import { StoreFailed } from "../../controller/store/failures.ts";
import { callOn, type Method, METHODS, storeFrom } from "../../controller/storage/store-methods.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import type { World } from "./world.ts";

export interface StoreLineEvents {
  /** A call has been carried out: what it did is in the record. */
  done(method: Method, args: readonly unknown[], result: unknown): void;
  /** The disk makes everybody wait. */
  stalls(method: Method): void;
  /** The controller dies now. */
  crash(why: string): void;
}

export function storeLine(world: World, dice: Dice, life: Life, store: Store, events: StoreLineEvents): Store {
  const perform = callOn(store);
  const turns: Record<"read" | "write", Promise<unknown>> = { read: Promise.resolve(), write: Promise.resolve() };

  const one = async (method: Method, args: readonly unknown[]): Promise<unknown> => {
    const isStalled = world.isFaulty && dice.chance(0.03);
    if (isStalled) events.stalls(method);
    await life.pause(isStalled ? dice.between(100, 6_000) : dice.between(0, 3));
    const happens =
      world.isFaulty && dice.chance(0.004)
        ? dice.pick(["crash before", "crash after", "failure before", "failure after"])
        : "nothing";
    if (happens === "crash before") events.crash(`before ${method}`);
    if (!life.isAlive) return life.give(undefined);
    if (happens === "failure before") throw failed(method);
    const result = await perform(method, args);
    events.done(method, args, result);
    if (happens === "crash after") events.crash(`after ${method}`);
    if (happens === "failure after") throw failed(method);
    await life.pause(dice.between(0, 2));
    return life.give(result);
  };
  const failed = (method: Method): StoreFailed => {
    world.say("store", `${method} fails`);
    world.count("store failure");
    return new StoreFailed("unexpected", `the database went away during ${method}`);
  };

  return storeFrom((method, args) => {
    const turn = METHODS[method];
    const result = turns[turn].then(() => one(method, args));
    turns[turn] = result.catch(() => undefined);
    return result;
  });
}
