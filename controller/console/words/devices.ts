/** How a device's last boot ended, and whether it is connected, in words. */
import { IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { BootEnd } from "../../../protocol/boot.ts";

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
    ? ({ word: "Connected", tone: "good", Icon: IconPlugConnected } as const)
    : ({ word: "Not connected", tone: "idle", Icon: IconPlugConnectedX } as const);
