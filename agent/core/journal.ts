/**
 * The agent's journal, folded: what was promised, what was done, what comes next.
 *
 * Invariant: a step's promise is on disk before the step touches the machine. Records in an order that cannot happen
 * are an error, never repaired: the agent runs nothing, says so, and does not guess.
 */
import { assertNever } from "../../protocol/exhaustive.ts";
import type { BootId } from "../../protocol/boot.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { type Envelope, payloadDigest } from "../../protocol/dsse.ts";
import type { OrderId, PlanId } from "../../protocol/ids.ts";
import type { Step } from "../../protocol/playbook.ts";
import type { FileEffect, OrderOutcome, RefusalRule, StepFault } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { extendSpans, type Spans } from "./elapsed.ts";
import type { JournalRecord, Memo, StepEvent } from "./journal-records.ts";
import { traitsOf } from "./step-traits.ts";

export type StepStatus =
  | "not-begun"
  | "started"
  | "done"
  | "not-applicable"
  | "failed"
  | "abandoned"
  | "undoing"
  | "undone"
  | "undo-failed";

/** Which event may follow which status, and what comes of it. */
export const LEGAL: Readonly<Record<StepStatus, Partial<Record<StepEvent, StepStatus>>>> = {
  "not-begun": { start: "started", "not-applicable": "not-applicable", fail: "failed" },
  // "start" again: the promise is renewed by the next process
  started: {
    start: "started",
    waited: "started",
    done: "done",
    "not-applicable": "not-applicable",
    fail: "failed",
    abandon: "abandoned",
  },
  done: { "undo-start": "undoing" },
  failed: { "undo-start": "undoing" },
  undoing: { "undo-start": "undoing", "undo-done": "undone", "undo-fail": "undo-failed" },
  "not-applicable": {},
  abandoned: {},
  undone: {},
  "undo-failed": {},
};

export interface StepState {
  readonly step: Step;
  readonly status: StepStatus;
  readonly memo: Memo;
  readonly files: readonly FileEffect[];
  /** The boot in which it was recorded as done. */
  readonly doneIn: BootId | undefined;
  readonly spans: Spans;
  /** Why it failed; kept when it has been undone. */
  readonly failure: { readonly fault: StepFault; readonly because: string } | undefined;
  /** Why it could not be undone, or was not applicable, or was given up. */
  readonly because: string | undefined;
}

export interface OrderState {
  readonly orderId: OrderId;
  readonly digest: Sha256;
  readonly planId: PlanId;
  readonly source: ContentSourceId;
  readonly era: number;
  readonly generation: number;
  readonly issuedAt: Instant;
  /** The signed time at which it was taken; the time of issue where that was not written down. */
  readonly freshAt: Instant;
  /** The payload digest of the plan's statement; undefined where it was not written down. */
  readonly statement: Sha256 | undefined;
  /** When its last record was written, by the device's wall clock. */
  readonly lastAt: Instant;
  readonly steps: readonly StepState[];
  /**
   * The payload digest of the last step's receipt; null before the first. Undefined for an order of before steps had
   * receipts: a controller of that time would not understand a receipt that names one.
   */
  readonly lastStepReceipt: Sha256 | null | undefined;
  readonly withdrawn: boolean;
  /** Processes that took it up since a step last came to an end. */
  readonly restarts: number;
  /** How often it was begun to bring the machine out of safe mode. */
  readonly leaves: number;
  readonly spans: Spans;
  readonly end: { readonly outcome: OrderOutcome; readonly receipt: Envelope; readonly n: number } | undefined;
}

export interface Journal {
  readonly orders: ReadonlyMap<OrderId, OrderState>;
  readonly underWay: OrderState | undefined;
  /** Why, so that it can be said again. */
  readonly refused: ReadonlyMap<OrderId, { readonly rule: RefusalRule; readonly because: string }>;
  readonly n: number;
}

