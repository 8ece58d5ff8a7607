/**
 * Takes orders in, one at a time, and keeps the one under way going: over restarts, waits and withdrawals.
 *
 * Invariant: an order is in the journal before the controller hears that it was accepted. Everything happens in turn,
 * so that no two orders and no two runs of one order ever overlap.
 */
import { type Envelope, payloadDigest } from "../../protocol/dsse.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { OrderId, StopId } from "../../protocol/ids.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Order } from "../../protocol/plan.ts";
import type { AgentConfig } from "../config.ts";
import { admit } from "../core/admission.ts";
import { type AdmissionFacts, type Belief, type Refused, refuse } from "../core/admission-facts.ts";
import { pastOf } from "../core/past-orders.ts";
import { hasSetSafeMode, isSafe } from "../core/safe-mode.ts";
import { type AgentPorts, RecordNotWritten } from "../ports.ts";
import type { JournalBook } from "./journal-book.ts";
import type { Outbox } from "./outbox.ts";
import { failed, runOrder } from "./run-order.ts";
import { SHUTDOWN_MS } from "./safe-mode-moves.ts";
import type { RunPorts } from "./step-context.ts";

/** A full disk is often a matter of minutes: a log rotates, an update finishes. */
const RETRY_MS = 10_000;

type Answer = Extract<ReportBody, { kind: "order-ended" | "order-refused" }>;

/** The controller's word that its answer is of this moment, and the question that it has to answer. */
export interface FreshnessWord {
  readonly freshness: Envelope | undefined;
  readonly nonce: string;
  readonly askedAtUptimeMs: number;
}

export interface DeskEvents {
  readonly belief: () => Belief | undefined;
  readonly controllerNow: () => Instant | undefined;
  /** The emergency stop in force. */
  readonly emergency: () => StopId | undefined;
  /** The mailbox may hold an order that can be taken now. */
  readonly askForOrders: () => void;
  readonly mustEnd: (error: unknown) => void;
}

export class OrderDesk {
  private readonly ports: AgentPorts;
  private readonly config: AgentConfig;
  private readonly run: RunPorts;
  private readonly book: JournalBook;
  private readonly outbox: Outbox;
  private readonly events: DeskEvents;
  private turn: Promise<void> = Promise.resolve();
  private forgetTimer: () => void = () => undefined;
  private forgetDeadline: () => void = () => undefined;
  private ending: { readonly order: OrderId; readonly step: number | undefined } | undefined;
  private readonly toldAgain = new Set<OrderId>();
  /** Withdrawals that have come and are not in the journal yet. */
  private readonly withdrawals = new Map<OrderId, Order>();
  /** Orders to stop that have come by name alone. */
  private readonly stops = new Set<OrderId>();
  private stopped = false;
  /** An order of an earlier process is under way, and the journal does not know of this process yet. */
  private mustResume: boolean;

  constructor(
    ports: AgentPorts,
    config: AgentConfig,
    run: RunPorts,
    book: JournalBook,
    outbox: Outbox,
    events: DeskEvents,
  ) {
    this.ports = ports;
    this.config = config;
    this.run = run;
    this.book = book;
    this.outbox = outbox;
    this.events = events;
    this.mustResume = book.state.underWay !== undefined;
  }

  /** Takes up what an earlier process left under way. */
  resume(): void {
    this.inTurn(() => this.goOn());
  }

  /** Stopping waits for nothing: a run under way looks at these between two steps. */
  hearWithdrawals(orders: readonly Order[]): void {
    for (const order of orders) if (order.withdrawn) this.withdrawals.set(order.orderId, order);
  }

  /** The same, of orders that the controller names at once, ahead of the mailbox that says it too. */
  stopOrders(orderIds: readonly OrderId[]): void {
    for (const orderId of orderIds) this.stops.add(orderId);
    this.inTurn(async () => {
      await this.noteWithdrawals();
      await this.goOn();
    });
  }

  /** An emergency stop is in force: the run under way sees it between two steps, and one that waits is ended now. */
  stopEverything(): void {
    this.inTurn(async () => {
      await this.noteWithdrawals();
      await this.goOn();
    });
  }

