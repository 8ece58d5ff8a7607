/** Makes the order that takes a plan to one device: what the approver signed, and the proof that this device is in it. */
import { payloadDigest, PAYLOAD_TYPES, seal, type Envelope, type Signer } from "../../protocol/dsse.ts";
import type { DeviceId, OrderId, RolloutId } from "../../protocol/ids.ts";
import { leafHash, type MerkleTree } from "../../protocol/merkle.ts";
import { type Plan, stepsDigest, type WaveOrder } from "../../protocol/plan.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import type { Instant } from "../../protocol/time.ts";
import { waveTree } from "../rollout/wave-tree.ts";

/** Keeps the trees of a plan's waves, since each order needs a path of one; a tree is built when its wave first sends. */
export class OrderMaker {
  private readonly trees = new Map<number, MerkleTree>();
  private readonly digest: Sha256;
  private readonly statementDigest: Sha256;
  private readonly plan: Plan;
  private readonly signer: Signer;

  constructor(plan: Plan, statement: Envelope, signer: Signer) {
    this.plan = plan;
    this.signer = signer;
    this.digest = stepsDigest(plan.playbook.steps);
    this.statementDigest = payloadDigest(statement);
  }

  /** @param passedAt when the gate of the wave before has passed; null for the first wave */
  make(
    rollout: RolloutId,
    orderId: OrderId,
    deviceId: DeviceId,
    wave: number,
    passedAt: Instant | null,
    issuedAt: Instant,
  ): Envelope {
    const planId = this.plan.id;
    const proof = this.treeOf(wave).proofOf(leafHash({ planId, wave, deviceId, stepsDigest: this.digest }));
    const order: WaveOrder = {
      schema: "ringback.wave-order/2",
      orderId,
      rolloutId: rollout,
      planId,
      statementDigest: this.statementDigest,
      wave,
      deviceId,
      proof,
      gate: passedAt === null ? null : { wave: wave - 1, passedAt },
      issuedAt,
    };
    return seal(PAYLOAD_TYPES.order, order, [this.signer]);
  }

  private treeOf(wave: number): MerkleTree {
    let tree = this.trees.get(wave);
    if (tree === undefined) {
      tree = waveTree(this.plan, wave);
      this.trees.set(wave, tree);
    }
    return tree;
  }
}
