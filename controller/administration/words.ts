/**
 * Taking approvers' signatures under what is no plan: the word that ends a stop, and holds. The rules are those of plans:
 * a signature counts for the very text that was read, people count and not keys, the starter key while it is named.
 */
import type { Sha256 } from "../../protocol/canonical.ts";
import { type Envelope, fromBase64, pae, payloadDigest, toBase64 } from "../../protocol/dsse.ts";
import type { HoldId, StopId } from "../../protocol/ids.ts";
import type { SignatureRequest } from "../../protocol/api-trust.ts";
import { voicesOf } from "../../protocol/signatures.ts";
import type { z } from "zod";
import { Refused } from "../ports/refused.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { Approval, Unsigned } from "../store/signing.ts";
import { signedBy, viewApproval } from "./approvals.ts";
import type { Desk } from "./desk.ts";

export interface Word {
  readonly subject: StopId | HoldId;
  readonly statement: Unsigned;
  readonly approvals: readonly Approval[];
  /** People. */
  readonly needed: number;
}
/** As it is stored now. */
export type ReadWord = () => Promise<Word>;

export const digestOfWord = ({ statement }: Pick<Word, "statement">): Sha256 =>
  payloadDigest({ ...statement, signatures: [] });

/** What the API shows of it. */
export const viewWord = ({ statement, approvals, needed }: Word, envelope: Envelope | null, trust: TrustKeeper) => ({
  statementDigest: digestOfWord({ statement }),
  signed: statement,
  approvals: approvals.map((approval) => viewApproval(approval, trust.document)),
  approvalsNeeded: needed,
  envelope,
});

export interface Signed {
  /** Names of those whose signatures count. */
  readonly by: string;
  readonly envelope: Envelope;
  readonly isEnough: boolean;
}

const peopleOf = (envelope: Envelope, { document, verify }: TrustKeeper) =>
  voicesOf(envelope, document.approvers, document.passkeys, verify);

/** Keeps a signature, and says whether they are enough now. @throws Refused, and nothing was kept */
export async function sign(
  { orchestrator, trust }: Desk,
  word: Word,
  read: ReadWord,
  { statementDigest, keyId, sig }: z.infer<typeof SignatureRequest>,
  by: string,
): Promise<Signed> {
  mustBe(word, statementDigest);
  const { store, clock } = orchestrator.deps;
  const [voice] = peopleOf(signedBy(word.statement, [{ keyId, sig }]), trust);
  if (voice === undefined)
    throw new Refused(
      "not-allowed",
      `This is no good signature of the statement by an approver whom the trust document names with the key ${keyId}. Nothing was kept.`,
    );
  const approval: Approval = { keyId, person: voice.holder.person, sig, at: clock.now(), by };
  if ((await store.addWordApproval(word.subject, statementDigest, approval)) === "changed") throw isAnother();
  // Read again: of two who sign in one moment, the later one has to see both.
  const stored = await read();
  mustBe(stored, statementDigest);
  const others = stored.approvals.filter((kept) => kept.keyId !== keyId);
  const envelope = signedBy(stored.statement, [...others, approval]);
  const people = peopleOf(envelope, trust);
  return { by: people.map(({ holder }) => holder.name).join(", "), envelope, isEnough: people.length >= word.needed };
}

/** The controller's own signature. @throws Refused once its starter key is not named any more */
export function starterSignature(
  { trust }: Desk,
  word: Word,
  statementDigest: Sha256,
): z.infer<typeof SignatureRequest> {
  mustBe(word, statementDigest);
  const signer = trust.starter("approvers");
  if (signer === undefined)
    throw new Refused(
      "wrong-state",
      "The controller's starter key approves nothing any more: approvers sign with their own keys. Nothing was kept.",
    );
  const { payloadType, payload } = word.statement;
  return { statementDigest, keyId: signer.keyId, sig: toBase64(signer.sign(pae(payloadType, fromBase64(payload)))) };
}

function mustBe(word: Word, statementDigest: Sha256): void {
  if (digestOfWord(word) !== statementDigest) throw isAnother();
}

export const isAnother = (): Refused =>
  new Refused("conflict", "The statement says something else by now. Read it again before you approve it.", [
    { path: "statementDigest", message: "not the digest of the statement as it is stored" },
  ]);
