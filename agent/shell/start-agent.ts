/**
 * Puts an agent together and starts it. The order is the point: the ledger entry of this boot, the journal, and only
 * then the network. Knows ports alone, so that the same agent runs on Windows, in the lab and in the simulator.
 */
import { newId } from "../../protocol/ids.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { AgentConfig } from "../config.ts";
import { type BootLedger, foldBoots } from "../core/boot-ledger.ts";
import { JournalCorrupt } from "../core/journal.ts";
import { reportOf } from "../core/report-of.ts";
import { type AgentPorts, RecordNotWritten } from "../ports.ts";
import type { Instant } from "../../protocol/time.ts";
import { timeFloorOf } from "../core/past-orders.ts";
import { announceBoot } from "./announce-boot.ts";
import { BeliefBook } from "./belief-book.ts";
import { busy, CheckDesk } from "./check-desk.ts";
import { judgeBoot, tellHealth } from "./health.ts";
import { HoldBook } from "./hold-book.ts";
import { JournalBook } from "./journal-book.ts";
import { KnownGoodKeeper } from "./keep-known-good.ts";
import { Link, type LinkEvents } from "./link.ts";
import { OrderDesk } from "./order-desk.ts";
import { Outbox } from "./outbox.ts";
import { recordBoot } from "./record-boot.ts";
import { refuseAll } from "./refuse-all.ts";
import { SafeModeGuard } from "./safe-mode-guard.ts";
import { StopBook } from "./stop-book.ts";
import { refusalTeller } from "./tell-refusal.ts";
import { TrustBook } from "./trust-book.ts";
import { Watch } from "./watch.ts";

export interface RunningAgent {
  /** Says goodbye, waits a moment for it to be heard, and lets go of everything. */
  stop(reason: Exclude<Leaving, "sleep">): Promise<void>;
  /** The machine goes to sleep now: says so, as far as there is time, and goes on when the machine does. */
  sleep(): void;
  /** The machine is awake again. */
  wake(): void;
}
type Leaving = Extract<ReportBody, { kind: "leaving" }>["reason"];

/** How long a goodbye may take. Windows gives a service some seconds at shutdown. */
const GOODBYE_MS = 2_000;

