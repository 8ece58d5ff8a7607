/** The controller as a real process of its own, on embedded SQLite and a free port. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { LabClock } from "./lab-clock.ts";
import type { Program, Programs } from "./programs.ts";

const REAL = fileURLToPath(new URL("../../controller/main.ts", import.meta.url));
/** The same controller, but for one thing that is wrong with it. */
const SPOILED = fileURLToPath(new URL("spoiled-controller.ts", import.meta.url));
/** Devices of a boot loop are away for seconds; whoever is gone for longer than this is silent. */
const SILENT_AFTER_LAB_MS = 400_000;

const Ready = z.object({ listening: z.url(), setupLink: z.url() });

export interface ControllerProcess {
  readonly url: string;
  readonly setupLink: string;
  readonly host: string;
  readonly port: number;
  readonly program: Program;
}

/** Resolves when it listens. @throws if it ends before, with what it wrote */
export async function startController(
  programs: Programs,
  folder: string,
  kind: "real" | "gateless" | "credulous",
  consoleFolder: string,
  clock: LabClock,
): Promise<ControllerProcess> {
  const logFile = join(folder, "controller.log");
  const arrived = Promise.withResolvers<string>();
  const data = join(folder, "controller");
  const options = [
    "--data",
    data,
    "--port",
    "0",
    "--silent-after",
    String(clock.toWallMs(SILENT_AFTER_LAB_MS) / 1_000),
    "--lab-pace",
    String(clock.factor),
    "--json-ready",
    "--console",
    consoleFolder,
  ];
  const program = programs.start({
    args: kind === "real" ? [REAL, ...options] : [SPOILED, ...options, "--spoil", kind],
    logFile,
    onLine: arrived.resolve,
  });
  const ended = program.ended.then(async (code) => {
    throw new Error(`The controller ended with code ${code} before it listened:\n${await readFile(logFile, "utf8")}`);
  });
  const line = await Promise.race([arrived.promise, ended]);
  ended.catch(() => undefined); // once it listens, its end is for whoever asks it next
  const { listening, setupLink } = Ready.parse(JSON.parse(line));
  const { hostname, port } = new URL(listening);
  return { url: listening, setupLink, host: hostname, port: Number(port), program };
}
