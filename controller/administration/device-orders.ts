/**
 * The orders of a device with what it said of them. Pure but for the checking of signatures.
 *
 * A verified receipt is the last word on every step; until there is one, what the device said on the way counts. A
 * receipt that proves nothing decides nothing.
 */
import type {
  DeviceOrderView,
  OrderStanding,
  OrderStepView,
  ReceiptChain,
  ReceiptCheck,
  StepReceiptCheck,
} from "../../protocol/api-device.ts";
import { peek } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import { PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import type { StepProgress } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { checkReceipt, checkStepReceipt, type Witness } from "../orchestrator/receipts.ts";
import type { MailboxOrder } from "../store/mailbox.ts";
import type { IngestReport } from "../store/reports.ts";

type Body<Kind extends IngestReport["body"]["kind"]> = Extract<IngestReport["body"], { kind: Kind }>;
interface Said<Value> {
  readonly at: Instant;
  readonly value: Value;
}
interface Journal {
  accepted: Said<null> | undefined;
  refused: Said<Body<"order-refused">> | undefined;
  ended: Said<Body<"order-ended">> | undefined;
  readonly progress: Said<StepProgress>[];
}
type CheckedProgress = Said<StepProgress> & { readonly receipt: StepReceiptCheck | null };

export const ORDER_REPORTS = ["order-accepted", "order-refused", "step-progress", "order-ended"] as const;

/** @param reports of the device about orders, oldest first */
export function viewOrders(
  device: DeviceId,
  orders: readonly MailboxOrder[],
  reports: readonly IngestReport[],
  witness: Witness,
): DeviceOrderView[] {
  const journals = new Map<OrderId, Journal>();
  for (const report of reports) take(journals, report);
  return orders.map((order) => viewOrder(device, order, journals.get(order.order) ?? emptyJournal(), witness));
}

const emptyJournal = (): Journal => ({ accepted: undefined, refused: undefined, ended: undefined, progress: [] });

function take(journals: Map<OrderId, Journal>, { body, receivedAt: at }: IngestReport): void {
  const journalOf = (id: OrderId): Journal => {
    const journal = journals.get(id) ?? emptyJournal();
    journals.set(id, journal);
    return journal;
  };
  switch (body.kind) {
    case "order-accepted":
      journalOf(body.orderId).accepted ??= { at, value: null };
      break;
    case "order-refused":
      journalOf(body.orderId).refused ??= { at, value: body };
      break;
    case "step-progress":
      journalOf(body.progress.orderId).progress.push({ at, value: body.progress });
      break;
    case "order-ended":
      journalOf(body.orderId).ended ??= { at, value: body };
      break;
    case "boot-began":
    case "boot-healthy":
    case "content-changed":
    case "leaving":
    case "trust-changed":
    case "trust-refused":
    case "emergency":
    case "hold-changed":
      break;
  }
}

function viewOrder(device: DeviceId, row: MailboxOrder, journal: Journal, witness: Witness): DeviceOrderView {
  const { accepted, refused, ended } = journal;
  const progress = journal.progress.map((said): CheckedProgress => {
    return { ...said, receipt: checkStepReceipt(said.value, device, witness) };
  });
  const order = peek(row.envelope, WaveOrder);
  const statement = peek(row.statement, PlanStatement);
  const of = { device, order: row.order };
  const check = ended === undefined ? undefined : checkReceipt(ended.value.receipt, of, witness);
  return {
    id: row.order,
    plan: row.plan,
    rollout: row.rollout,
    title: statement.title,
    wave: order.wave,
    waveName: statement.waves[order.wave]?.name ?? "?",
    issuedAt: order.issuedAt,
    handedAt: row.handedAt,
    acceptedAt: accepted?.at ?? null,
    endedAt: ended?.at ?? refused?.at ?? null,
    withdrawn: row.withdrawn,
    standing: standingOf(row, journal, check),
    refusal: refused === undefined ? null : { rule: refused.value.rule, because: refused.value.because },
    steps: statement.steps.map((step, i) => viewStep(step, i, progress, check)),
    stepReceipts: chainOf(progress, check),
    receipt: ended === undefined || check === undefined ? null : { envelope: ended.value.receipt, check },
    envelope: row.envelope,
  };
}

function standingOf(
  { status }: MailboxOrder,
  { accepted, refused, progress }: Journal,
  check: ReceiptCheck | undefined,
): OrderStanding {
  if (check !== undefined) return check.kind === "verified" ? check.receipt.outcome : "unproven";
  if (refused !== undefined) return refused.value.rule === "withdrawn" ? "stopped" : "refused";
  if (accepted !== undefined || progress.length > 0) return "running";
  return status === "ended" ? "recalled" : status;
}

function chainOf(progress: readonly CheckedProgress[], check: ReceiptCheck | undefined): ReceiptChain {
  const broken = (because: string): ReceiptChain => ({ kind: "broken", because });
  let last: string | null = null;
  let count = 0;
  for (const { value, receipt } of progress) {
    if (receipt === null) continue;
    const which = `the receipt of step ${value.step + 1} ("${value.event}")`;
    if (receipt.kind === "unproven") return broken(`${which} proves nothing: ${receipt.because}`);
    if (receipt.previous !== last) return broken(`${which} names one before it that is not here`);
    last = receipt.digest;
    count += 1;
  }
  const named = check?.kind === "verified" ? check.receipt.lastStepReceipt : undefined;
  if (named !== undefined && named !== last) return broken("the order's receipt names a last step that is not here");
  return count > 0 || named !== undefined ? { kind: "whole" } : { kind: "none" };
}

const SAID: Readonly<Record<StepProgress["event"], OrderStepView["outcome"]>> = {
  started: "started",
  done: "done",
  "not-applicable": "not-applicable",
  failed: "failed",
  "undo-started": "undoing",
  undone: "undone",
  "undo-failed": "undo-failed",
};

function viewStep(
  step: OrderStepView["step"],
  index: number,
  progress: readonly CheckedProgress[],
  check: ReceiptCheck | undefined,
): OrderStepView {
  const said = progress.filter(({ value }) => value.step === index);
  const journal = said.map(({ at, value, receipt }) => ({ event: value.event, receivedAt: at, receipt }));
  const last = said.at(-1)?.value;
  const proved = check?.kind === "verified" ? check.receipt.steps[index] : undefined;
  if (proved !== undefined) {
    const { outcome, fault = null, because = null } = proved;
    return { step, outcome, fault, because, journal };
  }
  // What failed stays the reason, also while it is put back.
  const fault = said.findLast(({ value }) => value.fault !== undefined)?.value ?? last;
  return {
    step,
    outcome: last === undefined ? null : SAID[last.event],
    fault: fault?.fault ?? null,
    because: fault?.because ?? null,
    journal,
  };
}
