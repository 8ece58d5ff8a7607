/** Installs an update out of one file that lies on the machine, if it is exactly the file that was approved. */
import { WindowsGlob } from "../../../protocol/windows-path.ts";
import { fault, OK, type StepPerformer } from "./step.ts";

export const installUpdate: StepPerformer<"install-update"> = {
  async check({ update, file, sha256 }, { machine, memo }) {
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    if (found.value?.state === "uninstall-pending")
      return fault(
        "unexpected",
        `${update} waits for a restart to be removed; restart the machine, then order this again`,
      );
    if (found.value?.state === "install-pending" || (found.value !== undefined && memo.kind === "changed"))
      return { kind: "satisfied", files: [] };
    if (found.value !== undefined) return { kind: "nothing-to-do", because: `${update} is installed already` };
    const files = await machine.files(WindowsGlob.parse(file));
    if (files.kind === "fault") return files;
    const [there] = files.value;
    if (there === undefined) return fault("not-found", `there is no ${file} on this machine: bring it there first`);
    if (there.sha256 !== sha256)
      return fault("file-changed", `${file} is another file than the one that was approved: ${there.sha256}`);
    return { kind: "work", memo: { kind: "changed" } };
  },

  async apply({ file, sha256, withinMs }, { machine }) {
    const installed = await machine.updates.install(file, sha256, withinMs);
    return installed.kind === "fault" ? installed : { kind: "applied" };
  },

  async verify({ update }, { machine }) {
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    return found.value?.state === "installed" || found.value?.state === "install-pending"
      ? { kind: "ok", value: [] }
      : fault(
          "verify-failed",
          `${update} is not there after it was installed, and no restart is due that would bring it`,
        );
  },

  async undo({ update, withinMs }, { machine, memo }) {
    if (memo.kind !== "changed") return OK;
    const found = await machine.updates.find(update);
    if (found.kind === "fault") return found;
    if (found.value === undefined || found.value.state === "uninstall-pending") return OK;
    if (found.value.permanentBecause !== undefined)
      return fault("permission-denied", `${update} cannot be removed again: ${found.value.permanentBecause}`);
    const removed = await machine.updates.remove(update, withinMs);
    return removed.kind === "fault" ? removed : OK;
  },
};
