/**
 * Driver packages of the driver store, through pnputil. Nothing is removed before a copy of it lies whole in the agent's own
 * folder: the copy is made under another name and moved into place, with a note beside it that says what it is.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Done, DriverPackage, Drivers } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { faultOf } from "../fault-of.ts";
import { saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import type { RunTool, ToolRun } from "./ports.ts";
import { isRestartDue } from "./restart-due.ts";
import { parseDrivers } from "./tools/pnputil-output.ts";

const WITHIN_MS = 5 * 60_000;
const NOTE = "ringback-driver.json";
const KEEP_AS = /^[\w-]{1,80}$/;

const Note = z.strictObject({ original: z.string(), provider: z.string(), version: z.string() });

/** @param folder the agent's own, for copies */
export function drivers(run: RunTool, folder: string): Drivers {
  const packages = async (): Promise<Result<readonly DriverPackage[]>> => {
    const ran = await run("pnputil", ["/enum-drivers"], WITHIN_MS);
    if (ran.kind === "fault") return ran;
    const all = parseDrivers(ran.value.stdout);
    // A list that broke off would have a driver be gone that is there.
    if (ran.value.exitCode === 0 && (all.length > 0 || ran.value.stdout.trim() !== ""))
      return { kind: "ok", value: all };
    const seen = `pnputil ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
    return fault("unexpected", `the driver packages cannot be read: ${seen}`);
  };

  const copyOf = (keepAs: string): string => join(folder, keepAs);

  const keep = async (driver: DriverPackage, keepAs: string): Promise<Result<void>> => {
    const copy = copyOf(keepAs);
    if (await isFolder(copy)) return { kind: "ok", value: undefined };
    const fresh = `${copy}.new`;
    try {
      await rm(fresh, { recursive: true, force: true });
      await mkdir(fresh, { recursive: true });
      const ran = await run("pnputil", ["/export-driver", driver.published, fresh], WITHIN_MS);
      if (ran.kind === "fault") return ran;
      const files = (await readdir(fresh, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
      if (!files.some(({ name }) => name.toLowerCase() === driver.original.toLowerCase())) {
        const said = `pnputil ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
        return fault("verify-failed", `no copy of ${driver.published} could be made, so it is not removed: ${said}`);
      }
      for (const { parentPath, name } of files) await putOnDisk(join(parentPath, name));
      const { original, provider, version } = driver;
      const note = `${JSON.stringify({ original, provider, version })}\n`;
      await writeFile(join(fresh, NOTE), note, { flush: true });
      await rename(fresh, copy);
      return { kind: "ok", value: undefined };
    } catch (error) {
      return faultOf(error, `keep a copy of ${driver.published}`);
    }
  };

  const remove = async (driver: DriverPackage, keepAs: string): Promise<Result<Done>> => {
    if (!KEEP_AS.test(keepAs)) return fault("unexpected", `${keepAs} is no name for a copy`);
    const before = await packages();
    if (before.kind === "fault") return before;
    const there = before.value.find(({ published }) => published === driver.published);
    if (there === undefined) {
      if (await isFolder(copyOf(keepAs))) return { kind: "ok", value: { restartDue: false } };
      return fault("not-found", `${driver.published} is not in the driver store`);
    }
    if (!isSame(there, driver))
      return fault("file-changed", `${there.published} is ${there.original} ${there.version} of ${there.provider} now`);
    const kept = await keep(driver, keepAs);
    if (kept.kind === "fault") return kept;
    const ran = await run("pnputil", ["/delete-driver", driver.published, "/uninstall"], WITHIN_MS);
    if (ran.kind === "fault") return ran;
    const after = await packages();
    if (after.kind === "fault") return after;
    const gone = !after.value.some(({ published }) => published === driver.published);
    return outcome(gone, `${driver.published} is still in the driver store`, ran.value);
  };

  const putBack = async (keepAs: string): Promise<Result<Done>> => {
    const copy = copyOf(keepAs);
    if (!KEEP_AS.test(keepAs) || !(await isFolder(copy)))
      return fault("not-found", `there is no copy called ${keepAs}`);
    const note = await readNote(copy);
    if (note === undefined) return fault("unexpected", `what the copy ${keepAs} is cannot be read: not installed`);
    const ran = await run("pnputil", ["/add-driver", join(copy, note.original), "/install"], WITHIN_MS);
    if (ran.kind === "fault") return ran;
    const after = await packages();
    if (after.kind === "fault") return after;
    const back = after.value.some((each) => isSame(each, note));
    return outcome(back, `${note.original} ${note.version} is not in the driver store`, ran.value);
  };

  return { packages, remove, putBack };
}

/** The package goes when its copy is whole on the disk, and not before. One marked as read-only cannot be asked for that. */
async function putOnDisk(path: string): Promise<void> {
  try {
    await using file = await open(path, "r+");
    await file.sync();
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
}
const isDenied = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EPERM" || error.code === "EACCES");

type Identity = Pick<DriverPackage, "original" | "provider" | "version">;

const isSame = (a: Identity, b: Identity): boolean =>
  a.original.toLowerCase() === b.original.toLowerCase() && a.provider === b.provider && a.version === b.version;

function outcome(isSo: boolean, otherwise: string, ran: ToolRun): Result<Done> {
  if (isSo) return { kind: "ok", value: { restartDue: isRestartDue(ran.exitCode) } };
  return fault("verify-failed", `${otherwise}: pnputil ended with ${ran.exitCode}${saidBy(ran)}`);
}

async function readNote(copy: string): Promise<z.infer<typeof Note> | undefined> {
  try {
    return Note.parse(JSON.parse(await readFile(join(copy, NOTE), "utf8")));
  } catch {
    return undefined;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
