/**
 * Logins that wait to be checked, in the order they came. Those that come while a group is looked up are the next group,
 * so that a storm asks the record once for many; how many wait is bounded, and so is a group.
 */
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { VerifyDevice } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import type { LoginFacts } from "../store/logins.ts";
import { type LoginClaim, proofOf } from "./login.ts";
import type { Tickets } from "./tickets.ts";

/**
 * `failed`: the record could not be read, which says nothing of the device. `unresumed`: it is to prove its key. That
 * a device was revoked is told only to the device itself.
 */
export type LoginAnswer =
  | { readonly kind: "known"; readonly facts: LoginFacts }
  | { readonly kind: "revoked" }
  | { readonly kind: "unresumed" }
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
  private readonly tickets: Tickets;
  private readonly groupMax: number;
  private readonly waitingMax: number;
  private waiting: PendingLogin[] = [];
  private lookedUp = 0;
  private isWorking = false;
  /** What was told while a group is looked up: newer than what the record answers. */
  private readonly toldMeanwhile = new Map<DeviceId, DeviceStanding>();

  constructor(
    store: Pick<Store, "loginFacts">,
    verify: VerifyDevice,
    tickets: Tickets,
    limits: { readonly loginsAtOnceMax: number; readonly loginsWaitingMax: number },
  ) {
    this.store = store;
    this.verify = verify;
    this.tickets = tickets;
    this.groupMax = limits.loginsAtOnceMax;
    this.waitingMax = limits.loginsWaitingMax;
  }

  /** A revocation must not slip past a login that is looked up in this moment. */
  standingChanged(device: DeviceId, standing: DeviceStanding): void {
    if (this.lookedUp > 0) this.toldMeanwhile.set(device, standing);
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
      this.toldMeanwhile.clear();
    }
    this.isWorking = false;
  }

  private async settle(group: readonly PendingLogin[]): Promise<void> {
    try {
      const facts = await this.store.loginFacts(group.map(({ claim: { deviceId, epoch } }) => ({ deviceId, epoch })));
      for (const [i, { claim, isWanted, answer }] of group.entries()) {
        if (!isWanted()) continue;
        answer(this.judge(facts[i], claim));
      }
    } catch (error) {
      for (const { isWanted, answer } of group) if (isWanted()) answer({ kind: "failed", error });
    }
  }

  private judge(facts: LoginFacts | undefined, claim: LoginClaim): LoginAnswer {
    const proof = proofOf(facts, this.verify, this.tickets, claim);
    if (proof === "unresumed") return { kind: "unresumed" };
    if (proof === "bad" || facts === undefined) return { kind: "refused" };
    const standing = this.toldMeanwhile.get(claim.deviceId) ?? facts.standing;
    return standing === "revoked" ? { kind: "revoked" } : { kind: "known", facts: { ...facts, standing } };
  }
}
