/** Moves the files that a plan condemns into the quarantine. A name alone never condemns a file. */
import type { StepOf } from "../../../protocol/playbook.ts";
import type { FileEffect } from "../../../protocol/progress.ts";
import { nameMatches, splitPath } from "../../../protocol/windows-path.ts";
import type { FileFacts, Quarantined, Result } from "../../ports.ts";
import { type Check, fault, OK, type StepContext, type StepPerformer } from "./step.ts";

type Quarantine = StepOf<"quarantine-file">;

export const quarantineFile: StepPerformer<"quarantine-file"> = {
  async check(step, context): Promise<Check> {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    const { condemned, held } = found.value;
    if (condemned.length + held.length > step.filesMax)
      return fault(
        "too-many-matches",
        `${condemned.length + held.length} files match ${step.files}, at most ${step.filesMax} were expected`,
      );
    if (condemned.length > 0) return { kind: "work", memo: { kind: "files", files: condemned.map(nameOf) } };
    if (held.length > 0) return { kind: "satisfied", files: held.map(effectOf) };
    return { kind: "nothing-to-do", because: `no file matches ${step.files} with the contents named in the plan` };
  },

  async apply(step, context) {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    // Only what was promised: what came since is for the next check, which counts again.
    for (const file of found.value.condemned.filter((candidate) => isRemembered(candidate, context))) {
      const moved = await move(file, context);
      if (moved.kind === "fault") return moved;
    }
    return { kind: "applied" };
  },

  async verify(step, context): Promise<Result<readonly FileEffect[]>> {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    const { condemned, held } = found.value;
    if (condemned.length > 0)
      return fault("verify-failed", `${condemned[0]?.path} is still there, or has come back, after it was moved`);
    const missing = remembered(context).find(({ path, sha256 }) => !held.some((file) => same(file, { path, sha256 })));
    if (missing !== undefined)
      return fault("verify-failed", `${missing.path} is neither in its place nor in the quarantine`);
    return { kind: "ok", value: held.map(effectOf) };
  },

  async undo(_step, context) {
    const entries = await context.machine.quarantined(context.planId);
    if (entries.kind === "fault") return entries;
    for (const entry of entries.value.filter((candidate) => isTaken(candidate) && isRemembered(candidate, context))) {
      const restored = await context.machine.restore(entry);
      if (restored.kind === "fault") return restored;
    }
    return OK;
  },

  async afterRestart(step, context) {
    const files = await context.machine.files(step.files);
    if (files.kind === "fault") return files;
    const entries = await context.machine.quarantined(context.planId);
    if (entries.kind === "fault") return entries;
    const left = remembered(context).find(
      (file) =>
        files.value.some((standing) => same(standing, file)) &&
        !entries.value.some((entry) => entry.held && same(entry, file)),
    );
    return left === undefined
      ? OK
      : fault("verify-failed", `${left.path} was to be moved as Windows started, and still stands there`);
  },
};

/**
 * What something holds open is left to the restart that the plan asks for, unless drivers read it before Windows moves
 * anything: the machine would only fail again.
 */
async function move(file: FileFacts, context: StepContext): Promise<Result<unknown>> {
  const { machine, planId, restartFollows, isReadByBootDrivers: readByBootDrivers } = context;
  const moved = await machine.quarantine(planId, file);
  const isHeldOpen = moved.kind === "fault" && moved.fault === "file-locked";
  if (!isHeldOpen || !restartFollows || readByBootDrivers || machine.quarantineAtRestart === undefined) return moved;
  return machine.quarantineAtRestart(planId, file, { readByBootDrivers });
}

/** Files that meet every condition, and those that this plan already holds. */
async function look(
  step: Quarantine,
  { machine, planId }: StepContext,
): Promise<Result<{ readonly condemned: readonly FileFacts[]; readonly held: readonly Quarantined[] }>> {
  const files = await machine.files(step.files);
  if (files.kind === "fault") return files;
  const entries = await machine.quarantined(planId);
  if (entries.kind === "fault") return entries;
  return {
    kind: "ok",
    value: {
      condemned: files.value.filter(
        (file) => isCondemned(step, file) && !entries.value.some((entry) => entry.dueAtRestart && same(entry, file)),
      ),
      held: entries.value.filter((entry) => isTaken(entry) && isOfStep(step, entry)),
    },
  };
}

function isCondemned({ where }: Quarantine, file: FileFacts): boolean {
  return (
    where.sha256.includes(file.sha256) &&
    (where.header === undefined || file.header.startsWith(where.header)) &&
    (where.modifiedFrom === undefined || file.modifiedAt >= where.modifiedFrom) &&
    (where.modifiedBefore === undefined || file.modifiedAt < where.modifiedBefore)
  );
}

function isOfStep(step: Quarantine, { path, sha256 }: Quarantined): boolean {
  const glob = splitPath(step.files);
  const { folder, name } = splitPath(path);
  return (
    folder.toLowerCase() === glob.folder.toLowerCase() &&
    nameMatches(glob.name, name) &&
    step.where.sha256.includes(sha256)
  );
}

/** It lies in the quarantine, or will with the next start. */
const isTaken = ({ held, dueAtRestart }: Quarantined): boolean => held || dueAtRestart === true;

type Named = Pick<FileFacts, "path" | "sha256">;
const nameOf = ({ path, sha256 }: FileFacts): Named => ({ path, sha256 });
const same = (a: Named, b: Named): boolean => a.path.toLowerCase() === b.path.toLowerCase() && a.sha256 === b.sha256;
const remembered = ({ memo }: StepContext): readonly Named[] => (memo.kind === "files" ? memo.files : []);
const isRemembered = (file: Named, context: StepContext): boolean =>
  remembered(context).some((candidate) => same(candidate, file));
const effectOf = ({ path, sha256, sizeBytes }: FileFacts): FileEffect => ({
  path,
  sha256,
  sizeBytes,
  effect: "quarantined",
});
