/**
 * Keeps the trust documents and policies that agents are told of, and the keys that the controller itself holds.
 *
 * It is no authority: it takes only what agents would take, and the store holds every version. Documents in memory are
 * those of the store; another controller's are read with the next refresh.
 */
import { randomUUID } from "node:crypto";
import { type Envelope, PAYLOAD_TYPES, peek, seal, type Signer } from "../../protocol/dsse.ts";
import { followPolicy, followTrust } from "../../protocol/follow-trust.ts";
import { Policy } from "../../protocol/policy.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { type OnlineKey, TRUST_LIFETIME_MS_MAX, TrustDocument } from "../../protocol/trust-document.ts";
import type { Clock } from "../ports.ts";
import { Refused } from "../ports/refused.ts";
import type { StarterRole, TrustKeeper } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import type { TrustVersions } from "../store/devices.ts";
import { firstPolicy, firstTrust } from "./first-trust.ts";
import type { StarterKeys } from "./starter-keys.ts";

type KeeperStore = Pick<Store, "trustDocuments" | "addTrustDocument" | "policies" | "addPolicy">;

/** As long as the controller holds the root, it renews the document when half of its time is over. */
const RENEW_BEFORE_MS = TRUST_LIFETIME_MS_MAX / 2;

export interface KeeperParts {
  readonly store: KeeperStore;
  readonly keys: StarterKeys;
  readonly clock: Pick<Clock, "now">;
  readonly verify: VerifyRaw;
}

/** @throws if the store has no document and the starter keys are gone: then nobody could ever be believed. */
export async function openTrustKeeper(parts: KeeperParts): Promise<TrustKeeper> {
  const { store, keys, clock } = parts;
  if ((await store.trustDocuments()).length === 0) await begin(store, keys, clock.now());
  const keeper = new Keeper(parts);
  await keeper.refresh();
  await keeper.renewIfDue();
  return keeper;
}

async function begin(store: KeeperStore, { roots, policyHolders, approvers, online }: StarterKeys, at: Instant) {
  if (roots === undefined || policyHolders === undefined || approvers === undefined)
    throw new Error("the database holds no trust document, and the starter keys are not in the data folder");
  const trust = firstTrust({ roots, policyHolders, approvers, online }, at);
  await store.addTrustDocument(1, seal(PAYLOAD_TYPES.trust, trust, [roots.signer]), at);
  await store.addPolicy(1, seal(PAYLOAD_TYPES.policy, firstPolicy(at), [policyHolders.signer]), at);
}

class Keeper implements TrustKeeper {
  private readonly parts: KeeperParts;
  private readonly listeners = new Map<string, () => void>();
  private chain: readonly Envelope[] = [];
  private trust: TrustDocument | undefined;
  private signedPolicy: Envelope | undefined;
  private newestPolicy: Policy | undefined;
  private known: TrustVersions = { trustVersion: 0, policyVersion: 0 };

  constructor(parts: KeeperParts) {
    this.parts = parts;
  }

  get verify(): VerifyRaw {
    return this.parts.verify;
  }

  get online(): Signer {
    return this.parts.keys.online.signer;
  }
  get onlineKey(): OnlineKey {
    const { publicKey } = this.parts.keys.online;
    return { keyId: this.online.keyId, publicKey };
  }
  get documents(): readonly Envelope[] {
    return this.chain;
  }
  get document(): TrustDocument {
    return there(this.trust);
  }
  get policyEnvelope(): Envelope {
    return there(this.signedPolicy);
  }
  get policy(): Policy {
    return there(this.newestPolicy);
  }
  get versions(): TrustVersions {
    return this.known;
  }

  starter(role: StarterRole): Signer | undefined {
    const signer = this.parts.keys[role]?.signer;
    const isNamed = this.document[role].holders.some(({ keys }) => keys.some(({ keyId }) => keyId === signer?.keyId));
    return isNamed ? signer : undefined;
  }

  async publishTrust(envelope: Envelope): Promise<void> {
    await this.refresh();
    const followed = followTrust(this.document, envelope, this.verify);
    if (followed.kind === "refused") throw notTaken("trust document", followed);
    const at = this.parts.clock.now();
    if (followed.body.expiresAt <= at)
      throw notTaken("trust document", { rule: "expired", because: "it has expired already" });
    if (!(await this.parts.store.addTrustDocument(followed.body.version, envelope, at)))
      throw new Refused("conflict", `Version ${followed.body.version} was published meanwhile. Nothing was changed.`);
    await this.refresh();
  }

  async publishPolicy(envelope: Envelope): Promise<void> {
    await this.refresh();
    const followed = followPolicy(this.document, this.policyEnvelope, envelope, this.verify);
    if (followed.kind === "refused") throw notTaken("policy", followed);
    await this.parts.store.addPolicy(followed.body.version, envelope, this.parts.clock.now());
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const { store } = this.parts;
    const [documents, policies] = [await store.trustDocuments(), await store.policies()];
    const before = this.chain.length === 0 ? undefined : JSON.stringify([this.chain.at(-1), this.signedPolicy]);
    this.chain = documents;
    const newest = documents.at(-1);
    if (newest !== undefined) this.trust = peek(newest, TrustDocument);
    this.signedPolicy = policies.at(-1);
    if (this.signedPolicy !== undefined) this.newestPolicy = peek(this.signedPolicy, Policy);
    this.known = { trustVersion: this.trust?.version ?? 0, policyVersion: this.newestPolicy?.version ?? 0 };
    if (before !== undefined && before !== JSON.stringify([newest, this.signedPolicy]))
      for (const call of this.listeners.values()) call();
  }

  async renewIfDue(): Promise<void> {
    const at = this.parts.clock.now();
    const root = this.starter("roots");
    const { document } = this;
    const knowsUs = document.online.some(({ keyId }) => keyId === this.online.keyId);
    if (root === undefined || document.roots.threshold > 1) return;
    if (knowsUs && document.expiresAt - at > RENEW_BEFORE_MS) return;
    const ours = knowsUs ? [] : [this.onlineKey];
    const next: TrustDocument = {
      ...document,
      version: document.version + 1,
      issuedAt: at,
      expiresAt: later(at, TRUST_LIFETIME_MS_MAX),
      online: [...document.online, ...ours].slice(-5),
    };
    await this.publishTrust(seal(PAYLOAD_TYPES.trust, next, [root]));
  }

  onChange(call: () => void): () => void {
    const name = randomUUID();
    this.listeners.set(name, call);
    return () => void this.listeners.delete(name);
  }
}

const notTaken = (what: string, { rule, because }: { rule: string; because: string }): Refused =>
  new Refused("invalid-request", `The ${what} is not taken (${rule}): ${because}. Agents would refuse it too.`);

function there<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the trust keeper has not read its documents");
  return value;
}
