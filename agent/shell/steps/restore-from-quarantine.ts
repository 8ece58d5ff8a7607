/** Has Microsoft Defender put back a file that it took away by mistake. What comes back must be that very file. */
import type { StepOf } from "../../../protocol/playbook.ts";
import { WindowsGlob } from "../../../protocol/windows-path.ts";
import type { FileFacts, Result } from "../../ports.ts";
import { fault, OK, type StepContext, type StepPerformer } from "./step.ts";

type Restore = StepOf<"restore-from-quarantine">;

export const restoreFromQuarantine: StepPerformer<"restore-from-quarantine"> = {
  async check(step, context) {
    const { file, sha256 } = step;
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    const isMine = context.memo.kind === "files";
    if (there.value?.sha256 === sha256)
      return isMine
        ? { kind: "satisfied", files: [effectOf(there.value)] }
        : { kind: "nothing-to-do", because: `${file} is in its place` };
    if (there.value !== undefined && !isMine)
      return fault("file-changed", `another file stands at ${file} now; it is left as it is`);
    if (there.value !== undefined) return notThisFile(there.value);
    const defender = await context.machine.defender.state();
    if (defender.kind === "fault") return defender;
    if (defender.value === undefined)
      return { kind: "nothing-to-do", because: "Microsoft Defender is not on this machine" };
    return { kind: "work", memo: { kind: "files", files: [{ path: file, sha256 }] } };
  },

  async apply({ threat, file }, { machine }) {
    const restored = await machine.defender.restoreFromQuarantine(threat, file);
    if (restored.kind === "ok") return { kind: "applied" };
    return restored.fault === "not-found" ? { kind: "nothing-to-do", because: restored.because } : restored;
  },

  async verify(step, context) {
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    if (there.value === undefined)
      return fault("verify-failed", `${step.file} is not back; Microsoft Defender may have taken it away again`);
    return there.value.sha256 === step.sha256
      ? { kind: "ok", value: [effectOf(there.value)] }
      : notThisFile(there.value);
  },

  /** Nothing stood there when it was promised: whatever stands there now came back by this step, and goes into quarantine. */
  async undo(step, context) {
    if (context.memo.kind !== "files") return OK;
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    return there.value === undefined ? OK : context.machine.quarantine(context.planId, there.value);
  },
};

async function standing({ file }: Restore, { machine }: StepContext): Promise<Result<FileFacts | undefined>> {
  const files = await machine.files(WindowsGlob.parse(file));
  return files.kind === "fault" ? files : { kind: "ok", value: files.value[0] };
}

const notThisFile = ({ path, sha256 }: FileFacts) =>
  fault("verify-failed", `what came back to ${path} is another file than the one that was approved: ${sha256}`);

const effectOf = ({ path, sha256, sizeBytes }: FileFacts) => ({ path, sha256, sizeBytes, effect: "restored" }) as const;
