/** Restarts the machine, unless it has restarted since the last change: a crash is as good as a restart here. */
import { fault, OK, type StepPerformer } from "./step.ts";

/** From the end of the notice until this process must be gone. Windows installs updates in between. */
const SHUTDOWN_MS = 15 * 60_000;

export const reboot: StepPerformer<"reboot"> = {
  async check(_step, { bootId, changedIn, memo }) {
    if (changedIn !== undefined && changedIn !== bootId) return { kind: "satisfied", files: [] };
    if (memo.kind === "boot" && memo.bootId !== bootId) return { kind: "satisfied", files: [] };
    return { kind: "work", memo: { kind: "boot", bootId } };
  },

  async apply({ noticeMs }, { machine }) {
    const asked = await machine.restart(
      noticeMs,
      "This computer restarts to finish a change ordered by its administrators.",
    );
    return asked.kind === "fault" ? asked : { kind: "ending", withinMs: noticeMs + SHUTDOWN_MS };
  },

  async verify() {
    return fault("verify-failed", "a restart is verified by the next boot alone");
  },
  async undo() {
    return OK;
  },
};
