/**
 * The quarantine: files that were taken out of the way, with all that is needed to put them back.
 *
 * Invariant: a file is whole in exactly one of two places, and its entry, written before the move, tells which two.
 * Contents are checked before the move and after it; nothing is ever deleted or overwritten.
 *
 *     quarantine/<plan>/<n>.json   the entry: path, sha256, size, time, mode
 *     quarantine/<plan>/<n>.bin    the file, while it is held
 */
import { link, lstat, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { Sha256 } from "../../../protocol/canonical.ts";
import type { PlanId } from "../../../protocol/ids.ts";
import { Instant } from "../../../protocol/time.ts";
import { splitPath, WindowsPath } from "../../../protocol/windows-path.ts";
import type { Fault, FileFacts, Quarantined, Result } from "../../ports.ts";
import { faultOf, isNoSuchFile } from "../fault-of.ts";
import { syncFolder } from "../record-log.ts";
import { type RawFacts, readFacts } from "./file-facts.ts";
import { locateFolder, locateName } from "./paths.ts";

const Entry = z.strictObject({
  path: WindowsPath,
  sha256: Sha256,
  header: z.string(),
  sizeBytes: z.int().min(0),
  modifiedAt: Instant,
  mode: z.int(),
});
type Entry = z.infer<typeof Entry>;
interface Held {
  readonly n: number;
  readonly entry: Entry;
  readonly held: boolean;
}

const OK: Result<void> = { kind: "ok", value: undefined };
const fault = (name: Fault["fault"], because: string): Fault => ({ kind: "fault", fault: name, because });

export class Quarantine {
  private readonly machine: string;
  private readonly folder: string;

  constructor(machine: string, folder: string) {
    this.machine = machine;
    this.folder = folder;
  }

  async list(plan: PlanId): Promise<Result<readonly Quarantined[]>> {
    try {
      const value = (await this.entries(plan)).map(({ entry: { mode: _mode, ...facts }, held }) => ({
        ...facts,
        plan,
        held,
      }));
      return { kind: "ok", value };
    } catch (error) {
      return faultOf(error, "read the quarantine");
    }
  }

  async take(plan: PlanId, facts: FileFacts): Promise<Result<void>> {
    try {
      const source = await this.locate(facts.path);
      if (source.kind === "fault") return source;
      const entries = await this.entries(plan);
      const mine = entries.find(({ entry }) => entry.path === facts.path && entry.sha256 === facts.sha256);
      const now = source.value.name === undefined ? undefined : await readFacts(source.value.path);
      if (now === undefined) return mine?.held === true ? OK : fault("file-changed", `${facts.path} is gone meanwhile`);
      if (!isSame(now, facts)) return fault("file-changed", `${facts.path} is not what it was when it was looked at`);
      // A held entry of the same name and contents means that the file came back: it is kept beside the first one.
      const n = mine !== undefined && !mine.held ? mine.n : Math.max(0, ...entries.map((entry) => entry.n)) + 1;
      return await this.move(plan, n, source.value.path, facts, now);
    } catch (error) {
      return faultOf(error, `quarantine ${facts.path}`);
    }
  }

  async putBack({ plan, path, sha256 }: Quarantined): Promise<Result<void>> {
    try {
      const target = await this.locate(path);
      if (target.kind === "fault") return target;
      const held = (await this.entries(plan)).find(
        (candidate) => candidate.held && candidate.entry.path === path && candidate.entry.sha256 === sha256,
      );
      if (held === undefined) return fault("not-found", `the quarantine holds no ${path} with these contents`);
      const from = this.fileOf(plan, held.n);
      const kept = await readFacts(from);
      if (kept.sha256 !== sha256)
        return fault("verify-failed", `what the quarantine holds of ${path} is not what was put there`);
      if (target.value.name !== undefined && !(await isSameFile(from, target.value.path)))
        return fault("file-changed", `another file stands at ${path} now; it is left as it is`);
      // A link and then an unlink, because a rename would overwrite what came in between.
      if (target.value.name === undefined) await link(from, target.value.path);
      await syncFolder(dirname(target.value.path));
      await unlink(from);
      await syncFolder(dirname(from));
      return OK;
    } catch (error) {
      return faultOf(error, `restore ${path}`);
    }
  }

  private async move(plan: PlanId, n: number, source: string, facts: FileFacts, now: RawFacts): Promise<Result<void>> {
    const target = this.fileOf(plan, n);
    await this.writeEntry(plan, n, { ...facts, mode: now.mode });
    await rename(source, target);
    await syncFolder(dirname(source));
    await syncFolder(dirname(target));
    if ((await readFacts(target)).sha256 === facts.sha256) return OK;
    // It changed between the look and the move: back it goes, unless something stands there again.
    await link(target, source);
    await syncFolder(dirname(source));
    await unlink(target);
    return fault("file-changed", `${facts.path} changed while it was moved; it was put back`);
  }

  private async writeEntry(plan: PlanId, n: number, entry: Entry): Promise<void> {
    const folder = join(this.folder, plan);
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) {
      await syncFolder(this.folder);
      await syncFolder(dirname(this.folder));
    }
    const path = join(folder, `${n}.json`);
    const handle = await open(`${path}.new`, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(Entry.parse(entry), undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.new`, path);
    await syncFolder(folder);
  }

  private async entries(plan: PlanId): Promise<readonly Held[]> {
    const folder = join(this.folder, plan);
    const names = new Set(
      await readdir(folder).catch((error: unknown) => (isNoSuchFile(error) ? [] : Promise.reject(error as Error))),
    );
    const entries: Held[] = [];
    for (const name of names) {
      const n = Number(/^(\d+)\.json$/.exec(name)?.[1]);
      if (!Number.isInteger(n)) continue;
      const entry = Entry.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
      entries.push({ n, entry, held: names.has(`${n}.bin`) });
    }
    return entries.sort((a, b) => a.n - b.n);
  }

  /** The file's place; `name` is undefined while no file is there. */
  private async locate(
    path: WindowsPath,
  ): Promise<Result<{ readonly path: string; readonly name: string | undefined }>> {
    const { folder, name } = splitPath(path);
    const place = await locateFolder(this.machine, folder);
    if (place.kind === "fault") return place;
    if (place.value === undefined) return fault("not-found", `there is no folder ${folder}`);
    const spelled = await locateName(place.value, name);
    if (spelled.kind === "fault") return spelled;
    return { kind: "ok", value: { path: join(place.value, spelled.value ?? name), name: spelled.value } };
  }

  private fileOf(plan: PlanId, n: number): string {
    return join(this.folder, plan, `${n}.bin`);
  }
}

const isSame = (now: RawFacts, then: FileFacts): boolean =>
  now.sha256 === then.sha256 && now.sizeBytes === then.sizeBytes && now.modifiedAt === then.modifiedAt;

/** A crash between link and unlink leaves one file under two names. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([lstat(a, { bigint: true }), lstat(b, { bigint: true })]);
  return one.ino === other.ino && one.dev === other.dev;
}
