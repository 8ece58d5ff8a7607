/**
 * Puts one file back out of the copies that the machine keeps of what was there in good boots.
 *
 * Only where the vendor documents that older contents may be put back, and only where this plan has changed something: a
 * machine that had nothing wrong gets nothing old.
 */
import type { StepOf } from "../../../protocol/playbook.ts";
import { WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import type { FileFacts, Result } from "../../ports.ts";
import { fault, OK, type StepContext, type StepPerformer } from "./step.ts";

type Restore = StepOf<"restore-file">;

export const restoreKnownGood: StepPerformer<"restore-file"> = {
  async check(step, context) {
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    const { files, sha256 } = step;
    if (there.value?.sha256 === sha256)
      return context.memo.kind === "files"
        ? { kind: "satisfied", files: [effectOf(there.value)] }
        : { kind: "nothing-to-do", because: `${files} is in its place with these contents` };
    if (context.changedIn === undefined)
      return { kind: "nothing-to-do", because: "this plan has changed nothing on this machine" };
    if (context.notRestorableBecause !== undefined) return fault("permission-denied", context.notRestorableBecause);
    if (there.value !== undefined) return fault("file-changed", `another file stands at ${files}; it is left as it is`);
    const kept = await context.machine.knownGood.holds(sha256);
    if (kept.kind === "fault") return kept;
    if (!kept.value)
      return { kind: "nothing-to-do", because: "this machine has no known-good copy with these contents" };
    return { kind: "work", memo: { kind: "files", files: [{ path: pathOf(step), sha256 }] } };
  },

  async apply(step, { machine }) {
    const back = await machine.knownGood.putBack(pathOf(step), step.sha256);
    return back.kind === "fault" ? back : { kind: "applied" };
  },

  async verify(step, context) {
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    return there.value?.sha256 === step.sha256
      ? { kind: "ok", value: [effectOf(there.value)] }
      : fault("verify-failed", `${step.files} is not in its place with these contents after it was put back`);
  },

  /** The copy that this step has made goes into the quarantine: nothing is deleted. */
  async undo(step, context) {
    if (context.memo.kind !== "files") return OK;
    const there = await standing(step, context);
    if (there.kind === "fault") return there;
    return there.value?.sha256 === step.sha256 ? context.machine.quarantine(context.planId, there.value) : OK;
  },
};

async function standing({ files }: Restore, { machine }: StepContext): Promise<Result<FileFacts | undefined>> {
  const found = await machine.files(WindowsGlob.parse(files));
  return found.kind === "fault" ? found : { kind: "ok", value: found.value[0] };
}

/** It names one file: the schema lets no * and no ? through. */
const pathOf = ({ files }: Restore): WindowsPath => WindowsPath.parse(files);

const effectOf = ({ path, sha256, sizeBytes }: FileFacts) => ({ path, sha256, sizeBytes, effect: "restored" }) as const;
