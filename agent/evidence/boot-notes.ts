/** What is gathered about one boot while the marks of a log go by. Pure data, changed by boot-fold.ts alone. */
import type { BootKind } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";
import type { BootMark } from "./boot-marks.ts";

/** What is known of one boot. */
export interface BootNotes {
  /** Undefined for a boot of which the log does not show the beginning. */
  readonly signs: Set<StartSign> | undefined;
  kernelStart: Extract<BootMark, { kind: "kernel-started" }> | undefined;
  firstAt: Instant | null;
  /** When the event log's service began; undefined until it has. */
  logStartAt: Instant | null | undefined;
  type: BootKind;
  /** What this boot says of the one before it. */
  lastAlive: Instant | null;
  foundUnexpected: boolean;
  dirty: Extract<BootMark, { kind: "dirty-start" }> | undefined;
  reported: Extract<BootMark, { kind: "bugcheck-reported" }> | undefined;
  lastShutdownGood: boolean | undefined;
  /** What it says of its own end. */
  asked: Extract<BootMark, { kind: "end-asked-for" }> | undefined;
  action: Extract<BootMark, { kind: "power-action" }> | undefined;
  kernelStop: Extract<BootMark, { kind: "kernel-stopped" }> | undefined;
  logStop: BootMark | undefined;
  sleep: BootMark | undefined;
}

/** The kernel's first record, Kernel-Boot 27, and the records of the event log's service. */
export type StartSign = "kernel" | "type" | "start" | "version" | "unexpected-end";

/** The kernel of the boot before went on. */
export const isResume = (type: BootKind): boolean => type === "hybrid" || type === "hibernate-resume";

export function notes(signs: Set<StartSign> | undefined, firstAt: Instant | null): BootNotes {
  return {
    signs,
    kernelStart: undefined,
    firstAt,
    logStartAt: undefined,
    type: "unknown",
    lastAlive: null,
    foundUnexpected: false,
    dirty: undefined,
    reported: undefined,
    lastShutdownGood: undefined,
    asked: undefined,
    action: undefined,
    kernelStop: undefined,
    logStop: undefined,
    sleep: undefined,
  };
}
