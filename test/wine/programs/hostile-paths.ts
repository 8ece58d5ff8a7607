/**
 * Hands hostile paths to the agent's file calls, as if nobody had looked at their text before: what comes as a JSON file is
 * `{ stateFolder, sha256, paths }`, and for each path goes to standard output what became of it.
 */
import { readFileSync } from "node:fs";
import { windowsFiles } from "../../../agent/adapters/windows/machine-files.ts";
import type { FileFacts, Result } from "../../../agent/ports.ts";
import { Sha256 } from "../../../protocol/canonical.ts";
import { newId } from "../../../protocol/ids.ts";
import { at } from "../../../protocol/time.ts";
import type { WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import type { HostilePaths, PathOutcome } from "../../support/hostile-paths.ts";

const { stateFolder, facts, paths } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as HostilePaths;
const machine = windowsFiles({ stateFolder });
const plan = newId("plan", at("2026-11-22T11:00:00Z"), Buffer.alloc(32, 7));
const said = (result: Result<unknown>): string => (result.kind === "ok" ? "done" : result.fault);

const outcomes: PathOutcome[] = [];
for (const text of paths) {
  const path = text as WindowsPath; // what a hole in every guard before this one would let through
  // The attacker knows the contents that he wants to see moved.
  const known: FileFacts = { ...facts, path };
  const found = await machine.files(text as WindowsGlob);
  outcomes.push({
    files: found.kind === "ok" ? found.value.map((file) => file.path) : found.fault,
    quarantine: said(await machine.quarantine(plan, known)),
    atRestart: said(await machine.quarantineAtRestart(plan, known, { readByBootDrivers: false })),
    restore: said(await machine.restore({ ...known, plan, held: true })),
    keep: said(await machine.knownGood.keep([known])),
    putBack: said(await machine.knownGood.putBack(path, Sha256.parse(facts.sha256))),
  });
}
process.stdout.write(JSON.stringify(outcomes));