/** The journal says something that cannot have happened. Nothing is run until a person has looked. */
export class JournalCorrupt extends Error {
  override readonly name = "JournalCorrupt";
  readonly code = "journal-corrupt";
}

const EMPTY_JOURNAL: Journal = { orders: new Map(), underWay: undefined, refused: new Map(), n: 0 };

/** @throws JournalCorrupt */
export const foldJournal = (records: readonly JournalRecord[]): Journal => records.reduce(evolveJournal, EMPTY_JOURNAL);

/** @throws JournalCorrupt */
export function evolveJournal(journal: Journal, record: JournalRecord): Journal {
  if (record.n <= journal.n) throw corrupt(record, `record ${record.n} after record ${journal.n}`);
  const { n, orderId } = record;
  const known = journal.orders.get(orderId);
  if (record.event === "refused") {
    if (known !== undefined) throw corrupt(record, "an order that was accepted is refused");
    const { rule, because } = record;
    return { ...journal, n, refused: new Map(journal.refused).set(orderId, { rule, because }) };
  }
  if (record.event === "accepted" || record.event === "settled") {
    if (known !== undefined || journal.refused.has(orderId)) throw corrupt(record, "an order is accepted twice");
    if (record.event === "accepted" && journal.underWay !== undefined)
      throw corrupt(record, `order ${journal.underWay.orderId} is still under way`);
    return withOrder({ ...journal, n }, begin(record));
  }
  if (known === undefined || known.end !== undefined)
    throw corrupt(record, `"${record.event}" for an order that is not under way`);
  return withOrder({ ...journal, n }, evolveOrder(known, record));
}

function withOrder(journal: Journal, order: OrderState): Journal {
  const orders = new Map(journal.orders).set(order.orderId, order);
  return { ...journal, orders, underWay: order.end === undefined ? order : undefined };
}

function begin(record: Extract<JournalRecord, { event: "accepted" | "settled" }>): OrderState {
  const { orderId, digest, planId, source, era = 1, generation, issuedAt, bootId, uptimeMs, n, at: lastAt } = record;
  const { freshAt = issuedAt, statement } = record;
  const steps = record.event === "accepted" ? record.steps.map(notBegun) : [];
  const spans = extendSpans(new Map(), bootId, uptimeMs);
  const end = record.event === "settled" ? { outcome: record.outcome, receipt: record.receipt, n } : undefined;
  const identity = { orderId, digest, planId, source, era, generation, issuedAt, freshAt, statement };
  const lastStepReceipt = record.freshAt === undefined ? undefined : null;
  return { ...identity, lastAt, steps, lastStepReceipt, withdrawn: false, restarts: 0, leaves: 0, spans, end };
}

const notBegun = (step: Step): StepState => ({
  step,
  status: "not-begun",
  memo: { kind: "nothing" },
  files: [],
  doneIn: undefined,
  spans: new Map(),
  failure: undefined,
  because: undefined,
});

type Running = Exclude<JournalRecord, { event: "accepted" | "refused" | "settled" }>;

function evolveOrder(was: OrderState, record: Running): OrderState {
  const order = { ...was, lastAt: record.at, spans: extendSpans(was.spans, record.bootId, record.uptimeMs) };
  if ("step" in record) return evolveSteps(order, record);
  switch (record.event) {
    case "withdrawn":
      return { ...order, withdrawn: true };
    case "resumed":
      return { ...order, restarts: order.restarts + 1, steps: order.steps.map((step) => stillWaiting(step, record)) };
    case "leaving":
      return { ...order, leaves: order.leaves + 1 };
    case "ended":
      if (order.steps.some(({ status }) => status === "started" || status === "undoing"))
        throw corrupt(record, "an order ends in the middle of a step");
      return { ...order, end: { outcome: record.outcome, receipt: record.receipt, n: record.n } };
    default:
      return assertNever(record);
  }
}

