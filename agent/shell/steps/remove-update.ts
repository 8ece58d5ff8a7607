/**
 * Takes an update of Windows off. Windows finishes it at the next start, so a restart that is due counts as done here; the
 * plan's own reboot follows. What can be removed, Windows says beforehand.
 */
import { fault, OK, type StepPerformer } from "./step.ts";

export const removeUpdate: StepPerformer<"remove-update"> = {
  async check({ update }, { machine, memo }) {
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    const { value } = found;
    if (value === undefined)
      return memo.kind === "changed"
        ? { kind: "satisfied", files: [] }
        : { kind: "nothing-to-do", because: `${update} is not installed on this machine` };
    if (value.state === "uninstall-pending") return { kind: "satisfied", files: [] };
    if (value.state === "install-pending")
      return fault(
        "unexpected",
        `${update} waits for a restart to be installed; restart the machine, then order this again`,
      );
    if (value.permanentBecause !== undefined)
      return fault("permission-denied", `${update} cannot be removed: ${value.permanentBecause}`);
    // Without the block that follows it would come back: whether that can be had is looked at before anything is removed.
    const blocked = await machine.updates.isBlocked(update);
    return blocked.kind === "fault" ? blocked : { kind: "work", memo: { kind: "changed" } };
  },

  async apply({ update, withinMs }, { machine }) {
    const removed = await machine.updates.remove(update, withinMs);
    return removed.kind === "fault" ? removed : { kind: "applied" };
  },

  async verify({ update }, { machine }) {
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    return found.value === undefined || found.value.state === "uninstall-pending"
      ? { kind: "ok", value: [] }
      : fault("verify-failed", `${update} is still installed, and no restart is due that would remove it`);
  },

  async undo({ update }, { machine, memo }) {
    if (memo.kind !== "changed") return OK;
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    if (found.value?.state === "installed") return OK;
    return fault("not-found", `${update} is off; nothing on this machine could install it again`);
  },
};
