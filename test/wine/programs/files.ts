/**
 * Does a list of things with the agent's own file calls, in one Windows process. What to do comes as a JSON file, and what
 * came of each goes to standard output as JSON; a number in RINGBACK_TEST_DIE_AFTER ends the process, as if killed, after
 * that many effects.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { attempt } from "../../../agent/adapters/windows/file-fault.ts";
import { KNOWN_GOOD_LIMITS } from "../../../agent/adapters/windows/known-good-plan.ts";
import { ownAccount } from "../../../agent/adapters/windows/native/own-account.ts";
import { protectFolder } from "../../../agent/adapters/windows/protected-folder.ts";
import { Sha256 } from "../../../protocol/canonical.ts";
import { openFolder } from "../../../agent/adapters/windows/open-path.ts";
import { windowsFiles } from "../../../agent/adapters/windows/machine-files.ts";
import { ntdllFiles } from "../../../agent/adapters/windows/native/ntdll-files.ts";
import { ACCESS, type Nt, SHARE } from "../../../agent/adapters/windows/nt.ts";
import type { FileFacts } from "../../../agent/ports.ts";
import { PlanId } from "../../../protocol/ids.ts";
import { splitPath, WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import { countingNt } from "../../support/counting-nt.ts";
import type { FileCall, Script } from "../../support/wine-files.ts";

const dieAfter = Number(process.env["RINGBACK_TEST_DIE_AFTER"] ?? Number.POSITIVE_INFINITY);
const nt: Nt = countingNt(ntdllFiles, (effect) => {
  if (effect > dieAfter) process.kill(process.pid, "SIGKILL");
  return undefined;
});

/** All that is put back with a file, as text. */
async function look(path: WindowsPath) {
  const { folder: folderPath, name } = splitPath(path);
  using folder = openFolder(ntdllFiles, folderPath);
  using file = folder?.openFile(name, { access: ACCESS.readData | ACCESS.readControl, share: SHARE.all });
  if (file === undefined) return null;
  const { createdAt, accessedAt, writtenAt, attributes } = file.basic();
  const security = file.security().toString("base64");
  const { sha256 } = await file.contents();
  return {
    sha256,
    security,
    attributes,
    times: [createdAt, accessedAt, writtenAt].map(String),
    identity: file.identity(),
  };
}

async function make(path: WindowsPath, text: string, times: readonly string[], attributes: number): Promise<void> {
  const { folder: folderPath, name } = splitPath(path);
  using folder = openFolder(ntdllFiles, folderPath);
  using file = folder?.createFile(name);
  await file?.write(Buffer.from(text), 0);
  const [createdAt = 0n, accessedAt = 0n, writtenAt = 0n] = times.map(BigInt);
  file?.setTimesAndAttributes({ createdAt, accessedAt, writtenAt }, attributes);
}

const { stateFolder, calls, bytesMax } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Script;
const limits = bytesMax === undefined ? KNOWN_GOOD_LIMITS : { ...KNOWN_GOOD_LIMITS, bytesMax };
const machine = windowsFiles({ stateFolder, limits, nt });

async function firstOf(glob: string): Promise<FileFacts> {
  const found = await machine.files(WindowsGlob.parse(glob));
  if (found.kind === "fault") throw new Error(found.because);
  const [first] = found.value;
  if (first === undefined) throw new Error(`nothing matches ${glob}`);
  return first;
}

async function perform(call: FileCall): Promise<unknown> {
  switch (call.do) {
    case "files":
      return machine.files(WindowsGlob.parse(call.glob));
    case "quarantine":
      return machine.quarantine(PlanId.parse(call.plan), { ...(await firstOf(call.path)), ...call.changed });
    case "quarantined":
      return machine.quarantined(PlanId.parse(call.plan));
    case "restore": {
      const entries = await machine.quarantined(PlanId.parse(call.plan));
      if (entries.kind === "fault") return entries;
      const entry = entries.value.find((one) => (one.held || one.dueAtRestart === true) && one.path === call.path);
      return entry === undefined ? null : machine.restore(entry);
    }
    case "quarantine-at-restart":
      return machine.quarantineAtRestart(PlanId.parse(call.plan), await firstOf(call.path), call);
    case "hold-open": {
      const { folder, name } = splitPath(WindowsPath.parse(call.path));
      openFolder(ntdllFiles, folder)?.openFile(name, { access: ACCESS.readData, share: call.share });
      return null;
    }
    case "write":
      return writeFileSync(call.path, call.text);
    case "remove":
      return rmSync(call.path);
    case "protect":
      return attempt(call.path, async () => {
        protectFolder(ntdllFiles, call.path, call.asOwnAccount ? ownAccount() : undefined);
        await Promise.resolve();
      });
    case "keep":
      return machine.knownGood.keep(await Promise.all(call.paths.map(firstOf)));
    case "holds":
      return machine.knownGood.holds(Sha256.parse(call.sha256));
    case "put-back":
      return machine.knownGood.putBack(WindowsPath.parse(call.path), Sha256.parse(call.sha256));
    case "make":
      return make(WindowsPath.parse(call.path), call.text, call.times, call.attributes);
    case "look":
      return look(WindowsPath.parse(call.path));
  }
}

const results: unknown[] = [];
for (const call of calls) results.push((await perform(call)) ?? null);
process.stdout.write(JSON.stringify(results));
