import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf, Sha256 } from "../../protocol/canonical.ts";
import { newId } from "../../protocol/ids.ts";
import { isInTree, leafHash, MerkleProof, MerkleTree, type WaveLeaf } from "../../protocol/merkle.ts";
import { at, later } from "../../protocol/time.ts";
import { present } from "../support/present.ts";

// ---- RFC 6962 section 2.1, word for word: slow, recursive, sharing no code with what it tests ----

const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The largest power of two smaller than n. */
const splitOf = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = splitOf(leaves.length);
  return sha256(NODE, naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naivePath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const k = splitOf(leaves.length);
  return index < k
    ? [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

const hex = (bytes: Uint8Array): Sha256 => Sha256.parse(Buffer.from(bytes).toString("hex"));
const someLeaves = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => sha256(LEAF, Buffer.from(`leaf ${i}`)));
const sorted = (leaves: readonly Buffer[]): Buffer[] => leaves.toSorted((a, b) => Buffer.compare(a, b));
const sizes = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(127, 128, 129, 255, 256, 257, 513));

describe("the naive tree of this test", () => {
  // Certificate Transparency's own test data: eight inputs and the root after each.
  const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const leaves = inputs.map((input) => sha256(LEAF, Buffer.from(input, "hex")));
  test.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
    [4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    [5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
    [6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
    [7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
    [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
  ])("has the known root of %i leaves", (count, root) => {
    expect(hex(naiveRoot(leaves.slice(0, count)))).toBe(root);
  });

  test.each(inputs.keys().toArray())("its known leaf %i is proven by what the product checks", (index) => {
    const proof = { index, path: naivePath(index, leaves).map(hex) };
    const leaf = present(leaves[index]);
    expect(isInTree(leaf, proof, 8, hex(naiveRoot(leaves)))).toBe(true);
  });
});

describe("MerkleTree", () => {
  test("has RFC 6962's root and audit paths over the sorted leaves, at any size", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const leaves = someLeaves(size);
        const inOrder = sorted(leaves);
        const tree = new MerkleTree(leaves);
        expect(tree.size).toBe(size);
        expect(tree.root).toBe(hex(naiveRoot(inOrder)));
        for (const [index, leaf] of inOrder.entries()) {
          const proof = tree.proofOf(leaf);
          expect(proof).toEqual({ index, path: naivePath(index, inOrder).map(hex) });
          expect(MerkleProof.parse(proof)).toEqual(proof);
          expect(isInTree(leaf, proof, size, tree.root)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("one set of devices has one root, in whatever order they come", () => {
    const shuffled = fc.shuffledSubarray(someLeaves(33), { minLength: 33, maxLength: 33 });
    fc.assert(fc.property(shuffled, (leaves) => new MerkleTree(leaves).root === new MerkleTree(someLeaves(33)).root));
  });

  test("the empty tree has the hash of nothing, and nothing is in it", () => {
    const tree = new MerkleTree([]);
    expect(tree.root).toBe(hex(sha256()));
    expect(isInTree(sha256(), { index: 0, path: [] }, 0, tree.root)).toBe(false);
  });

  test("refuses a device twice, and a proof for one that is not there", () => {
    const leaf = present(someLeaves(1)[0]);
    expect(() => new MerkleTree([leaf, leaf])).toThrow(RangeError);
    expect(() => new MerkleTree([leaf]).proofOf(sha256())).toThrow(RangeError);
  });
});

describe("isInTree", () => {
  const caseOf = (size: number, seed: number) => {
    const tree = new MerkleTree(someLeaves(size));
    const leaf = present(someLeaves(size)[seed % size]);
    return { tree, leaf, proof: tree.proofOf(leaf) };
  };
  const cases = fc.tuple(sizes, fc.nat());

  test("refuses another leaf, another root, another place and another size", () => {
    fc.assert(
      fc.property(cases, fc.nat(600), ([size, seed], other) => {
        const { tree, leaf, proof } = caseOf(size, seed);
        expect(isInTree(sha256(leaf), proof, size, tree.root)).toBe(false);
        expect(isInTree(leaf, proof, size, hex(sha256(Buffer.from(tree.root))))).toBe(false);
        expect(isInTree(leaf, { ...proof, index: other }, size, tree.root)).toBe(other === proof.index);
        expect(isInTree(leaf, { ...proof, index: proof.index + size }, size, tree.root)).toBe(false);
        expect(isInTree(leaf, proof, proof.index, tree.root)).toBe(false);
      }),
    );
  });

  test("refuses a path that is shorter, longer, in another order or changed", () => {
    const stranger = hex(sha256(Buffer.from("stranger")));
    fc.assert(
      fc.property(cases, fc.nat(), ([size, seed], where) => {
        fc.pre(size > 1);
        const { tree, leaf, proof } = caseOf(size, seed);
        const at = where % proof.path.length;
        const paths = [
          proof.path.slice(1),
          proof.path.slice(0, -1),
          [...proof.path, stranger],
          [stranger, ...proof.path],
          proof.path.with(at, stranger),
          ...(proof.path.length > 1 ? [proof.path.toReversed()] : []),
        ];
        for (const path of paths) expect(isInTree(leaf, { ...proof, path }, size, tree.root)).toBe(false);
      }),
    );
  });

  test("refuses an inner node in place of a leaf", () => {
    const [a, b] = sorted(someLeaves(2)) as [Buffer, Buffer];
    const root = new MerkleTree([a, b]).root;
    expect(isInTree(sha256(NODE, a, b), { index: 0, path: [] }, 1, root)).toBe(true); // that tree has one leaf: it
    expect(isInTree(sha256(NODE, a, b), { index: 0, path: [] }, 2, root)).toBe(false);
  });
});

describe("leafHash", () => {
  const now = at("2026-11-22T12:00:00Z");
  const leaf: WaveLeaf = {
    planId: newId("plan", now, new Uint8Array(10)),
    wave: 1,
    deviceId: newId("dev", now, new Uint8Array(10)),
    stepsDigest: digestOf([]),
  };

  test("hashes a zero byte and the canonical form", () => {
    expect(hex(leafHash(leaf))).toBe(hex(sha256(LEAF, Buffer.from(canonicalJson(leaf)))));
  });

  test.each([
    ["plan", { planId: newId("plan", later(now, 1), new Uint8Array(10)) }],
    ["wave", { wave: 2 }],
    ["device", { deviceId: newId("dev", later(now, 1), new Uint8Array(10)) }],
    ["list of steps", { stepsDigest: digestOf(["reboot"]) }],
  ])("a proof for one %s is none for another", (_, other) => {
    const tree = new MerkleTree([leafHash(leaf)]);
    expect(isInTree(leafHash(leaf), tree.proofOf(leafHash(leaf)), 1, tree.root)).toBe(true);
    expect(isInTree(leafHash({ ...leaf, ...other }), tree.proofOf(leafHash(leaf)), 1, tree.root)).toBe(false);
  });
});
