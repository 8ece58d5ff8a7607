/**
 * Which contents the known-good store keeps, and which it lets go. Pure.
 *
 * Invariant: of each folder, what was kept last stays until what is to follow it is kept whole; neither age nor room takes
 * the last known-good copies of a folder away.
 */
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { Instant } from "../../../protocol/time.ts";
import { splitPath, type WindowsPath } from "../../../protocol/windows-path.ts";

export interface Kept {
  readonly path: WindowsPath;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** The last time that it was among what was good. */
  readonly keptAt: Instant;
}

export interface KnownGoodLimits {
  /** Of all contents together. Default: 512 MiB, some sets of a vendor's content files. */
  readonly bytesMax: number;
  /** Of what is not the last of its folder. Default: 90 days. */
  readonly retentionMs: number;
}
export const KNOWN_GOOD_LIMITS: KnownGoodLimits = { bytesMax: 512 * 1024 * 1024, retentionMs: 90 * 86_400_000 };

/** @param good what is good now @returns what the store holds afterwards: the same contents may stand at several paths */
export function planKept(
  kept: readonly Kept[],
  good: readonly Omit<Kept, "keptAt">[],
  now: Instant,
  { bytesMax, retentionMs }: KnownGoodLimits,
): readonly Kept[] {
  const fresh = Map.groupBy(
    good.map((file) => ({ ...file, keptAt: now })),
    folderOf,
  );
  const last = new Map([...Map.groupBy(kept, folderOf)].map(([folder, files]) => [folder, lastOf(files)]));
  for (const [folder, files] of fresh) {
    const others = [...last].flatMap(([other, theirs]) => (other === folder ? [] : theirs));
    // With nothing to lose, a part of what is good is better than none of it.
    if (!last.has(folder) || sizeOf([...others, ...files]) <= bytesMax) last.set(folder, files);
  }
  const room = new Room(bytesMax);
  const stays = [...last.values()].flat();
  for (const file of [...stays.filter(({ keptAt }) => keptAt !== now), ...stays]) room.take(file);
  const older = kept.filter(({ keptAt }) => now - keptAt <= retentionMs).sort((a, b) => b.keptAt - a.keptAt);
  for (const file of older) room.take(file);
  return room.files;
}

const folderOf = ({ path }: { readonly path: WindowsPath }): string => splitPath(path).folder.toLowerCase();
const lastOf = (files: readonly Kept[]): readonly Kept[] => {
  const newest = Math.max(...files.map(({ keptAt }) => keptAt));
  return files.filter(({ keptAt }) => keptAt === newest);
};

const sizeOf = (files: readonly Kept[]): number =>
  [...new Map(files.map(({ sha256, sizeBytes }) => [sha256, sizeBytes])).values()].reduce((sum, size) => sum + size, 0);

/** Counts each contents once, however many paths have them. */
class Room {
  readonly files: Kept[] = [];
  private readonly contents = new Set<Sha256>();
  private left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  take(file: Kept): void {
    if (this.files.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256)) return;
    const bytes = this.contents.has(file.sha256) ? 0 : file.sizeBytes;
    if (bytes > this.left) return;
    this.left -= bytes;
    this.contents.add(file.sha256);
    this.files.push(file);
  }
}
