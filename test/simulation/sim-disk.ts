/**
 * The part of a machine's disk that plans are about: files, the quarantine, services.
 *
 * Invariant, checked after every change: whatever was ever put on this disk is there, in its place or in the
 * quarantine, once.
 */
import type { FileFacts, Quarantined } from "../../agent/ports.ts";
import { sha256Hex, type Sha256 } from "../../protocol/canonical.ts";
import type { PlanId } from "../../protocol/ids.ts";
import type { ServiceStart } from "../../protocol/playbook.ts";
import type { Instant } from "../../protocol/time.ts";
import { nameMatches, splitPath, type WindowsGlob, WindowsPath } from "../../protocol/windows-path.ts";

export const CONTENT_FOLDER = WindowsPath.parse("C:\\Windows\\System32\\drivers\\CrowdStrike");
export const contentPath = (version: number): WindowsPath =>
  WindowsPath.parse(`${CONTENT_FOLDER}\\C-00000291-00000000-000000${version}.sys`);
const bytesOf = (contents: string): Uint8Array => new TextEncoder().encode(contents);
export const digestOfContents = (contents: string): Sha256 => sha256Hex(bytesOf(contents));

export class SimDisk {
  readonly files = new Map<WindowsPath, FileFacts>();
  readonly quarantine = new Map<string, Quarantined>();
  readonly services = new Map<string, ServiceStart>();
  /** Sources that get nothing new. */
  readonly held = new Set<string>();
  private readonly puts = new Map<string, number>();

  /** Somebody else than us puts a file here. */
  put(path: WindowsPath, contents: string, modifiedAt: Instant): void {
    const bytes = bytesOf(contents);
    const sha256 = sha256Hex(bytes);
    const header = Buffer.from(bytes.subarray(0, 64)).toString("hex");
    this.files.set(path, { path, sha256, header, sizeBytes: bytes.length, modifiedAt });
    const key = `${path} ${sha256}`;
    this.puts.set(key, (this.puts.get(key) ?? 0) + 1);
  }

  matching(glob: WindowsGlob): readonly FileFacts[] {
    const { folder, name } = splitPath(glob);
    return [...this.files.values()].filter((file) => {
      const at = splitPath(file.path);
      return at.folder.toLowerCase() === folder.toLowerCase() && nameMatches(name, at.name);
    });
  }

  /** The entry comes first: a file whose way back is not known must not be moved. */
  promise(plan: PlanId, facts: FileFacts): void {
    this.quarantine.set(`${plan} ${facts.path} ${facts.sha256}`, { ...facts, plan, held: false });
  }

  moveAway(plan: PlanId, facts: FileFacts): void {
    this.files.delete(facts.path);
    this.quarantine.set(`${plan} ${facts.path} ${facts.sha256}`, { ...facts, plan, held: true });
  }

  moveBack({ plan, held: _held, ...facts }: Quarantined): void {
    this.quarantine.delete(`${plan} ${facts.path} ${facts.sha256}`);
    this.files.set(facts.path, facts);
  }

  /** What was put here and is not to be found, or is found too often. */
  lost(): string | undefined {
    const found = new Map<string, number>();
    const held = [...this.quarantine.values()].filter((entry) => entry.held);
    for (const { path, sha256 } of [...this.files.values(), ...held]) {
      const key = `${path} ${sha256}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    for (const [key, count] of this.puts) {
      if (found.get(key) !== count)
        return `${key} was put here ${count} times and is there ${found.get(key) ?? 0} times`;
    }
    return undefined;
  }
}
