/** What one device was ordered and what it signed that it did. A receipt names the one before it: none can be left out. */
import { type Sha256, sha256Hex } from "./canonical.ts";
import { type Envelope, fromBase64, open, type Opened, payloadDigest, PAYLOAD_TYPES } from "./dsse.ts";
import type { DeviceEvidence, EvidenceBody, OrderEvidence } from "./evidence-bundle.ts";
import { inForce } from "./evidence-trust.ts";
import { isInTree, leafHash } from "./merkle.ts";
import { type PlanStatement, stepsDigest, WaveOrder } from "./plan.ts";
import { Receipt, StepReceipt } from "./progress.ts";
import type { VerifyRaw } from "./signatures.ts";
import type { TrustDocument } from "./trust-document.ts";

/** What an order must fit: opened and checked before. */
export interface Decided {
  readonly body: EvidenceBody;
  readonly statement: PlanStatement;
  readonly documents: readonly TrustDocument[];
  readonly verify: VerifyRaw;
}

/** The order if an online key of the time signed it and the device was in the signed set. */
export function checkOrder(decided: Decided, device: DeviceEvidence, envelope: Envelope): WaveOrder | string {
  const { body, statement, documents, verify } = decided;
  const online = documents.flatMap((document) => document.online);
  const opened = open(envelope, PAYLOAD_TYPES.order, WaveOrder, (keyId, bytes, sig) =>
    online.some((key) => key.keyId === keyId && isSigned(key.publicKey, keyId, bytes, sig, verify)),
  );
  if (opened.kind === "refused") return opened.because;
  const { keyIds, body: order } = opened;
  const current = inForce(documents, order.issuedAt);
  if (current === undefined || order.issuedAt >= current.expiresAt) return "no trust document was in force then";
  if (!current.online.some(({ keyId }) => keyIds.includes(keyId)))
    return "its online key was not believed at that time";
  if (order.planId !== statement.planId || order.statementDigest !== payloadDigest(body.statement))
    return "it is of another plan";
  if (order.rolloutId !== body.rolloutId) return "it is of another rollout";
  if (order.deviceId !== device.deviceId) return "it is for another device";
  const wave = statement.waves[order.wave];
  const leaf = leafHash({ ...order, stepsDigest: stepsDigest(statement.steps) });
  if (wave === undefined || !isInTree(leaf, order.proof, wave.size, wave.root)) return "the device is not in its wave";
  if (order.issuedAt < Math.max(wave.notBefore, statement.validFrom) || order.issuedAt > statement.validUntil)
    return "it was made outside the time that was signed";
  const { gate } = order;
  const isFirst = order.wave === 0;
  if (isFirst ? gate !== null : gate?.wave !== order.wave - 1 || gate.passedAt > order.issuedAt)
    return "it does not say that the gate before it had passed";
  return order;
}

export interface Account {
  readonly faults: readonly string[];
  /** What the device signed at the end; undefined while nothing was. */
  readonly outcome: Receipt["outcome"] | undefined;
  /** Its agent is of a schema before receipts of steps. */
  readonly isOlder: boolean;
}

export function checkReceipts(
  decided: Decided,
  device: DeviceEvidence,
  order: WaveOrder,
  entry: OrderEvidence,
): Account {
  const { statement, verify } = decided;
  const openBy = <Body>(
    envelope: Envelope,
    type: "stepReceipt" | "receipt",
    schema: Parameters<typeof open<Body>>[2],
  ) =>
    open(envelope, PAYLOAD_TYPES[type], schema, (keyId, bytes, sig) =>
      isSigned(device.publicKey, keyId, bytes, sig, verify),
    );
  const faults: string[] = [];
  const last = new Map<number, StepReceipt["event"]>();
  let previous: Sha256 | null = null;
  for (const [i, envelope] of entry.steps.entries()) {
    const opened: Opened<StepReceipt> = openBy(envelope, "stepReceipt", StepReceipt);
    if (opened.kind === "refused") return ended([`receipt ${i + 1}: ${opened.because}`]);
    const { body, digest } = opened;
    if (!isOf(order, body)) faults.push(`receipt ${i + 1} is of another order`);
    if (body.previous !== previous)
      faults.push(`receipt ${i + 1} does not follow the one before it: one is missing or moved`);
    if (statement.steps[body.step]?.kind !== body.kind)
      faults.push(`receipt ${i + 1} is of a step that was not signed`);
    last.set(body.step, body.event);
    previous = digest;
  }
  if (entry.receipt === null) return ended(faults);
  const opened = openBy(entry.receipt, "receipt", Receipt);
  if (opened.kind === "refused") return ended([...faults, `last receipt: ${opened.because}`]);
  const { body: receipt } = opened;
  const isOlder = receipt.lastStepReceipt === undefined;
  if (!isOf(order, receipt)) faults.push("the last receipt is of another order");
  if ((receipt.lastStepReceipt ?? null) !== previous)
    faults.push("the last receipt names other receipts of steps than there are");
  if (!isOlder && !isAccountOf(receipt, statement, last))
    faults.push("the last receipt says other things than those of the steps");
  return { faults, outcome: receipt.outcome, isOlder };
}

const ended = (faults: readonly string[]): Account => ({ faults, outcome: undefined, isOlder: false });

const isOf = (order: WaveOrder, receipt: Pick<Receipt, "orderId" | "planId" | "deviceId">): boolean =>
  receipt.orderId === order.orderId && receipt.planId === order.planId && receipt.deviceId === order.deviceId;

/** A step that failed stays `failed` at the end when what it had begun was put back. */
const MAY_END: Readonly<Record<StepReceipt["event"], readonly string[]>> = {
  done: ["done"],
  "not-applicable": ["not-applicable"],
  failed: ["failed"],
  undone: ["undone", "failed"],
  "undo-failed": ["undo-failed"],
};

const isAccountOf = ({ steps }: Receipt, statement: PlanStatement, last: ReadonlyMap<number, StepReceipt["event"]>) =>
  steps.length === statement.steps.length &&
  steps.every(({ kind, outcome }, i) => {
    const event = last.get(i);
    const may = event === undefined ? ["not-begun"] : MAY_END[event];
    return kind === statement.steps[i]?.kind && may.includes(outcome);
  });

/** An id is the digest of its key. */
export const isSigned = (
  publicKey: string,
  keyId: string,
  bytes: Uint8Array,
  sig: Uint8Array,
  verify: VerifyRaw,
): boolean => sha256Hex(fromBase64(publicKey)) === keyId && verify("p256", publicKey, bytes, sig);
