/**
 * Logins that wait to be checked, in the order they came. Those that come while a group is looked up are the next group,
 * so that a storm asks the record once for many; how many wait is bounded, and so is a group.
 */
import type { Store, VerifyDevice } from "../ports.ts";
import { isProven, type LoginClaim } from "./login.ts";

/** `failed`: the record could not be read, which says nothing of the device. */
export type LoginAnswer =
  | { readonly kind: "known"; readonly through: number }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly error: unknown };

export interface PendingLogin {
  readonly claim: LoginClaim;
  /** False once the connection is gone: nothing is looked up or verified for it any more. */
  readonly isWanted: () => boolean;
  readonly answer: (answer: LoginAnswer) => void;
}

export class Logins {
  private readonly store: Pick<Store, "loginFacts">;
  private readonly verify: VerifyDevice;
  private readonly groupMax: number;
  private readonly waitingMax: number;
  private waiting: PendingLogin[] = [];
  private lookedUp = 0;
  private isWorking = false;

  constructor(store: Pick<Store, "loginFacts">, verify: VerifyDevice, groupMax: number, waitingMax: number) {
    this.store = store;
    this.verify = verify;
    this.groupMax = groupMax;
    this.waitingMax = waitingMax;
  }

  get isFull(): boolean {
    return this.lookedUp + this.waiting.length >= this.groupMax + this.waitingMax;
  }

  /** False if there is no room. */
  check(login: PendingLogin): boolean {
    if (this.isFull) return false;
    this.waiting.push(login);
    if (!this.isWorking) {
      this.isWorking = true;
      setImmediate(() => void this.work()); // after all sockets that are ready now have been read
    }
    return true;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.groupMax).filter(({ isWanted }) => isWanted());
      this.lookedUp = group.length;
      if (group.length > 0) await this.settle(group);
      this.lookedUp = 0;
    }
    this.isWorking = false;
  }

  private async settle(group: readonly PendingLogin[]): Promise<void> {
    try {
      const facts = await this.store.loginFacts(group.map(({ claim: { deviceId, epoch } }) => ({ deviceId, epoch })));
      for (const [i, { claim, isWanted, answer }] of group.entries()) {
        if (!isWanted()) continue;
        const known = facts[i];
        if (isProven(known, this.verify, claim)) answer({ kind: "known", through: known.through });
        else answer({ kind: "refused" });
      }
    } catch (error) {
      for (const { isWanted, answer } of group) if (isWanted()) answer({ kind: "failed", error });
    }
  }
}
