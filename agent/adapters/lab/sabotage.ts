/**
 * An agent that does wrong on purpose, so that a drill can show that it would be noticed. In no shipped program.
 *
 * `lose-file`: the quarantine destroys what it should keep, and says that it keeps it.
 * `lie-recovered`: nothing is moved, everything is said to be; services are always said to run.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { splitPath } from "../../../protocol/windows-path.ts";
import type { FileFacts, Machine, Quarantined } from "../../ports.ts";
import { locateFolder } from "./paths.ts";

const SABOTAGES = ["lose-file", "lie-recovered"] as const;
export type Sabotage = (typeof SABOTAGES)[number];
export const isSabotage = (name: string): name is Sabotage => (SABOTAGES as readonly string[]).includes(name);

export function sabotaged(sabotage: Sabotage, folder: string, machine: Machine): Machine {
  // A restart is followed by a look at what it left: the lie has to outlive the process to be one.
  const lies = join(folder, "lies.json");
  const pretended = existsSync(lies) ? (JSON.parse(readFileSync(lies, "utf8")) as Quarantined[]) : []; // our own
  const isPretended = (file: FileFacts): boolean =>
    pretended.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256);
  const lying: Machine = {
    ...machine,
    async files(glob) {
      const found = await machine.files(glob);
      return found.kind === "fault" ? found : { kind: "ok", value: found.value.filter((file) => !isPretended(file)) };
    },
    async quarantine(plan, file) {
      if (sabotage === "lose-file") {
        const place = await locateFolder(folder, splitPath(file.path).folder);
        if (place.kind === "ok" && place.value !== undefined)
          await rm(join(place.value, splitPath(file.path).name), { force: true });
      }
      pretended.push({ ...file, plan, held: true });
      writeFileSync(lies, JSON.stringify(pretended));
      return { kind: "ok", value: undefined };
    },
    async quarantined(plan) {
      const honest = await machine.quarantined(plan);
      if (honest.kind === "fault") return honest;
      return { kind: "ok", value: [...honest.value, ...pretended.filter((entry) => entry.plan === plan)] };
    },
  };
  if (sabotage === "lose-file") return lying;
  return { ...lying, services: async (names) => names.map((name) => ({ name, running: true })) };
}