const stillWaiting = (state: StepState, { bootId, uptimeMs }: Running): StepState =>
  state.status === "started" ? { ...state, spans: extendSpans(state.spans, bootId, uptimeMs) } : state;

type OfStep = Extract<JournalRecord, { step: number }>;

function evolveSteps(order: OrderState, record: OfStep): OrderState {
  const was = order.steps[record.step];
  if (was === undefined) throw corrupt(record, `there is no step ${record.step}`);
  const status = LEGAL[was.status][record.event];
  if (status === undefined) throw corrupt(record, `step ${record.step}: "${record.event}" after "${was.status}"`);
  checkTurn(order, record);
  const spans = extendSpans(was.spans, record.bootId, record.uptimeMs);
  const steps = order.steps.with(record.step, evolveStep({ ...was, status, spans }, record));
  const restarts = status === "started" || status === "undoing" ? order.restarts : 0;
  return { ...order, steps, restarts, lastStepReceipt: receiptAfter(order, record) };
}

const receiptAfter = ({ lastStepReceipt }: OrderState, record: OfStep): OrderState["lastStepReceipt"] =>
  "receipt" in record && record.receipt !== undefined ? payloadDigest(record.receipt) : lastStepReceipt;

/** Steps go forward one after another; after a failure they are undone backwards. */
function checkTurn(order: OrderState, record: OfStep): void {
  const undoes = record.event.startsWith("undo-");
  const others = order.steps.filter((_, i) => (undoes ? i > record.step : i < record.step));
  const failed = order.steps.some(({ failure }) => failure !== undefined);
  if (undoes !== failed)
    throw corrupt(record, `step ${record.step}: "${record.event}" ${failed ? "after" : "without"} a failure`);
  const outOfTurn = undoes
    ? others.some(isToUndo)
    : others.some(({ status }) => status !== "done" && status !== "not-applicable");
  if (outOfTurn) throw corrupt(record, `step ${record.step}: "${record.event}" out of turn`);
}

/** Has it changed something, or may it have, that is not put back yet? */
export const isToUndo = ({ step, status }: StepState): boolean =>
  traitsOf(step.kind).changes && (status === "done" || status === "failed" || status === "undoing");

/**
 * The boot in which this plan last changed something here; undefined if it changed nothing. A step that found the work
 * of an earlier order of its plan has promised nothing, and changed nothing: the machine may have restarted since.
 */
export function lastChangeOf({ orders }: Journal, plan: PlanId): BootId | undefined {
  return [...orders.values()]
    .filter(({ planId }) => planId === plan)
    .flatMap(({ steps }) => steps)
    .findLast(({ step, status, memo }) => traitsOf(step.kind).changes && status === "done" && memo.kind !== "nothing")
    ?.doneIn;
}

function evolveStep(state: StepState, record: OfStep): StepState {
  switch (record.event) {
    case "start":
      return { ...state, memo: mergeMemo(state.memo, record.memo) };
    case "done":
      return { ...state, files: record.files, doneIn: record.bootId };
    case "fail":
      return { ...state, failure: { fault: record.fault, because: record.because } };
    case "not-applicable":
    case "abandon":
    case "undo-fail":
      return { ...state, because: record.because };
    case "waited":
    case "undo-start":
    case "undo-done":
      return state;
    default:
      return assertNever(record);
  }
}

/** A renewed promise adds to the first one: what the first remembered may already have been changed. */
function mergeMemo(first: Memo, again: Memo): Memo {
  if (first.kind === "nothing") return again;
  if (first.kind !== "files" || again.kind !== "files") return first;
  const isNew = (file: { path: string; sha256: string }): boolean =>
    !first.files.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256);
  return { kind: "files", files: [...first.files, ...again.files.filter(isNew)] };
}

const corrupt = ({ orderId }: JournalRecord, what: string): JournalCorrupt =>
  new JournalCorrupt(`the journal cannot be right: ${what} (${orderId})`);
