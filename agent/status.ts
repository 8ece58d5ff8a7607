/** What the agent's records on a machine say, for a person who stands at it. Reads only; the agent may be running. */
import { join } from "node:path";
import { z } from "zod";
import { starterRoles } from "../protocol/trust-document.ts";
import { FILES } from "./adapters/files.ts";
import { readRecords } from "./adapters/record-log.ts";
import { beliefIn, readConfig } from "./adapters/state-folder.ts";
import { type BeliefRecord, beliefOf, versionsOf } from "./core/belief.ts";
import { type BootRecord, foldBoots } from "./core/boot-ledger.ts";
import { ContentRecord, foldContent } from "./core/content-ledger.ts";
import { foldJournal, type Journal, type OrderState } from "./core/journal.ts";
import { JournalRecord } from "./core/journal-records.ts";
import { foldOutbox, OutboxRecord } from "./core/outbox-fold.ts";

export interface Status {
  readonly device: string;
  readonly controllers: readonly string[];
  /** Null: it cannot be read, so the device believes nobody. Times are as ISO 8601; versions 0 where there is none yet. */
  readonly trust: TrustView | null;
  readonly boots: {
    readonly counted: number;
    readonly tries: number;
    readonly last: readonly { readonly bootId: string; readonly bootedAt: string; readonly good: boolean }[];
  };
  readonly content: readonly { readonly source: string; readonly label: string; readonly path: string }[];
  /** Null: there is no outbox yet. `dropped`: boot reports that had to make room. */
  readonly outbox: { readonly waiting: number; readonly dropped: number } | null;
  readonly order: OrderView | null;
  readonly lastOrder: OrderView | null;
  readonly lastRefusal: { readonly order: string; readonly rule: string; readonly because: string } | null;
  /** What could not be read, if anything. */
  readonly faults: readonly string[];
}
interface TrustView {
  readonly trustVersion: number;
  readonly expiresAt: string | null;
  readonly isExpired: boolean;
  readonly policyVersion: number;
  /** The roles in which a key counts that the controller made for itself; null without a document. */
  readonly starterRoles: readonly string[] | null;
  /** When a controller was last logged in to, by this device's clock; null for never. */
  readonly heardAt: string | null;
  /** The latest time that an online key has signed with an order that was taken here; null for none. */
  readonly signedAt: string | null;
}
interface OrderView {
  readonly order: string;
  readonly plan: string;
  readonly outcome: string | null;
  readonly withdrawn: boolean;
  readonly steps: readonly {
    readonly kind: string;
    readonly status: string;
    readonly because: string | null;
    readonly files: readonly string[];
  }[];
}

const LAST_BOOTS = 5;

/** @throws ConfigInvalid if this is no agent's state folder */
export async function readStatus(folder: string, now = Date.now()): Promise<Status> {
  const config = await readConfig(folder);
  const faults: string[] = [];
  const read = async <Value>(
    name: keyof typeof FILES,
    fold: (records: readonly unknown[]) => Value,
    none: Value,
  ): Promise<Value> => {
    try {
      return fold(await readRecords(join(folder, FILES[name])));
    } catch (error) {
      faults.push(`${FILES[name]}: ${error instanceof Error ? error.message : String(error)}`);
      return none;
    }
  };
  const boots = (await read("boots", (records) => records, [])) as readonly BootRecord[]; // our own ledger
  const good = new Set(boots.flatMap((record) => (record.event === "good" ? [record.bootId] : [])));
  const began = boots.flatMap((record) => (record.event === "began" ? [record.boot] : []));
  const ledger = foldBoots(boots);
  const content = await read("content", (records) => foldContent(z.array(ContentRecord).parse(records)), undefined);
  const outbox = await read("outbox", (records) => foldOutbox(z.array(OutboxRecord).parse(records)), undefined);
  const journal = await read("journal", (records) => foldJournal(z.array(JournalRecord).parse(records)), undefined);
  const believed = await beliefIn(folder, {
    info: () => undefined,
    warn: () => undefined,
    error: (message, { because } = {}) => faults.push(`${FILES.belief}: ${message}: ${String(because)}`),
  }).read();
  const ended = [...(journal?.orders.values() ?? [])].filter(({ end }) => end !== undefined).at(-1);
  const refused = [...(journal?.refused ?? [])].at(-1);
  return {
    device: config.deviceId,
    controllers: config.controllers,
    trust: believed === undefined ? null : trustView(believed, journal, now),
    boots: {
      counted: ledger.boots,
      tries: ledger.tries,
      last: began.slice(-LAST_BOOTS).map(({ bootId, bootedAt }) => {
        return { bootId, bootedAt: new Date(bootedAt).toISOString(), good: good.has(bootId) };
      }),
    },
    content: [...(content?.versions.values() ?? [])].map(({ source, label, path }) => ({ source, label, path })),
    outbox: outbox === undefined ? null : { waiting: outbox.reports.length, dropped: outbox.head.dropped },
    order: journal?.underWay === undefined ? null : viewOf(journal.underWay),
    lastOrder: ended === undefined ? null : viewOf(ended),
    lastRefusal: refused === undefined ? null : { order: refused[0], ...refused[1] },
    faults,
  };
}

