/** Runs orders on a fake machine as the agent does, process after process, without a network. */
import type { JournalEntry } from "../../agent/core/journal-records.ts";
import { reportOf } from "../../agent/core/report-of.ts";
import { JournalBook } from "../../agent/shell/journal-book.ts";
import { Outbox } from "../../agent/shell/outbox.ts";
import { runOrder } from "../../agent/shell/run-order.ts";
import type { RunPorts } from "../../agent/shell/step-context.ts";
import { SafeModeGuard } from "../../agent/shell/safe-mode-guard.ts";
import type { OrderedHolds } from "../../agent/shell/steps/step.ts";
import { type Machine, RecordNotWritten } from "../../agent/ports.ts";
import { open, PAYLOAD_TYPES, payloadDigest, peek } from "../../protocol/dsse.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { EpochId, type OrderId } from "../../protocol/ids.ts";
import { type Order, PlanStatement } from "../../protocol/plan.ts";
import { Receipt, StepReceipt } from "../../protocol/progress.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { type FakeMachine, PowerLost } from "./fake-machine.ts";
import { aKey } from "./keys.ts";
import { DEVICE, SOURCE } from "./signed-order.ts";
import { silentLog } from "./silent-log.ts";

/** One process: opens the records, takes up or takes on the order, and goes as far as it can. */
async function live(machine: FakeMachine, order: Order): Promise<"ended" | "ending"> {
  const { machine: fake, records, clock } = machine.start();
  const ports = machine.body === undefined ? fake : await machine.body(await fake.kernelBoot());
  const epoch = EpochId.parse("epoch_00000000000000000000000000");
  const outbox = await Outbox.open(records.outbox, () => epoch, silentLog);
  const { bootId, mode } = await ports.kernelBoot();
  const book = await JournalBook.open(
    records.journal,
    clock,
    bootId,
    { deviceId: DEVICE, signer: aKey("device") },
    async (record) => {
      const body = reportOf(record);
      if (body !== undefined) await outbox.put(body, { of: "journal", is: record.n });
    },
    outbox.numberOf("journal"),
  );
  const safeMode = new SafeModeGuard(ports, mode, silentLog);
  await safeMode.atStart(book.state);
  const { planId, steps, generation } = peek(order.statement, PlanStatement);
  if (book.state.underWay !== undefined)
    await whenThereIsRoom(machine, () => book.append({ event: "resumed", orderId: order.orderId }));
  else if (!book.state.orders.has(order.orderId)) {
    const digest = payloadDigest(order.order);
    const accepted: JournalEntry = {
      event: "accepted",
      orderId: order.orderId,
      digest,
      planId,
      source: SOURCE,
      generation,
      issuedAt: clock.now(),
      freshAt: clock.now(),
      steps,
    };
    await whenThereIsRoom(machine, async () => {
      // It may stand in the journal, and only its report had no room.
      if (!book.state.orders.has(order.orderId)) await book.append(accepted);
    });
  }
  const run: RunPorts = {
    machine: ports,
    clock,
    holds: holdsOf(machine, ports),
    safeMode,
    sources: machine.sources,
    signer: aKey("device"),
    deviceId: DEVICE,
    bootId,
    pollEveryMs: 1_000,
  };
  const noteNews = async (): Promise<void> => {
    const { underWay } = book.state;
    if (underWay === undefined || underWay.withdrawn || machine.effects.length < machine.withdrawnAfterEffects) return;
    await book.append({ event: "withdrawn", orderId: underWay.orderId });
  };
  for (;;) {
    const standing = await whenThereIsRoom(machine, () => runOrder(book, run, noteNews));
    if (standing.kind === "idle") return "ended";
    if (standing.kind === "ending") return "ending";
    await machine.advance(standing.againInMs);
  }
}

/** As the order desk does: what cannot be written now is tried again. */
async function whenThereIsRoom<Value>(machine: FakeMachine, work: () => Promise<Value>): Promise<Value> {
  for (let tries = 0; tries < 10; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RecordNotWritten)) throw error;
      await machine.advance(10_000);
    }
  }
  throw new Error("the disk never has room again");
}

/** What orders hold, remembered on the fake machine itself. */
const holdsOf = ({ held }: FakeMachine, machine: Machine): OrderedHolds => ({
  isHeld: (source) => held.has(source),
  hold: (source) => machine.hold(source),
  release: (source) => machine.releaseHold(source),
});

/**
 * Boots and lives until the order has ended, whatever happens to the power.
 *
 * @param dies what a cut that was asked for takes: the power, or the agent's process alone
 */
export async function carryOut(
  machine: FakeMachine,
  order: Order,
  dies: "machine" | "process" = "machine",
): Promise<void> {
  for (let boots = 0; boots < 200; boots++) {
    try {
      if ((await live(machine, order)) === "ended") return;
      machine.boot({ kind: "planned-restart" });
    } catch (error) {
      if (error instanceof RecordNotWritten) {
        await machine.advance(60_000); // it could not even start; Windows starts it again
        continue;
      }
      if (!(error instanceof PowerLost)) throw error;
      if (dies === "machine") machine.losePower();
      else machine.loseProcess();
    }
  }
  throw new Error("the order never ends");
}

const reportsOf = (machine: FakeMachine): ReportBody[] =>
  machine.logs.outbox.flatMap((line) => {
    const record = JSON.parse(line) as { event: string; text: string };
    return record.event === "report" ? [(JSON.parse(record.text) as { body: ReportBody }).body] : [];
  });

export function receiptOf(machine: FakeMachine, orderId: OrderId): Pick<Receipt, "outcome" | "steps"> {
  const ends = reportsOf(machine).filter((body) => body.kind === "order-ended" && body.orderId === orderId);
  const [end] = ends;
  if (end?.kind !== "order-ended" || ends.length > 1) throw new Error(`the order has ${ends.length} receipts`);
  const { outcome, steps } = peek(end.receipt, Receipt);
  return { outcome, steps };
}

/** What the receipts of an order's steps say, in their order; each must be signed and name the one before it. */
export function stepReceiptsOf(machine: FakeMachine, orderId: OrderId): string[] {
  let previous: string | null = null;
  const said = reportsOf(machine).flatMap((body) => {
    if (body.kind !== "step-progress" || body.progress.orderId !== orderId) return [];
    const { receipt, event, step } = body.progress;
    if (receipt === undefined) return event.endsWith("started") ? [] : [`${step} ${event} without a receipt`];
    const { publicKey } = aKey("device");
    const opened = open(receipt, PAYLOAD_TYPES.stepReceipt, StepReceipt, (_key, bytes, sig) =>
      verifyRaw("p256", publicKey, bytes, sig),
    );
    if (opened.kind === "refused") throw new Error(opened.because);
    if (opened.body.previous !== previous) throw new Error(`the receipt of ${step} ${event} names another one`);
    previous = opened.digest;
    return [`${opened.body.step} ${opened.body.event} ${opened.body.files.map(({ effect }) => effect).join()}`];
  });
  const end = reportsOf(machine).find((body) => body.kind === "order-ended" && body.orderId === orderId);
  if (end?.kind !== "order-ended" || peek(end.receipt, Receipt).lastStepReceipt !== previous)
    throw new Error("the order's receipt names another last one");
  return said;
}

/** What people hear of an order, without the wording. */
export const heardOf = (machine: FakeMachine): string[] =>
  reportsOf(machine).map((body) =>
    body.kind === "step-progress" ? `${body.progress.step} ${body.progress.event}` : body.kind,
  );