/** Resolves when the boot is in the ledger and everything runs. */
export async function startAgent(ports: AgentPorts, config: AgentConfig): Promise<RunningAgent> {
  const { clock, random, records, machine, log } = ports;
  let isStopped = false;
  let forgetTimers: (() => void)[] = [];
  const mustEnd = (error: unknown): void => {
    if (isStopped) return;
    isStopped = true;
    ports.onMustEnd(error);
  };

  const ledger = await ledgerOf(ports);
  const newEpoch = () => newId("epoch", clock.now(), random(10));
  const outbox = await Outbox.open(records.outbox, newEpoch, log);
  const book = await openJournal(ports, config, outbox, ledger);
  const watch = await Watch.open(ports, config.sources, outbox);
  const { signer } = ports;
  const { bootId, mode } = await machine.kernelBoot();
  const safeMode = new SafeModeGuard(machine, mode, log);
  const beliefs = await BeliefBook.open(ports.belief);
  const tellRefusal = refusalTeller(outbox, log);
  const trust = new TrustBook(ports, outbox, beliefs, tellRefusal);
  /** The latest time that anyone names: what has expired by any clock has expired. */
  const latest = (): Instant => {
    const floor = book === undefined ? 0 : timeFloorOf(book.state);
    return Math.max(clock.now(), floor, link.controllerNow ?? 0) as Instant;
  };
  const { verify } = ports;
  const stops = new StopBook(beliefs, outbox, tellRefusal, log, {
    facts: () => ({ trust: trust.belief?.trust, verify, latest: latest() }),
    onStopped: () => desk?.stopEverything(),
    onResumed: () => link.askOnceAllIsTold(),
  });
  const holds = new HoldBook(ports, beliefs, outbox, tellRefusal, {
    facts: () => ({
      belief: trust.belief,
      verify,
      latest: latest(),
      uptime: { bootId, uptimeMs: clock.uptimeMs() },
      knows: (source) => config.sources.some(({ id }) => id === source),
    }),
    mustEnd,
  });
  const { deviceId, sources, pollEveryMs } = config;
  const run = { machine, clock, holds: holds.ordered, safeMode, sources, signer, deviceId, bootId, pollEveryMs };
  if (book === undefined) await safeMode.atStart(undefined);
  const desk =
    book === undefined
      ? undefined
      : new OrderDesk(ports, config, run, book, outbox, {
          belief: () => trust.belief,
          controllerNow: () => link.controllerNow,
          emergency: () => stops.inForce,
          askForOrders: () => link.askOnceAllIsTold(),
          mustEnd,
        });
  const checks = new CheckDesk(ports, config, run, {
    belief: () => trust.belief,
    latest,
    refusal() {
      if (book === undefined)
        return { kind: "refused", rule: "journal-unreadable", because: "the device's journal cannot be right" };
      return book.state.underWay === undefined ? undefined : busy("an order is under way here; ask when it has ended");
    },
  });
  const consider: LinkEvents["onOrders"] =
    desk === undefined ? refuseAll(outbox, mustEnd) : (orders, word) => desk.offer(orders, word);
  // Who a machine is comes before what it does: no order is looked at before the boot's report is in the outbox.
  const announced = Promise.withResolvers<void>();
  // What is not written now comes again with the next login.
  const ifWritten = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      if (!(error instanceof RecordNotWritten)) mustEnd(error);
      else log.error("what the controller sent cannot be written down", { because: error.message });
    });
  };
  const events: LinkEvents = {
    onOrders(orders, word) {
      desk?.hearWithdrawals(orders);
      announced.promise.then(() => consider(orders, word)).catch(mustEnd);
    },
    onStop: (orderIds) => desk?.stopOrders(orderIds),
    onTrust: ({ documents, policy }) => ifWritten(trust.take(documents, policy)),
    onEmergency: (frame) => ifWritten(stops.take(frame)),
    onHold: (frame) => holds.take(frame),
    onCheck: (question) => checks.answer(question),
    onWelcome: () => ifWritten(trust.heard(clock.now())),
    versions: () => trust.versions,
  };
  const link = new Link(ports, config, outbox, events, mustEnd);
  ifWritten(trust.tellWhatIsNew());
  ifWritten(stops.tellWhatIsNew());
  holds.start();

  /** Repeats `task` until it names no next time. A full disk delays it, anything else ends the agent. */
  const repeat = (task: () => Promise<number | undefined>, retryMs: number): void => {
    const round = async (): Promise<void> => {
      let nextMs: number | undefined;
      try {
        nextMs = await task();
      } catch (error) {
        if (!(error instanceof RecordNotWritten)) throw error;
        log.error("a record cannot be written; it is tried again", { because: error.message });
        nextMs = retryMs;
      }
      if (nextMs === undefined || isStopped) return;
      const forget = clock.after(nextMs, () => {
        forgetTimers = forgetTimers.filter((other) => other !== forget);
        round().catch(mustEnd);
      });
      forgetTimers.push(forget);
    };
    round().catch(mustEnd);
  };

  desk?.resume();
  link.start();
  const knownGood = new KnownGoodKeeper(machine, sources, log);
  let isAnnounced = false;
  repeat(async () => {
    await watch.look();
    if (!isAnnounced) {
      if (!outbox.has({ of: "boot-began", is: bootId })) knownGood.noteStart(watch.all);
      await tellHealth(ports, outbox);
      await announceBoot(ports, ledger, watch, outbox);
      isAnnounced = true;
      announced.resolve();
      repeat(async () => {
        const boots = await recordBoot(records.boots, machine);
        const nextMs = await judgeBoot(ports, config, boots);
        await tellHealth(ports, outbox);
        if (nextMs === undefined && mode === "normal" && !boots.lastIsGood) await knownGood.keep();
        return nextMs;
      }, config.pollEveryMs);
    }
    return config.watchEveryMs;
  }, config.watchEveryMs);

  return {
    async stop(reason) {
      if (isStopped) return;
      isStopped = true;
      for (const forget of forgetTimers) forget();
      holds.stop();
      await desk?.stop();
      const isRestart = desk?.isRestarting === true && reason === "shutdown";
      await outbox.put({ kind: "leaving", reason: isRestart ? "restart" : reason }).catch(() => undefined);
      await link.drain(GOODBYE_MS);
      link.stop();
    },
    sleep() {
      if (!isStopped) ifWritten(outbox.put({ kind: "leaving", reason: "sleep" }).then(() => undefined));
    },
    wake() {
      link.reconnect();
    },
  };
}

/** Not being able to write the ledger is told and survived: a full disk must not silence a machine. */
async function ledgerOf({ records, machine, log }: AgentPorts): Promise<BootLedger> {
  try {
    return await recordBoot(records.boots, machine);
  } catch (error) {
    if (!(error instanceof RecordNotWritten)) throw error;
    log.error("this boot could not be entered in the ledger", { because: error.message });
    const entries = await records.boots.read();
    return foldBoots([...entries, { event: "began", n: foldBoots(entries).n + 1, boot: await machine.kernelBoot() }]);
  }
}

/** A journal that cannot be right is left as it is; boots are still reported, orders are refused. */
async function openJournal(
  { records, clock, signer, log }: AgentPorts,
  { deviceId }: AgentConfig,
  outbox: Outbox,
  { last }: BootLedger,
): Promise<JournalBook | undefined> {
  if (last === undefined) throw new Error("the ledger does not know this boot");
  const tell = async (record: Parameters<typeof reportOf>[0]): Promise<void> => {
    const body = reportOf(record);
    if (body !== undefined) await outbox.put(body, { of: "journal", is: record.n });
  };
  try {
    const voucher = { deviceId, signer };
    return await JournalBook.open(records.journal, clock, last.bootId, voucher, tell, outbox.numberOf("journal"));
  } catch (error) {
    if (!(error instanceof JournalCorrupt)) throw error;
    log.error("the journal cannot be right: no order is carried out until a person has looked", {
      because: error.message,
    });
    return undefined;
  }
}
