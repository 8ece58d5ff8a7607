/**
 * Installs an update from a file: a package (.cab) by DISM, a stand-alone installer (.msu) by wusa. The file is held against
 * writers from its hashing to the end of the installation, and what counts is what the servicing stack has afterwards.
 */
import type { Sha256 } from "../../../protocol/canonical.ts";
import { splitPath, type WindowsPath } from "../../../protocol/windows-path.ts";
import type { Done } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import { findUpdate, listPackages, type Servicing } from "./installed-updates.ts";
import type { ToolRun } from "./ports.ts";
import { isRestartDue } from "./restart-due.ts";
import { goesOn } from "./servicing-late.ts";
import { articlesIn, parsePackageInfo } from "./tools/dism-output.ts";

export type HoldFile = (
  path: WindowsPath,
) => Promise<Result<{ readonly sha256: Sha256; readonly release: () => void }>>;

const ASK_WITHIN_MS = 5 * 60_000;

export async function installUpdate(
  servicing: Servicing,
  hold: HoldFile,
  file: WindowsPath,
  sha256: Sha256,
  withinMs: number,
): Promise<Result<Done>> {
  const held = await hold(file);
  if (held.kind === "fault") return held;
  try {
    if (held.value.sha256 !== sha256)
      return fault(
        "file-changed",
        `${file} holds other contents (${held.value.sha256}) than were approved: not installed`,
      );
    if (/\.cab$/i.test(file)) return await installPackage(servicing, file, withinMs);
    if (/\.msu$/i.test(file)) return await installStandAlone(servicing, file, withinMs);
    return fault("unexpected", `${file} is neither a .cab nor a .msu`);
  } finally {
    held.value.release();
  }
}

/** The package says itself what it is called, so exactly it is looked for. */
async function installPackage(servicing: Servicing, file: WindowsPath, withinMs: number): Promise<Result<Done>> {
  const path = `/PackagePath:${file}`;
  const asked = await servicing.run("dism", ["/English", "/Online", "/Get-PackageInfo", path], ASK_WITHIN_MS);
  if (asked.kind === "fault") return asked;
  const identity = parsePackageInfo(asked.value.stdout)?.identity;
  if (identity === undefined)
    return fault("unexpected", `dism does not know ${file} as a package${saidBy(asked.value)}`);
  const args = ["/English", "/Online", "/Add-Package", path, "/NoRestart", "/Quiet"];
  const ran = await servicing.run("dism", args, withinMs);
  if (ran.kind === "fault" && ran.fault !== "timed-out") return ran;
  const listed = await listPackages(servicing.run);
  if (listed.kind === "fault") return listed;
  const state = listed.value.find((pack) => pack.identity.toLowerCase() === identity.toLowerCase())?.state;
  return outcome(identity, state === "installed", state === "install pending", ran);
}

/** Its name says which update it is, as Microsoft's files do; without that nothing could be verified. */
async function installStandAlone(servicing: Servicing, file: WindowsPath, withinMs: number): Promise<Result<Done>> {
  const [update] = articlesIn(splitPath(file).name.replace(/^.*?kb/i, "KB"));
  if (update === undefined)
    return fault("unexpected", `${file} does not have its KB number in its name, so its effect could not be verified`);
  const ran = await servicing.run("wusa", [file, "/quiet", "/norestart"], withinMs);
  if (ran.kind === "fault" && ran.fault !== "timed-out") return ran;
  const found = await findUpdate(servicing, update);
  if (found.kind === "fault") return found;
  const state = found.value?.state;
  return outcome(update, state === "installed", state === "install-pending", ran);
}

function outcome(what: string, installed: boolean, pending: boolean, ran: Result<ToolRun>): Result<Done> {
  const exitCode = ran.kind === "ok" ? ran.value.exitCode : 0;
  if (installed || pending) return { kind: "ok", value: { restartDue: pending || isRestartDue(exitCode) } };
  if (ran.kind === "fault") return goesOn(ran);
  return fault("verify-failed", `${what} is not installed: the installer ended with ${exitCode}${saidBy(ran.value)}`);
}
