/**
 * The drill's end of the simulated machines: starts their process, gives them tokens to enrol with, and hears what their
 * kernels know.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiClient } from "../../controller/cli/client.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { GroupName, Role, Site } from "../../protocol/names.ts";
import type { CrowdEvidence } from "./crowd/crowd.ts";
import type { CrowdOrder, CrowdWord } from "./crowd/crowd-process.ts";
import { type CrowdSpec, planCrowd } from "./crowd/plan.ts";
import type { Evidence } from "./judge.ts";
import type { Disk } from "./judge-disks.ts";
import type { Program, Programs } from "./programs.ts";
import type { Content } from "./vendor.ts";

const PROGRAM = fileURLToPath(new URL("crowd/crowd-process.ts", import.meta.url));
const GROUP = GroupName.parse("surgeries");

export interface CrowdPlace {
  readonly count: number;
  readonly seed: number;
  /** Lab seconds a second of the wall. */
  readonly factor: number;
  readonly host: string;
  readonly port: number;
  readonly trustRoot: Sha256;
}

export interface CrowdEvents {
  readonly onCrash: (name: string, at: number) => void;
  /** They are broken themselves. */
  readonly onFault: (error: unknown) => void;
}

export class CrowdSide {
  readonly specs: readonly CrowdSpec[];
  readonly #program: Program;
  readonly #before = new Map<string, Disk>();
  readonly #asked = new Map<number, (machines: readonly CrowdEvidence[]) => void>();
  readonly #enrolled = Promise.withResolvers<void>();
  #questions = 0;

  private constructor(
    programs: Programs,
    folder: string,
    specs: readonly CrowdSpec[],
    { onCrash, onFault }: CrowdEvents,
  ) {
    this.specs = specs;
    const heard = (line: string): void => {
      const word = JSON.parse(line) as CrowdWord;
      if (word.say === "crashed") onCrash(word.name, word.at);
      else if (word.say === "enrolled") this.#enrolled.resolve();
      else if (word.say === "fault") onFault(new Error(`the simulated machines: ${word.because}`));
      else this.#asked.get(word.n)?.(word.machines);
    };
    const logFile = join(folder, "crowd.log");
    this.#program = programs.start({ args: [PROGRAM], logFile, onLine: heard, takesLines: true });
    void this.#program.ended.then((code) => {
      this.#enrolled.reject(new Error(`the simulated machines ended with code ${code}; see ${logFile}`));
    });
  }

  /** Makes a token for each site, and has every machine enrol with it. @throws if one is not accepted */
  static async join(
    client: ApiClient,
    programs: Programs,
    folder: string,
    { count, seed, ...place }: CrowdPlace,
    events: CrowdEvents,
  ): Promise<CrowdSide> {
    const specs = planCrowd(count, seed);
    const side = new CrowdSide(programs, folder, specs, events);
    const sites = Map.groupBy(specs, ({ site }) => site);
    const doors = [];
    for (const [name, { length: uses }] of sites) {
      const site = Site.parse(name);
      const role = Role.parse("workstation");
      const { token } = await client.makeEnrolmentToken({
        group: GROUP,
        site,
        role,
        uses,
        acceptance: { kind: "at-once" },
      });
      doors.push({ site, group: GROUP, token });
    }
    side.#tell({ do: "enrol", orders: { count, seed, doors, ...place } });
    await side.#enrolled.promise;
    return side;
  }

  powerOn(): void {
    this.#tell({ do: "power-on" });
  }

  push({ name, bytes, sha256 }: Content, spreadLabMs: number): void {
    this.#tell({ do: "push", name, bytes: bytes.toString("base64"), sha256, spreadLabMs });
  }

  withdraw(): void {
    this.#tell({ do: "withdraw" });
  }

  /** Their disks as they are now are what later ones are held against. */
  async noteBefore(): Promise<void> {
    for (const { name, ...now } of await this.#ask()) this.#before.set(name, diskOf(now));
  }

  async evidence(): Promise<Evidence[]> {
    return (await this.#ask()).map(({ name, facts, state, ...disk }) => {
      const after = diskOf(disk);
      return { name, before: this.#before.get(name) ?? after, after, facts, state };
    });
  }

  #ask(): Promise<readonly CrowdEvidence[]> {
    const n = ++this.#questions;
    return new Promise((resolve) => {
      this.#asked.set(n, (machines) => {
        this.#asked.delete(n);
        resolve(machines);
      });
      this.#tell({ do: "evidence", n });
    });
  }

  #tell(order: CrowdOrder): void {
    this.#program.tell(JSON.stringify(order));
  }
}

const diskOf = ({ files, quarantined }: Pick<CrowdEvidence, "files" | "quarantined">): Disk => ({
  files: new Map(Object.entries(files)),
  quarantined: new Map(Object.entries(quarantined)),
});