  offer(orders: readonly Order[], word: FreshnessWord): void {
    this.hearWithdrawals(orders);
    this.inTurn(async () => {
      await this.noteWithdrawals();
      for (const order of orders) if (!order.withdrawn) await this.take(order, word);
      await this.goOn();
    });
  }

  /** Has a restart been asked for, so that the end of this process is expected? */
  get isRestarting(): boolean {
    return this.ending !== undefined;
  }

  /** Begins nothing any more; resolves when what is being written is written. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.forgetTimer();
    this.forgetDeadline();
    await this.turn;
  }

  private async noteWithdrawals(): Promise<void> {
    for (const [orderId, withdrawal] of this.withdrawals) {
      await this.withdraw(withdrawal);
      this.withdrawals.delete(orderId);
    }
    for (const orderId of this.stops) {
      // One that never came here is answered when the mailbox shows it: the answer needs its digest.
      if (this.book.state.orders.has(orderId)) await this.noteWithdrawn(orderId);
      else this.events.askForOrders();
      this.stops.delete(orderId);
    }
    const { underWay } = this.book.state;
    if (underWay !== undefined && this.events.emergency() !== undefined) await this.noteWithdrawn(underWay.orderId);
  }

  private async withdraw({ orderId, order }: Order): Promise<void> {
    const { book } = this;
    if (book.state.orders.get(orderId) === undefined && !book.state.refused.has(orderId)) {
      // It was handed out and never came here. Nobody would hear of it again if nothing were said.
      const because = "the order was withdrawn before it began on this device";
      await book.append({ event: "refused", orderId, digest: payloadDigest(order), rule: "withdrawn", because });
    }
    await this.noteWithdrawn(orderId);
  }

  private async noteWithdrawn(orderId: OrderId): Promise<void> {
    const { book, ports } = this;
    const known = book.state.orders.get(orderId);
    if (known?.end !== undefined || known?.withdrawn !== false) return;
    ports.log.info("the order under way was withdrawn: no new step will be taken", { order: orderId });
    await book.append({ event: "withdrawn", orderId });
  }

  private async take(offer: Order, word: FreshnessWord): Promise<void> {
    const { book } = this;
    const { orderId } = offer;
    const known = book.state.orders.get(orderId);
    const refusal = book.state.refused.get(orderId);
    if (known?.end !== undefined) {
      await this.tellAgain({ kind: "order-ended", orderId, receipt: known.end.receipt });
    } else if (refusal !== undefined) {
      await this.tellAgain({ kind: "order-refused", orderId, ...refusal });
    } else if (book.state.underWay === undefined) {
      await this.judge(offer, word);
    }
  }

  private async judge(offer: Order, word: FreshnessWord): Promise<void> {
    const { book, ports } = this;
    const { orderId } = offer;
    const judged = admit(offer, this.facts(word));
    if (judged.kind === "wait") {
      ports.log.info("an order has to wait", { order: orderId, because: judged.because });
      this.later(judged.againInMs, async () => this.events.askForOrders());
      return;
    }
    const verdict = judged.kind === "accepted" ? ((await this.whyForgotten()) ?? judged) : judged;
    if (verdict.kind === "refused") {
      const { rule, because } = verdict;
      ports.log.warn("an order was refused", { order: orderId, rule, because });
      await book.append({ event: "refused", orderId, digest: payloadDigest(offer.order), rule, because });
      return;
    }
    const { order, statement, statementDigest, digest, freshAt } = verdict;
    ports.log.info("an order was accepted", { order: orderId, plan: order.planId, title: statement.title });
    const { planId, source, era, generation, steps } = statement;
    const { issuedAt } = order;
    const given = { orderId, digest, planId, source, era, generation, issuedAt, freshAt };
    const identity = { ...given, statement: statementDigest };
    await book.append({ event: "accepted", ...identity, steps });
  }

  /** What a machine forgets at its next start it would be told to do again, and again be restarted for. */
  private async whyForgotten(): Promise<Refused | undefined> {
    const because = await this.ports.machine.forgetsBecause?.();
    return because === undefined ? undefined : refuse("step-not-allowed", because);
  }

