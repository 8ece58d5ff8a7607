/** The Merkle tree over a wave's devices whose root stands in the statement, and of which each order carries a path. Pure. */
import { leafHash, MerkleTree } from "../../protocol/merkle.ts";
import { type Plan, stepsDigest } from "../../protocol/plan.ts";

export function waveTree({ id, playbook, waves }: Plan, wave: number): MerkleTree {
  const digest = stepsDigest(playbook.steps);
  const devices = waves[wave]?.devices ?? [];
  return new MerkleTree(devices.map((deviceId) => leafHash({ planId: id, wave, deviceId, stepsDigest: digest })));
}
