/** Updates of Windows: what is there, what can be removed, and that what was asked for has happened. */
import { performance } from "node:perf_hooks";
import type { Done, UpdateName, Updates } from "../../machine-parts.ts";
import type { Fault, Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import { findUpdate, type Servicing } from "./installed-updates.ts";
import type { ToolRun } from "./ports.ts";
import { isRestartDue } from "./restart-due.ts";
import { goesOn } from "./servicing-late.ts";
import { isBlocked, setBlocked } from "./update-block.ts";
import { type HoldFile, installUpdate } from "./update-install.ts";

/** CBS_E_CANNOT_UNINSTALL: a part of the package is permanent. */
const CANNOT_UNINSTALL = 0x800f_0825;

export function windowsUpdates(servicing: Servicing, hold: HoldFile): Updates {
  const { run } = servicing;
  return {
    find: (update) => findUpdate(servicing, update),
    remove: (update, withinMs) => removeUpdate(servicing, update, withinMs),
    install: (file, sha256, withinMs) => installUpdate(servicing, hold, file, sha256, withinMs),
    isBlocked: (update) => isBlocked(run, update),
    block: (update) => setBlocked(run, update, true),
    unblock: (update) => setBlocked(run, update, false),
  };
}

/** By DISM alone: wusa does not remove an update that came together with a servicing stack. */
async function removeUpdate(servicing: Servicing, update: UpdateName, withinMs: number): Promise<Result<Done>> {
  const before = await findUpdate(servicing, update);
  if (before.kind === "fault") return before;
  if (before.value === undefined) return { kind: "ok", value: { restartDue: false } };
  const { state, permanentBecause, packages } = before.value;
  if (state === "uninstall-pending") return { kind: "ok", value: { restartDue: true } };
  if (permanentBecause !== undefined) return fault("permission-denied", permanentBecause);
  if (state === "install-pending")
    return fault("unexpected", `${update} waits for a restart to be installed: restart first, then remove it`);
  const runs: ToolRun[] = [];
  let late: Fault | undefined;
  const until = performance.now() + withinMs;
  for (const identity of packages) {
    const args = ["/English", "/Online", "/Remove-Package", `/PackageName:${identity}`, "/NoRestart", "/Quiet"];
    const ran = await servicing.run("dism", args, Math.max(1, Math.ceil(until - performance.now())));
    if (ran.kind === "ok") {
      runs.push(ran.value);
      continue;
    }
    if (ran.fault !== "timed-out") return ran;
    late = goesOn(ran);
    break;
  }
  const after = await findUpdate(servicing, update);
  if (after.kind === "fault") return after;
  if (after.value === undefined || after.value.state === "uninstall-pending") {
    const restartDue = after.value !== undefined || runs.some(({ exitCode }) => isRestartDue(exitCode));
    return { kind: "ok", value: { restartDue } };
  }
  if (late !== undefined) return late;
  const said = runs.map((ran) => `dism ended with ${ran.exitCode}${saidBy(ran)}`).join("; ");
  return runs.some(({ exitCode }) => exitCode >>> 0 === CANNOT_UNINSTALL)
    ? fault("permission-denied", `Windows says that ${update} cannot be removed: ${said}`)
    : fault("verify-failed", `${update} is still ${after.value.state}: ${said}`);
}
