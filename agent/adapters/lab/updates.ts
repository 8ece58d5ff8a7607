/**
 * A lab machine's updates: `updates.json`. As on Windows, what is removed or installed is so after the next start only;
 * whoever plays the kernel settles what is pending. A file that is to be installed names its update in its first line.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UpdateName } from "../../../protocol/playbook.ts";
import { splitPath } from "../../../protocol/windows-path.ts";
import type { Updates } from "../../machine-parts.ts";
import { faultOf } from "../fault-of.ts";
import { readFacts } from "./file-facts.ts";
import { JsonFile } from "./json-file.ts";
import { locateFolder } from "./paths.ts";

const State = z.enum(["installed", "install-pending", "uninstall-pending"]);
const LabUpdates = z.strictObject({
  updates: z.record(UpdateName, z.strictObject({ state: State, permanentBecause: z.string().optional() })),
  blocked: z.array(UpdateName),
});

export function labUpdates(machine: string): Updates {
  const file = new JsonFile(machine, "updates.json", LabUpdates, { updates: {}, blocked: [] });
  return {
    find: (update) =>
      file.look(`look for ${update}`, ({ updates }) => {
        const found = updates[update];
        const packages = [`Package_for_${update}~31bf3856ad364e35~amd64~~1.0`];
        return found && { update, packages, state: found.state, permanentBecause: found.permanentBecause };
      }),
    async remove(update) {
      const done = await file.change(`remove ${update}`, (all) => ({
        ...all,
        updates: { ...all.updates, [update]: { state: "uninstall-pending" } },
      }));
      return done.kind === "fault" ? done : { kind: "ok", value: { restartDue: true } };
    },
    async install(path, sha256) {
      const { folder, name } = splitPath(path);
      const place = await locateFolder(machine, folder);
      if (place.kind === "fault") return place;
      try {
        const real = join(place.value ?? "", name);
        if ((await readFacts(real)).sha256 !== sha256)
          return { kind: "fault", fault: "file-changed", because: `${path} is another file than the approved one` };
        const update = UpdateName.parse((await readFile(real, "utf8")).split("\n")[0]);
        const done = await file.change(`install ${update}`, (all) => ({
          ...all,
          updates: { ...all.updates, [update]: { state: "install-pending" } },
        }));
        return done.kind === "fault" ? done : { kind: "ok", value: { restartDue: true } };
      } catch (error) {
        return faultOf(error, `install ${path}`);
      }
    },
    isBlocked: (update) => file.look(`look at ${update}`, ({ blocked }) => blocked.includes(update)),
    block: (update) =>
      file.change(`block ${update}`, (all) => ({
        ...all,
        blocked: [...all.blocked.filter((other) => other !== update), update],
      })),
    unblock: (update) =>
      file.change(`unblock ${update}`, (all) => ({
        ...all,
        blocked: all.blocked.filter((other) => other !== update),
      })),
  };
}
