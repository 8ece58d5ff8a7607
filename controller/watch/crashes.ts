/**
 * What a boot report says of the boots before it, in the controller's time: when each crashed, and by what signal. Pure.
 *
 * A machine that said goodbye did not crash, whatever the log makes of its end; one that was connected crashed when it
 * was last heard; only what nobody heard is dated by its own clock.
 */
import type { BootEnd, BootReport } from "../../protocol/boot.ts";
import { between } from "./clocks.ts";

interface LastSeen {
  /** When its last report came. */
  readonly reportedAt: number;
  /** When it was heard last before it went; 0: it is not known to have gone. */
  readonly goneAt: number;
  readonly saidGoodbye: boolean;
  readonly ourTime: (deviceTime: number) => number;
}
interface SeenCrash {
  readonly signal: "bugcheck" | "restart";
  readonly crashedAt: number;
}

/** @returns oldest first */
export function crashesIn(boot: BootReport, at: number, seen: LastSeen): readonly SeenCrash[] {
  const { earlierBoots = [], crashDumps = [] } = boot.evidence ?? {};
  const ends: readonly { readonly ended: BootEnd; readonly endedAt: number | null }[] =
    earlierBoots.length > 0
      ? earlierBoots
      : [{ ended: boot.previousEnd, endedAt: crashDumps.at(-1)?.crashedAt ?? null }];
  const bootBegan = Math.max(at - boot.uptimeMs, seen.reportedAt);
  let from = Math.min(Math.max(seen.goneAt, seen.reportedAt), bootBegan);
  const crashes: SeenCrash[] = [];
  for (const [i, { ended, endedAt }] of ends.entries()) {
    const isFirst = i === 0;
    const signal = signalOf(ended, isFirst && seen.saidGoodbye, isFirst);
    if (signal === null) continue;
    const wasHeard = isFirst && seen.goneAt > 0 && !seen.saidGoodbye;
    const said = endedAt === null ? bootBegan : seen.ourTime(endedAt);
    // A report may have come in after the gateway heard the last of the line: then it lived until that.
    from = wasHeard ? between(seen.goneAt, seen.reportedAt, bootBegan) : between(said, from, bootBegan);
    crashes.push({ signal, crashedAt: from });
  }
  return crashes;
}

function signalOf({ kind }: BootEnd, saidGoodbye: boolean, isFirst: boolean): SeenCrash["signal"] | null {
  if (kind === "bugcheck") return "bugcheck";
  if (saidGoodbye || kind === "clean" || kind === "planned-restart") return null;
  // Of a boot that was never heard, "unknown" may be any end.
  return kind === "power-loss" || isFirst ? "restart" : null;
}
