/** Puts files of known contents back where they were, out of the quarantine of an earlier plan. */
import type { PlanId } from "../../../protocol/ids.ts";
import type { StepOf } from "../../../protocol/playbook.ts";
import type { FileEffect } from "../../../protocol/progress.ts";
import { nameMatches, splitPath, type WindowsPath } from "../../../protocol/windows-path.ts";
import type { FileFacts, Quarantined, Result } from "../../ports.ts";
import { type Check, fault, OK, type StepContext, type StepPerformer } from "./step.ts";

type Restore = StepOf<"restore-file">;

export const restoreQuarantined = (plan: PlanId): StepPerformer<"restore-file"> => ({
  async check(step, context): Promise<Check> {
    const found = await look(plan, step, context);
    if (found.kind === "fault") return found;
    const { held, standing } = found.value;
    if (held.length > 0)
      return { kind: "work", memo: { kind: "files", files: held.map(({ path, sha256 }) => ({ path, sha256 })) } };
    const mine = standing.filter((file) => isRemembered(file, context));
    if (mine.length > 0) return { kind: "satisfied", files: mine.map(effectOf) };
    return { kind: "nothing-to-do", because: "the quarantine of that plan holds no such file on this machine" };
  },

  async apply(step, context) {
    const found = await look(plan, step, context);
    if (found.kind === "fault") return found;
    for (const entry of found.value.held.filter((candidate) => isRemembered(candidate, context))) {
      const restored = await context.machine.restore(entry);
      if (restored.kind === "fault") return restored;
    }
    return { kind: "applied" };
  },

  async verify(step, context): Promise<Result<readonly FileEffect[]>> {
    const found = await look(plan, step, context);
    if (found.kind === "fault") return found;
    const [due] = found.value.held.filter((entry) => entry.dueAtRestart === true && isRemembered(entry, context));
    if (due !== undefined) return fault("verify-failed", `${due.path} is still to be moved as Windows starts`);
    const mine = found.value.standing.filter((file) => isRemembered(file, context));
    const missing = remembered(context).find(({ path }) => !mine.some((file) => samePath(file.path, path)));
    if (missing !== undefined) return fault("verify-failed", `${missing.path} is not back in its place`);
    return { kind: "ok", value: mine.map(effectOf) };
  },

  /** Back into the quarantine that it came from. */
  async undo(step, context) {
    const found = await look(plan, step, context);
    if (found.kind === "fault") return found;
    for (const file of found.value.standing.filter((candidate) => isRemembered(candidate, context))) {
      const moved = await context.machine.quarantine(plan, file);
      if (moved.kind === "fault") return moved;
    }
    return OK;
  },
});

/** What the quarantine still holds of this step's files, and what stands in their places with those contents. */
async function look(
  plan: PlanId,
  step: Restore,
  { machine }: StepContext,
): Promise<Result<{ readonly held: readonly Quarantined[]; readonly standing: readonly FileFacts[] }>> {
  const entries = await machine.quarantined(plan);
  if (entries.kind === "fault") return entries;
  const files = await machine.files(step.files);
  if (files.kind === "fault") return files;
  return {
    kind: "ok",
    value: {
      // One that waits for the next start to be moved stands in its place now, and would not then.
      held: entries.value.filter((entry) => (entry.held || entry.dueAtRestart === true) && isOfStep(step, entry)),
      standing: files.value.filter(({ sha256 }) => sha256 === step.sha256),
    },
  };
}

function isOfStep(step: Restore, { path, sha256 }: Quarantined): boolean {
  const glob = splitPath(step.files);
  const { folder, name } = splitPath(path);
  return sha256 === step.sha256 && samePath(folder, glob.folder) && nameMatches(glob.name, name);
}

const samePath = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const remembered = ({ memo }: StepContext): readonly { path: WindowsPath }[] =>
  memo.kind === "files" ? memo.files : [];
const isRemembered = (file: Pick<FileFacts, "path">, context: StepContext): boolean =>
  remembered(context).some(({ path }) => samePath(path, file.path));
const effectOf = ({ path, sha256, sizeBytes }: FileFacts): FileEffect => ({
  path,
  sha256,
  sizeBytes,
  effect: "restored",
});
