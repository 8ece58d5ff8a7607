/** Removes a driver package, in the versions that a plan names. The machine keeps a copy, which undoing installs again. */
import type { StepOf } from "../../../protocol/playbook.ts";
import type { DriverPackage } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { fault, OK, type StepContext, type StepPerformer } from "./step.ts";

type Remove = StepOf<"remove-driver">;

export const removeDriver: StepPerformer<"remove-driver"> = {
  async check(step, context) {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    const drivers = found.value.map(({ published, version }) => ({
      published,
      version,
      keptAs: `${context.name}-${published.replace(/\.inf$/i, "")}`,
    }));
    if (drivers.length > 0) return { kind: "work", memo: { kind: "drivers", drivers } };
    return context.memo.kind === "drivers"
      ? { kind: "satisfied", files: [] }
      : { kind: "nothing-to-do", because: `no package of ${step.original} in these versions is on this machine` };
  },

  async apply(step, context) {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    for (const driver of found.value) {
      const keptAs = remembered(context).find(({ published }) => published === driver.published)?.keptAs;
      if (keptAs === undefined) continue; // it came since: verify says so
      const removed = await context.machine.drivers.remove(driver, keptAs);
      if (removed.kind === "fault") return removed;
    }
    return { kind: "applied" };
  },

  async verify(step, context) {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    const [left] = found.value;
    return left === undefined
      ? { kind: "ok", value: [] }
      : fault(
          "verify-failed",
          `${left.original} ${left.version} is still there as ${left.published}, or has come back`,
        );
  },

  async undo(step, context) {
    const found = await look(step, context);
    if (found.kind === "fault") return found;
    // Its name in the store is another one after it was installed again: packages are counted by their version.
    for (const { version, keptAs } of remembered(context)) {
      if (found.value.some((driver) => driver.version === version)) continue;
      const back = await context.machine.drivers.putBack(keptAs);
      if (back.kind === "fault") return back;
    }
    return OK;
  },
};

async function look(step: Remove, { machine }: StepContext): Promise<Result<readonly DriverPackage[]>> {
  const packages = await machine.drivers.packages();
  if (packages.kind === "fault") return packages;
  return { kind: "ok", value: packages.value.filter((driver) => isMeant(step, driver)) };
}

const isMeant = ({ original, provider, versions }: Remove, driver: DriverPackage): boolean =>
  driver.original.toLowerCase() === original.toLowerCase() &&
  driver.provider === provider &&
  versions.includes(driver.version);

const remembered = ({ memo }: StepContext) => (memo.kind === "drivers" ? memo.drivers : []);
