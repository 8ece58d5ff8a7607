/** Microsoft Defender, through its own program MpCmdRun and what its registry values say before and after. */
import { access } from "node:fs/promises";
import type { WindowsPath } from "../../../protocol/windows-path.ts";
import type { Defender, DefenderState, Registry } from "../../machine-parts.ts";
import type { Fault, Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import { readDefenderState } from "./defender-state.ts";
import { fault } from "./fault.ts";
import type { RunTool } from "./ports.ts";
import { holdsFile, parseQuarantine } from "./tools/mpcmdrun-output.ts";

const RESTORE_WITHIN_MS = 5 * 60_000;
const ABSENT: Fault = fault("not-found", "Defender is not on this machine");

export function defender(run: RunTool, registry: Registry): Defender {
  return {
    state: () => readDefenderState(registry),
    revertDefinitions: (withinMs) => revertDefinitions(run, registry, withinMs),
    restoreFromQuarantine: (threat, file) => restoreFromQuarantine(run, threat, file),
  };
}

async function revertDefinitions(run: RunTool, registry: Registry, withinMs: number): Promise<Result<void>> {
  const before = await readDefenderState(registry);
  if (before.kind === "fault") return before;
  if (before.value === undefined) return ABSENT;
  const refused = whyNotReverted(before.value);
  if (refused !== undefined) return refused;
  const ran = await run("mpcmdrun", ["-RemoveDefinitions", "-All"], withinMs);
  if (ran.kind === "fault") return ran;
  const after = await readDefenderState(registry);
  if (after.kind === "fault") return after;
  const now = after.value?.definitions;
  const was = before.value.definitions;
  if (now !== undefined && now !== was) return { kind: "ok", value: undefined };
  const said = `MpCmdRun ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
  if (now === undefined)
    return fault("verify-failed", `Defender has no definitions now, after ${was ?? "none"}. ${said}`);
  return fault("verify-failed", `Defender's definitions are still ${now}. ${said}. It may keep no earlier ones`);
}

function whyNotReverted({ tamperProtected, definitions }: DefenderState): Fault | undefined {
  if (tamperProtected === true)
    return fault(
      "permission-denied",
      "Defender's tamper protection is on, and then it lets nobody take its definitions back. Where it is managed (Intune, security portal) it can be switched off for this machine for some hours",
    );
  if (definitions === undefined) return fault("not-found", "Defender has no definitions that could be taken back");
  return undefined; // where tamper protection is not known, Defender itself decides, and the version tells
}

/** By the file's path alone, after the list says that this very threat took it: a threat's name would bring all its files. */
async function restoreFromQuarantine(run: RunTool, threat: string, file: WindowsPath): Promise<Result<void>> {
  if (await isThere(file)) return { kind: "ok", value: undefined };
  const listed = await run("mpcmdrun", ["-Restore", "-ListAll"], RESTORE_WITHIN_MS);
  if (listed.kind === "fault") return listed;
  const quarantine = parseQuarantine(listed.value.stdout);
  const held = quarantine.find((each) => each.threat === threat && holdsFile(each, file));
  if (held === undefined) {
    const seen =
      quarantine.length === 0 ? "it lists nothing" : `it lists ${quarantine.map((each) => each.threat).join(", ")}`;
    return fault("not-found", `Defender's quarantine does not hold ${file} as ${threat}: ${seen.slice(0, 300)}`);
  }
  const ran = await run("mpcmdrun", ["-Restore", "-FilePath", file], RESTORE_WITHIN_MS);
  if (ran.kind === "fault") return ran;
  if (await isThere(file)) return { kind: "ok", value: undefined };
  const said = `MpCmdRun ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
  return fault("verify-failed", `${file} is not back. ${said}. Defender may have taken it away again at once`);
}

const isThere = (file: WindowsPath): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
