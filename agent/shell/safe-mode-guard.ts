/**
 * What is known of safe mode in this process, and the calls that change it. What is to be done is decided in
 * `core/safe-mode.ts`.
 *
 * Invariant: the first thing done in safe mode is to clear the setting that led there, before anything is written down:
 * a full disk must not keep a machine in safe mode.
 */
import type { Journal } from "../core/journal.ts";
import { type BootMode, hasSetSafeMode, isSafe, mayHaveLeftSafeMode, type SafeMode } from "../core/safe-mode.ts";
import type { Log, Machine, Result } from "../ports.ts";

const REASON = "This computer restarts out of safe mode after a change ordered by its administrators.";

export class SafeModeGuard {
  readonly mode: BootMode;
  private readonly machine: Machine;
  private readonly log: Log;
  /** Is it known that the next start is normal? */
  private cleared = false;
  private hasStarted = false;

  constructor(machine: Machine, mode: BootMode, log: Log) {
    this.machine = machine;
    this.mode = mode;
    this.log = log;
  }

  get isCleared(): boolean {
    return this.cleared;
  }

  /** Once a process, before its first record. @param journal undefined: nobody knows what orders have set */
  async atStart(journal: Journal | undefined): Promise<void> {
    if (this.hasStarted) return;
    this.hasStarted = true;
    const { underWay } = journal ?? {};
    const isByOrder = underWay !== undefined && hasSetSafeMode(underWay);
    if (isByOrder && isSafe(this.mode)) {
      await this.clear();
      return;
    }
    if (isByOrder || (journal !== undefined && !mayHaveLeftSafeMode(journal))) return;
    const next = await this.machine.safeModes.next();
    if (next.kind === "ok" && next.value === undefined) this.cleared = true;
    else await this.clear();
  }

  async setOnce(mode: SafeMode): Promise<Result<void>> {
    this.cleared = false;
    return this.machine.safeModes.setOnce(mode);
  }

  async clear(): Promise<Result<void>> {
    const done = await this.machine.safeModes.clear();
    this.cleared = done.kind === "ok";
    if (done.kind === "fault") this.log.error("safe mode could not be cleared", { because: done.because });
    return done;
  }

  /** Clears the setting and, in safe mode, asks for the restart out of it. */
  async leave(): Promise<Result<"left" | "restarting">> {
    const cleared = this.cleared ? ({ kind: "ok", value: undefined } as const) : await this.clear();
    if (cleared.kind === "fault") return cleared;
    if (!isSafe(this.mode)) return { kind: "ok", value: "left" };
    const asked = await this.machine.restart(0, REASON);
    if (asked.kind === "ok") return { kind: "ok", value: "restarting" };
    this.log.error("the machine could not be restarted out of safe mode", { because: asked.because });
    return asked;
  }
}
