/** What all connections of a gateway share, and what the parts of one connection may ask of it. */
import type { Clock, Random } from "../ports.ts";
import type { Precautions } from "../ports/precautions.ts";
import type { Store } from "../store.ts";
import type { Admission } from "./admission.ts";
import type { GatewayCounters } from "./counters.ts";
import type { Ingest } from "./ingest.ts";
import type { GatewayLimits } from "./limits.ts";
import type { GatewayLog } from "./log.ts";
import type { GatewayTrust } from "./trust-frames.ts";
import type { Logins } from "./logins.ts";
import type { Tickets } from "./tickets.ts";

export interface Shared {
  readonly store: Pick<Store, "takeMailbox">;
  readonly trust: GatewayTrust;
  readonly precautions: Pick<Precautions, "frames">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  readonly ingest: Ingest;
  readonly logins: Logins;
  readonly pulls: Admission;
  readonly tickets: Tickets;
  /** Steps of the gateway's timer since it started. */
  readonly beat: number;
  /** What a connection may send in one beat, in frames. */
  readonly framesPerBeat: number;
}

export interface Connection {
  /** Logged in and not closed. */
  readonly isLive: boolean;
  /** Does nothing once the connection is closed. */
  send(frame: string): void;
  /** Ends the connection. What it brought before stays on its way to the store. */
  close(code: number, reason: string): void;
  /** Ends it because of what the peer sent. */
  refuse(code: number, reason: string): void;
  /** Ends it because we cannot go on now; the peer comes again. */
  turnAway(reason: string): void;
}

/** For agents' logs. It says "nothing is lost" because nothing was acknowledged. */
export const RECORDS_AWAY = "the controller cannot reach its records now; nothing is lost, try again later";
