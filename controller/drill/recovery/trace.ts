/** The trace of a rollout: what was decided and what became of each machine, one line each, whoever drove the engine. */
import type { DeviceStatus, RolloutEvent } from "../../../protocol/rollout.ts";
import type { Instant } from "../../../protocol/time.ts";

export const eventLine = (event: RolloutEvent): string => `${event.at} ${JSON.stringify(event)}`;

/** @param at when it was stored @param machine its place in the plan @param since since when it has that status */
export const rowLine = (
  at: Instant,
  machine: number,
  row: { readonly status: DeviceStatus; readonly generation: number; readonly since: Instant },
): string => `${at} machine ${machine} ${row.status} order ${row.generation} since ${row.since}`;
