/** The restarts into and out of safe mode that no step of the plan asks for. */
import type { OrderState } from "../core/journal.ts";
import { mustLeave, type WayIn } from "../core/safe-mode.ts";
import type { Fault } from "../ports.ts";
import type { JournalBook } from "./journal-book.ts";
import type { RunPorts } from "./step-context.ts";
import { fault } from "./steps/step.ts";

/** Where the run stands when it hands back control. */
export type Standing =
  | { readonly kind: "idle" }
  | { readonly kind: "waits"; readonly againInMs: number }
  /**
   * A restart was asked for: this process is to be ended from outside within this time; if it is not, `step` has failed.
   * No step: the restart leads into or out of safe mode for what is under way, and is asked for again.
   */
  | { readonly kind: "ending"; readonly step: number | undefined; readonly withinMs: number };

/** From the end of the notice until this process must be gone. Windows installs updates in between. */
export const SHUTDOWN_MS = 15 * 60_000;
const LEAVE_AGAIN_MS = 10_000;

/** The machine went through a start of its own since it was brought there, by a power cut for instance. */
export async function goBackIntoSafeMode(
  { safeMode, machine }: RunPorts,
  { withdrawn }: OrderState,
  { mode, reboot }: WayIn,
): Promise<Extract<Standing, { kind: "ending" }> | Fault> {
  if (withdrawn)
    return fault(
      "unexpected",
      "the machine has left safe mode, and the order was withdrawn: it does not go back there",
    );
  const set = await safeMode.setOnce(mode);
  const asked = set.kind === "fault" ? set : await machine.restart(reboot.noticeMs, INTO_SAFE_MODE);
  return asked.kind === "fault" ? asked : { kind: "ending", step: undefined, withinMs: reboot.noticeMs + SHUTDOWN_MS };
}
const INTO_SAFE_MODE =
  "This computer restarts into safe mode for a short time, for a change ordered by its administrators.";

/** Before an order ends. Undefined: there is nothing to leave, or no hope to. */
export async function leaveSafeMode(
  book: JournalBook,
  ports: RunPorts,
  order: OrderState,
): Promise<Standing | undefined> {
  const { safeMode } = ports;
  if (!mustLeave(order, safeMode.mode, safeMode.isCleared)) return undefined;
  await book.append({ event: "leaving", orderId: order.orderId });
  const left = await safeMode.leave();
  if (left.kind === "fault") return { kind: "waits", againInMs: LEAVE_AGAIN_MS };
  return left.value === "restarting" ? { kind: "ending", step: undefined, withinMs: SHUTDOWN_MS } : undefined;
}
