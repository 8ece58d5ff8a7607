/**
 * What the machines of a drill and their gateways say, for whoever wants to hear it: said to a real controller these words
 * lead to the same verdict.
 */
import type { Leaving } from "../detection/types.ts";
import { SECOND } from "./calendar.ts";
import { habit } from "./dice.ts";

export type Goodbye = Exclude<Leaving, "dropped">;

/** A version as a machine names it; `writtenAt` by its own clock, which goes right. */
export interface SaidVersion {
  readonly name: string;
  readonly product: number;
  readonly writtenAt: number;
}
/** How the boot before ended, without a goodbye. `wasHeard`: its agent had been connected in it. */
export interface SaidCrash {
  readonly signal: "bugcheck" | "restart";
  readonly endedAt: number;
  readonly wasHeard: boolean;
  /** The product that the crash dump points at. */
  readonly product: number | null;
}
/** What an agent or its gateway says, at that moment. Times in milliseconds since 1970. */
export interface Words {
  /** @param replacedHeardAt when the connection was heard last whose place this one takes; null: there was none */
  connected(at: number, device: number, gateway: number, replacedHeardAt: number | null): void;
  dropped(at: number, device: number, lastHeardAt: number): void;
  leaving(at: number, device: number, how: Goodbye): void;
  tookContent(at: number, device: number, version: SaidVersion): void;
  booted(at: number, device: number, content: readonly SaidVersion[], crash: SaidCrash | null): void;
  /** The controller did not listen. */
  deaf(at: number, from: number): void;
}

/** How long a machine has run when it says that it has booted. */
export const UPTIME_TICKS = 20 * SECOND;

/** One machine in fifty does not say what hardware it is. */
export const saysModel = (device: number): boolean => habit(device, 21) >= 0.02;
