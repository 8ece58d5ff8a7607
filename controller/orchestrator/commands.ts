/**
 * Turns the engine's commands into one transaction: events, rows and mailbox changes that are stored together.
 *
 * One performer a command: leaving one out does not compile. Performers make no choices; they write down what was
 * decided. Effects on the network (nudges) follow after the commit, and losing them loses nothing.
 */
import type { Envelope } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId } from "../../protocol/ids.ts";
import type { RolloutEvent } from "../../protocol/rollout.ts";
import type { Instant } from "../../protocol/time.ts";
import type { RolloutAppend, RolloutDeviceRow } from "../store/rollouts.ts";
import type { RolloutCommand } from "../rollout/types.ts";

/** What a transaction will hold. */
export interface Draft {
  readonly events: RolloutEvent[];
  readonly rows: Map<DeviceId, RolloutDeviceRow>;
  readonly posts: RolloutAppend["posts"][number][];
  readonly recalls: RolloutAppend["recalls"][number][];
  readonly withdrawals: RolloutAppend["withdrawals"][number][];
}
export const emptyDraft = (): Draft => ({ events: [], rows: new Map(), posts: [], recalls: [], withdrawals: [] });
export const isEmpty = ({ events, rows, posts, recalls, withdrawals }: Draft): boolean =>
  events.length + rows.size + posts.length + recalls.length + withdrawals.length === 0;

/** What performers may look up. */
export interface DraftContext {
  readonly now: Instant;
  readonly plan: RolloutAppend["posts"][number]["plan"];
  readonly row: (device: DeviceId) => RolloutDeviceRow;
  readonly newOrderId: () => OrderId;
  readonly makeOrder: (order: OrderId, device: DeviceId, wave: number) => Envelope;
}

type Performers = {
  readonly [K in RolloutCommand["kind"]]: (
    command: Extract<RolloutCommand, { kind: K }>,
    draft: Draft,
    context: DraftContext,
  ) => void;
};

const performers: Performers = {
  "open-wave": ({ wave, deadline }, { events }, { now }) => {
    events.push({ kind: "wave-opened", at: now, wave, deadline });
  },
  "settle-gate": ({ wave, decision, then }, { events }, { now }) => {
    events.push({ kind: "gate-decided", at: now, wave, decision });
    if (then === "proceed") return;
    const by = { kind: "engine", rule: decision.rule } as const;
    events.push({ kind: then === "halt" ? "halted" : "paused", at: now, by, because: decision.because });
  },
  offer: ({ device, wave, generation }, { rows, posts }, { now, plan, newOrderId, makeOrder }) => {
    const order = newOrderId();
    rows.set(device, {
      device,
      wave,
      status: "offered",
      generation,
      order,
      since: now,
      detail: "the order lies ready for the device",
    });
    posts.push({ device, order, plan, envelope: makeOrder(order, device, wave) });
  },
  recall: ({ device, order }, { rows, recalls }, { now, row }) => {
    rows.set(device, {
      ...row(device),
      status: "waiting",
      order: null,
      since: now,
      detail: "the offer was taken back: the device did not come for it",
    });
    recalls.push({ device, order });
  },
  withdraw: ({ device, order }, { rows, withdrawals }, { row }) => {
    rows.set(device, { ...row(device), detail: "told to take no new step" });
    withdrawals.push({ device, order });
  },
  mark: ({ device, status, because }, { rows }, { now, row }) => {
    rows.set(device, { ...row(device), status, since: now, detail: because });
  },
  complete: ({ because }, { events }, { now }) => {
    events.push({ kind: "completed", at: now, because });
  },
};

export function draftCommands(commands: readonly RolloutCommand[], draft: Draft, context: DraftContext): void {
  for (const command of commands) {
    const perform = performers[command.kind] as (command: RolloutCommand, draft: Draft, context: DraftContext) => void; // the key picks the type
    perform(command, draft, context);
  }
}