  /** The controller offers what was answered here: it may have lost the answer. Nothing is carried out again. */
  private async tellAgain(answer: Answer): Promise<void> {
    const { kind, orderId } = answer;
    if (this.toldAgain.has(orderId) || (await this.outbox.holds(kind, orderId))) return;
    this.toldAgain.add(orderId);
    this.ports.log.info("an order that was answered here was offered again: the answer is sent again", {
      order: orderId,
      answer: kind,
    });
    await this.outbox.put(answer);
  }

  private facts({ freshness, nonce, askedAtUptimeMs }: FreshnessWord): AdmissionFacts {
    const { ports, config, run, book, events } = this;
    return {
      deviceId: config.deviceId,
      belief: events.belief(),
      verify: ports.verify,
      fresh: { envelope: freshness, nonce, askedAgoMs: ports.clock.uptimeMs() - askedAtUptimeMs },
      now: ports.clock.now(),
      controllerNow: events.controllerNow(),
      allowedSteps: new Set(config.allowedSteps),
      allowedRoots: config.allowedRoots,
      allowedRegistryKeys: config.allowedRegistryKeys,
      forbiddenRoots: ports.machine.ownFolders,
      ...pastOf(book.state, { bootId: run.bootId, uptimeMs: ports.clock.uptimeMs(), now: ports.clock.now() }),
      stopped: events.emergency(),
    };
  }

  private async goOn(): Promise<void> {
    await this.run.safeMode.atStart(this.book.state);
    const order = this.book.state.underWay;
    if (order === undefined || this.ending !== undefined || this.stopped) return;
    this.forgetTimer();
    if (this.mustResume) {
      const { orderId, restarts } = order;
      this.ports.log.info("an order is under way and is taken up again", { order: orderId, restarts: restarts + 1 });
      await this.book.append({ event: "resumed", orderId });
      this.mustResume = false;
    }
    const standing = await runOrder(this.book, this.run, () => this.noteWithdrawals());
    switch (standing.kind) {
      case "idle":
        this.ports.log.info("an order has ended", {
          order: order.orderId,
          outcome: this.book.state.orders.get(order.orderId)?.end?.outcome,
        });
        this.events.askForOrders();
        break;
      case "waits":
        this.later(standing.againInMs, () => this.goOn());
        break;
      case "ending":
        this.expectEnd(order.orderId, standing.step, standing.withinMs);
        break;
    }
  }

  private expectEnd(order: OrderId, step: number | undefined, withinMs: number): void {
    this.ending = { order, step };
    // A timer of its own: whatever else is waited for, a restart that does not come must be noticed.
    this.forgetDeadline = this.ports.clock.after(withinMs, () => this.inTurn(() => this.didNotEnd()));
  }

  /** A machine does not wait in safe mode for room on its disk: what can be written later is done later. */
  private async leavesSafeMode(): Promise<boolean> {
    const { safeMode } = this.run;
    const order = this.book.state.underWay;
    if (order === undefined || this.ending !== undefined || !isSafe(safeMode.mode) || !hasSetSafeMode(order))
      return false;
    const left = await safeMode.leave();
    if (left.kind === "fault" || left.value === "left") return false;
    this.expectEnd(order.orderId, undefined, SHUTDOWN_MS);
    return true;
  }

  private async didNotEnd(): Promise<void> {
    const { ending } = this;
    const order = this.book.state.underWay;
    this.ending = undefined;
    if (ending === undefined || order?.orderId !== ending.order) return;
    const because = "a restart was asked for, but the machine went on running";
    if (ending.step !== undefined)
      await this.book.append(failed(order, ending.step, { kind: "fault", fault: "timed-out", because }));
    await this.goOn();
  }

  private later(ms: number, call: () => Promise<void>): void {
    if (this.stopped) return;
    this.forgetTimer();
    this.forgetTimer = this.ports.clock.after(ms, () => this.inTurn(call));
  }

  private inTurn(call: () => Promise<void>): void {
    this.turn = this.turn.then(async () => {
      if (this.stopped) return;
      try {
        await call();
      } catch (error) {
        if (!(error instanceof RecordNotWritten)) {
          this.events.mustEnd(error);
          return;
        }
        this.ports.log.error("the journal cannot be written: the order stands still until it can", {
          because: error.message,
        });
        if (await this.leavesSafeMode()) return;
        this.later(RETRY_MS, async () => {
          this.events.askForOrders();
          await this.goOn();
        });
      }
    });
  }
}
