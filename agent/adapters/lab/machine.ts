/**
 * A machine in a folder, so that the real agent runs on Linux, in tests and in drills.
 *
 *     C/…                    the C:\ tree; names in any case
 *     boot.json              which boot this is; written by whoever plays the kernel, before the agent starts
 *     services.json          {"Name": {"start": "automatic", "running": true}}
 *     events/System.xml      the System log, a line for each record
 *     restart-request.json   written here when a restart is asked for
 *     held-sources.json      ["acme.content-7"]: sources whose vendor delivers nothing here now (written here)
 *     registry.json          [{"key": "HKLM\\…", "name": "…", "value": {"kind": "dword", "number": 1}}] (written here)
 *     updates.json           {"updates": {"KB5034441": {"state": "installed"}}, "blocked": []} (written here)
 *     safe-mode.json         {"next": "minimal"}: the next start alone (written here)
 *     hardware.json          {"build": "10.0.19045", "maker": "Acme", "model": "Till 3", "chassis": "desktop"} (optional)
 *     locks.json             {"C:\\…": "file-locked" | "permission-denied"}: files that something holds on to (optional)
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { MachineFacts } from "../../../protocol/boot.ts";
import { ContentSourceId } from "../../../protocol/content.ts";
import { ServiceStart } from "../../../protocol/playbook.ts";
import { nameMatches, splitPath, type WindowsGlob, WindowsPath } from "../../../protocol/windows-path.ts";
import { bootPast } from "../../evidence/boot-evidence.ts";
import type { FileFacts, KernelBoot, Machine, Result } from "../../ports.ts";
import { absentParts } from "../absent-parts.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { type EvidencePlaces, findEvidence } from "../find-evidence.ts";
import { replaceFile } from "../replace-file.ts";
import { FILES } from "../files.ts";
import { labDiagnostics } from "./diagnostics.ts";
import { factsAt, type RawFacts, readFacts } from "./file-facts.ts";
import { JsonFile } from "./json-file.ts";
import { labKnownGood } from "./known-good.ts";
import { HELD_SOURCES, stateFolder } from "./layout.ts";
import { locateFolder } from "./paths.ts";
import { Quarantine } from "./quarantine.ts";
import { labRegistry } from "./registry.ts";
import { labSafeModes } from "./safe-modes.ts";
import { labUpdates } from "./updates.ts";

const Services = z.record(z.string(), z.looseObject({ start: ServiceStart, running: z.boolean() }));
const Locks = z.record(z.string(), z.enum(["file-locked", "permission-denied"]));

/** @param boot the boot that this process lives in: it stays the same when the kernel writes down the next one */
export function labMachine(folder: string, boot: KernelBoot): Machine {
  const quarantine = new Quarantine(folder, join(stateFolder(folder), FILES.quarantine));
  const facts = new FactsCache();

  const services = async (): Promise<z.infer<typeof Services>> =>
    Services.parse(JSON.parse(await readFile(join(folder, "services.json"), "utf8")));
  const heldBy = async (path: WindowsPath): Promise<Result<void>> => {
    const text = await readFile(join(folder, "locks.json"), "utf8").catch(() => "{}");
    const lock = Object.entries(Locks.parse(JSON.parse(text))).find(
      ([name]) => name.toLowerCase() === path.toLowerCase(),
    );
    if (lock === undefined) return { kind: "ok", value: undefined };
    return { kind: "fault", fault: lock[1], because: `${path} is held by another program` };
  };

  return {
    ownFolders: ["C:\\ProgramData\\Ringback", "C:\\Program Files\\Ringback"],
    kernelBoot: () => Promise.resolve(boot),

    async bootPast(since) {
      return bootPast(await findEvidence(await evidencePlaces(folder)), boot.bootedAt, since);
    },

    facts: () => labFacts(folder),
    files: (glob) => filesOf(folder, glob, facts),

    async quarantine(plan, file) {
      const held = await heldBy(file.path);
      return held.kind === "fault" ? held : quarantine.take(plan, file);
    },
    quarantined: (plan) => quarantine.list(plan),
    async restore(entry) {
      const held = await heldBy(entry.path);
      return held.kind === "fault" ? held : quarantine.putBack(entry);
    },

    async services(names) {
      const all = await services();
      return names.map((name) => ({ name, running: find(all, name)?.[1].running === true }));
    },
    async serviceStart(name) {
      return { kind: "ok", value: find(await services(), name)?.[1].start };
    },
    async setServiceStart(name, start) {
      try {
        const all = await services();
        const found = find(all, name);
        if (found === undefined) return { kind: "fault", fault: "not-found", because: `there is no service ${name}` };
        await writeJson(folder, "services.json", { ...all, [found[0]]: { ...found[1], start } });
        return { kind: "ok", value: undefined };
      } catch (error) {
        return faultOf(error, `set how ${name} starts`);
      }
    },

    hold: (source) => changeHeld(folder, (held) => [...held.filter((other) => other !== source), source]),
    releaseHold: (source) => changeHeld(folder, (held) => held.filter((other) => other !== source)),
    isHeld: (source) => heldSources(folder).look("look at what is held", (held) => held.includes(source)),

    async restart(noticeMs, reason) {
      try {
        await writeJson(folder, "restart-request.json", { noticeMs, reason, bootId: boot.bootId });
        return { kind: "ok", value: undefined };
      } catch (error) {
        return faultOf(error, "ask for a restart");
      }
    },

    ...absentParts("a lab machine"), // those that follow it has
    registry: labRegistry(folder),
    updates: labUpdates(folder),
    safeModes: labSafeModes(folder),
    knownGood: labKnownGood(folder, join(stateFolder(folder), FILES.knownGood)),
    diagnostics: labDiagnostics(folder, stateFolder(folder)),
    serviceControl: {
      dependents: async () => ({ kind: "ok", value: [] }),
      async restart(name) {
        try {
          const all = await services();
          const found = find(all, name);
          if (found === undefined) return { kind: "fault", fault: "not-found", because: `there is no service ${name}` };
          await writeJson(folder, "services.json", { ...all, [found[0]]: { ...found[1], running: true } });
          return { kind: "ok", value: undefined };
        } catch (error) {
          return faultOf(error, `restart ${name}`);
        }
      },
    },
  };
}