function trustView(record: BeliefRecord, journal: Journal | undefined, now: number): TrustView {
  const { trustVersion, policyVersion } = versionsOf(record);
  const document = beliefOf(record)?.trust;
  const floors = [...(journal?.orders.values() ?? [])].map(({ freshAt }) => freshAt);
  return {
    trustVersion,
    expiresAt: document === undefined ? null : iso(document.expiresAt),
    isExpired: document !== undefined && now >= document.expiresAt,
    policyVersion,
    starterRoles: document === undefined ? null : starterRoles(document),
    heardAt: record.heardAt === null ? null : iso(record.heardAt),
    signedAt: floors.length === 0 ? null : iso(Math.max(...floors)),
  };
}

const iso = (instant: number): string => new Date(instant).toISOString();

function viewOf({ orderId, planId, end, withdrawn, steps }: OrderState): OrderView {
  return {
    order: orderId,
    plan: planId,
    outcome: end?.outcome ?? null,
    withdrawn,
    steps: steps.map(({ step, status, failure, because, files }) => {
      const paths = files.map(({ path }) => path);
      return { kind: step.kind, status, because: failure?.because ?? because ?? null, files: paths };
    }),
  };
}

export function tellStatus({
  device,
  controllers,
  trust,
  boots,
  content,
  outbox,
  order,
  lastOrder,
  lastRefusal,
  faults,
}: Status): string {
  const lines = [
    `Device      ${device}`,
    `Controller  ${controllers.join(", ")}`,
    ...trustLines(trust),
    `Boots       ${boots.counted} counted; ${boots.tries === 0 ? "the last one is good" : `${boots.tries} since the last good one`}`,
    ...boots.last.map(
      ({ bootId, bootedAt, good }) => `            ${bootedAt}  ${good ? "good    " : "not good"}  ${bootId}`,
    ),
    `Content     ${content.length === 0 ? "nothing known" : `${content.length} watched file${content.length === 1 ? "" : "s"}`}`,
    ...content.map(({ source, label, path }) => `            ${source} ${label}  ${path}`),
    `Outbox      ${outbox === null ? "not there yet" : waitingWords(outbox)}`,
    ...(order === null ? ["Order       none is under way"] : orderLines("Order", order)),
    ...(lastOrder === null ? [] : orderLines("Last order", lastOrder)),
    ...(lastRefusal === null
      ? []
      : [`Refused     ${lastRefusal.order}: ${lastRefusal.because} (rule ${lastRefusal.rule})`]),
    ...faults.map((fault) => `NOT READABLE  ${fault}`),
  ];
  return `${lines.join("\n")}\n`;
}

function trustLines(trust: TrustView | null): string[] {
  if (trust === null) return ["Trust       CANNOT BE READ: this device believes nobody, so it takes no orders"];
  const { trustVersion, expiresAt, isExpired, policyVersion, starterRoles: roles, heardAt, signedAt } = trust;
  const believes =
    expiresAt === null
      ? "no document has come yet: no orders are taken"
      : isExpired
        ? `document ${trustVersion} EXPIRED at ${expiresAt}: no orders are taken until its roots renew it`
        : `document ${trustVersion}, good until ${expiresAt}`;
  const policy = policyVersion === 0 ? "NONE is believed: nothing is allowed" : `${policyVersion} is in force`;
  const keys =
    roles === null
      ? "not known"
      : roles.length === 0
        ? "none counts: people hold all the keys"
        : `COUNT for ${roles.join(", ")}: whoever has the controller has these`;
  return [
    `Trust       ${believes}`,
    `Policy      ${policy}`,
    `Starter keys ${keys}`,
    `Heard       ${heardAt === null ? "no controller yet" : `a controller last at ${heardAt}, by this device's clock`}`,
    `Signed time ${signedAt ?? "none has come with an order yet"}`,
  ];
}

/** Acknowledged reports leave the file now and then only, so the number is an upper bound. */
const waitingWords = ({ waiting, dropped }: NonNullable<Status["outbox"]>): string =>
  `at most ${waiting} reports wait to be acknowledged${dropped === 0 ? "" : `; ${dropped} boot reports had to make room`}`;

function orderLines(title: string, { order, plan, outcome, withdrawn, steps }: OrderView): string[] {
  const state = outcome ?? (withdrawn ? "withdrawn, coming to a safe point" : "under way");
  return [
    `${title.padEnd(12)}${order}: ${state} (plan ${plan})`,
    ...steps.flatMap(({ kind, status, because, files }, i) => [
      `            ${i + 1}. ${kind}: ${status}${because === null ? "" : `; ${because}`}`,
      ...files.map((path) => `               ${path}`),
    ]),
  ];
}
