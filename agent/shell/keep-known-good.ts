/**
 * Keeps copies of watched content after a good boot, of the sources whose vendors let older contents be put back.
 *
 * Invariant: only what was there when the boot began and still is counts as good: what came since was never started with.
 */
import type { ContentVersion } from "../../protocol/content.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import type { FileFacts, Log, Machine } from "../ports.ts";

export class KnownGoodKeeper {
  private readonly machine: Machine;
  private readonly sources: readonly ContentSource[];
  private readonly log: Log;
  private there: ReadonlySet<string> = new Set();

  constructor(machine: Machine, sources: readonly ContentSource[], log: Log) {
    this.machine = machine;
    this.sources = sources.filter(({ isRestorable }) => isRestorable === true);
    this.log = log;
  }

  /** Only by the first process of a boot: a later one cannot tell what was there before it. */
  noteStart(versions: readonly ContentVersion[]): void {
    this.there = new Set(versions.map(nameOf));
  }

  /** The boot has just become good. What cannot be kept is said and costs nothing else. */
  async keep(): Promise<void> {
    for (const { id, files } of this.sources) {
      const good: FileFacts[] = [];
      for (const glob of files) {
        const found = await this.machine.files(glob);
        if (found.kind === "ok") good.push(...found.value.filter((file) => this.there.has(nameOf(file))));
      }
      if (good.length === 0) continue;
      const kept = await this.machine.knownGood.keep(good);
      if (kept.kind === "fault")
        this.log.warn("known-good copies could not be kept", { source: id, because: kept.because });
    }
  }
}

const nameOf = ({ path, sha256 }: { readonly path: string; readonly sha256: string }): string =>
  `${path.toLowerCase()} ${sha256}`;