async function labFacts(folder: string): Promise<MachineFacts> {
  const hardware = new JsonFile(folder, "hardware.json", MachineFacts, NO_FACTS);
  const found = await hardware.look("look what this machine is", (told) => told);
  return found.kind === "ok" ? found.value : NO_FACTS;
}
const NO_FACTS: MachineFacts = { build: null, maker: null, model: null, chassis: null, utcOffsetMinutes: null };

const HeldSources = z.array(ContentSourceId);

const heldSources = (folder: string) => new JsonFile(folder, HELD_SOURCES, HeldSources, []);

const changeHeld = (
  folder: string,
  change: (held: readonly ContentSourceId[]) => ContentSourceId[],
): Promise<Result<void>> => heldSources(folder).change("hold or release a source", change);

const find = (all: z.infer<typeof Services>, name: string) =>
  Object.entries(all).find(([candidate]) => candidate.toLowerCase() === name.toLowerCase());

async function filesOf(machine: string, glob: WindowsGlob, cache: FactsCache): Promise<Result<readonly FileFacts[]>> {
  const { folder, name } = splitPath(glob);
  const place = await locateFolder(machine, folder);
  if (place.kind === "fault") return place;
  if (place.value === undefined) return { kind: "ok", value: [] };
  try {
    const found: FileFacts[] = [];
    for (const entry of await readdir(place.value, { withFileTypes: true })) {
      if (!nameMatches(name, entry.name) || entry.isDirectory()) continue;
      const path = WindowsPath.safeParse(folder.endsWith("\\") ? folder + entry.name : `${folder}\\${entry.name}`);
      // What cannot be named or is no plain file could be anything: to leave it out would be to say that all is well.
      if (!path.success || !entry.isFile())
        return {
          kind: "fault",
          fault: "path-escapes",
          because: `${folder} has a link or an unusable name: ${entry.name}`,
        };
      const facts = await cache.read(join(place.value, entry.name));
      if (facts !== undefined) found.push(factsAt(path.data, facts));
    }
    return { kind: "ok", value: found };
  } catch (error) {
    return faultOf(error, `read ${glob}`);
  }
}

/** Hashes a file again only when the file system says that it was touched: by size, times and identity. */
class FactsCache {
  private readonly known = new Map<string, { readonly stamp: string; readonly facts: RawFacts }>();

  /** Undefined if the file went away. */
  async read(path: string): Promise<RawFacts | undefined> {
    try {
      const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
      const stamp = `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
      const known = this.known.get(path);
      if (known?.stamp === stamp) return known.facts;
      const facts = await readFacts(path);
      if (this.known.size > 500) this.known.clear();
      this.known.set(path, { stamp, facts });
      return facts;
    } catch (error) {
      if (isNoSuchFile(error)) return undefined;
      throw error;
    }
  }
}

async function evidencePlaces(machine: string): Promise<EvidencePlaces> {
  const located = async (folder: string): Promise<string | undefined> => {
    const place = await locateFolder(machine, folder);
    return place.kind === "ok" ? place.value : undefined;
  };
  const repairs = await located("C:\\Windows\\System32\\LogFiles\\Srt");
  return {
    eventLog: join(machine, "events", "System.xml"),
    crashDumps: await located("C:\\Windows\\Minidump"),
    startupRepair: repairs === undefined ? undefined : join(repairs, "SrtTrail.txt"),
  };
}

const writeJson = (folder: string, name: string, value: unknown): Promise<void> =>
  replaceFile(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`);
