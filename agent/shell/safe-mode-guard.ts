/**
 * What is known of safe mode in this process, and the calls that change it. What is to be done is decided in
 * `core/safe-mode.ts`.
 *
 * Invariants: the first thing done in safe mode is to clear the setting that led there, before anything is written down: a
 * full disk must not keep a machine in safe mode. Nor does a lost or damaged journal, or a setting that cannot be cleared:
 * a machine that was brought there by an order leaves, if only its next start is known to be normal.
 */
import type { Journal } from "../core/journal.ts";
import { type BootMode, hasSetSafeMode, isSafe, mayHaveLeftSafeMode, type SafeMode } from "../core/safe-mode.ts";
import type { Log, Machine, Result } from "../ports.ts";

const OK: Result<void> = { kind: "ok", value: undefined };
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
    if (!isByOrder && isSafe(this.mode) && (await this.leavesUnremembered())) return;
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

  /** Before a restart out of safe mode: what cannot be cleared is left for later where the next start is normal all the same. */
  async ensureNormal(): Promise<Result<void>> {
    const cleared = this.cleared ? OK : await this.clear();
    return cleared.kind === "fault" && (await this.isNextNormal()) ? OK : cleared;
  }

  /** Clears the setting and, in safe mode, asks for the restart out of it. */
  async leave(): Promise<Result<"left" | "restarting">> {
    const ready = isSafe(this.mode) ? await this.ensureNormal() : this.cleared ? OK : await this.clear();
    if (ready.kind === "fault") return ready;
    if (!isSafe(this.mode)) return { kind: "ok", value: "left" };
    return this.askToLeave();
  }

  /** An order has brought the machine here, and nothing on its disk tells of it: a disk that is reset at each start, damage. */
  private async leavesUnremembered(): Promise<boolean> {
    const here = await this.machine.safeModes.hasLedHere();
    // Where the next start is in safe mode too, a restart would be the first of many.
    if (here.kind === "fault" || !here.value || !(await this.isNextNormal())) return false;
    this.log.warn("an order that nothing here tells of has brought this machine into safe mode: it leaves");
    const asked = await this.askToLeave();
    await this.clear(); // last: what tells that it was an order is gone then
    return asked.kind === "ok";
  }

  private async isNextNormal(): Promise<boolean> {
    const next = await this.machine.safeModes.next();
    return next.kind === "ok" && next.value === undefined;
  }

  private async askToLeave(): Promise<Result<"restarting">> {
    const asked = await this.machine.restart(0, REASON);
    if (asked.kind === "ok") return { kind: "ok", value: "restarting" };
    this.log.error("the machine could not be restarted out of safe mode", { because: asked.because });
    return asked;
  }
}
