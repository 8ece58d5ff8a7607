/**
 * Merkle tree over a wave's device set, hashed as in RFC 6962 section 2.1.
 *
 * The root and the size of the tree stand in the signed plan statement; each order carries its device's
 * audit path, so a wave cannot be widened after approval. Leaves are sorted, so a set has one root.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { canonicalBytes, Sha256 } from "./canonical.ts";
import type { DeviceId, PlanId } from "./ids.ts";

/** Where a leaf stands and the hashes beside its way to the root, leaf end first. 40 levels hold 2^40 devices. */
export const MerkleProof = z.strictObject({ index: z.int().min(0), path: z.array(Sha256).max(40) });
export type MerkleProof = z.infer<typeof MerkleProof>;

export interface WaveLeaf {
  readonly planId: PlanId;
  readonly wave: number;
  readonly deviceId: DeviceId;
  readonly stepsDigest: Sha256;
}

/** The leaf hash of one device in one wave of one plan, bound to the very steps it may run. */
export const leafHash = ({ planId, wave, deviceId, stepsDigest }: WaveLeaf): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(0), canonicalBytes({ planId, wave, deviceId, stepsDigest })));

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concatBytes(Uint8Array.of(1), left, right));

/** A tree built level by level; an odd node moves up unhashed, which gives the same root as RFC 6962's split. */
export class MerkleTree {
  private readonly levels: Uint8Array[][];
  private readonly indexOf: ReadonlyMap<string, number>;

  constructor(leaves: readonly Uint8Array[]) {
    const sorted = leaves
      .map((leaf) => ({ leaf, hex: bytesToHex(leaf) }))
      .sort((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0));
    this.indexOf = new Map(sorted.map(({ hex }, index) => [hex, index]));
    if (this.indexOf.size !== leaves.length) throw new RangeError("a device stands twice in one wave");
    this.levels = [sorted.map(({ leaf }) => leaf)];
    for (let level = this.levels[0] ?? []; level.length > 1; ) {
      level = pairUp(level);
      this.levels.push(level);
    }
  }

  get size(): number {
    return this.levels[0]?.length ?? 0;
  }

  /** The empty tree's root is the hash of nothing (RFC 6962). */
  get root(): Sha256 {
    const top = this.levels.at(-1)?.[0];
    return bytesToHex(top ?? sha256(new Uint8Array())) as Sha256;
  }

  /** @throws RangeError for a leaf that is not in the tree. */
  proofOf(leaf: Uint8Array): MerkleProof {
    const index = this.indexOf.get(bytesToHex(leaf));
    if (index === undefined) throw new RangeError("this device is not in the wave");
    const path: Sha256[] = [];
    let at = index;
    for (const level of this.levels.slice(0, -1)) {
      const sibling = level[at ^ 1];
      if (sibling !== undefined) path.push(bytesToHex(sibling) as Sha256);
      at >>= 1;
    }
    return { index, path };
  }
}

function pairUp(level: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array; // i < length
    const right = level[i + 1];
    next.push(right === undefined ? left : nodeHash(left, right));
  }
  return next;
}

/** RFC 9162 section 2.1.3.2: is `leaf` the member number `index` of the tree of `size` leaves under `root`? */
export function isInTree(leaf: Uint8Array, { index, path }: MerkleProof, size: number, root: Sha256): boolean {
  if (index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const hex of path) {
    if (sn === 0) return false;
    const sibling = hexToBytes(hex);
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && bytesToHex(hash) === root;
}
