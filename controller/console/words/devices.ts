/** Facts of a device in words: how its last boot ended, whether it is connected. */
import { IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { BootEnd } from "../../../protocol/boot.ts";

/** For the filters of a list. */
export const CONNECTED = { yes: "Connected", no: "Not connected" } as const;
export const CRASHED = { yes: "Crashed, not well since", no: "Not crashed" } as const;

export const GONE = "not heard for more than a day";

export function bootEndWords(end: BootEnd | null): string {
  if (end === null) return "not known";
  switch (end.kind) {
    case "clean":
      return "clean";
    case "planned-restart":
      return "planned restart";
    case "power-loss":
      return "power lost";
    case "bugcheck":
      return `bugcheck 0x${end.bugcheck.code}`;
    case "unknown":
      return "not known";
    default:
      return assertNever(end);
  }
}

export const connectionWords = (connected: boolean) =>
  connected
    ? ({ word: CONNECTED.yes, tone: "good", Icon: IconPlugConnected } as const)
    : ({ word: CONNECTED.no, tone: "idle", Icon: IconPlugConnectedX } as const);
