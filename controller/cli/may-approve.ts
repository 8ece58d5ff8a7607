/** Said before a passphrase is asked for: what the controller would not take, nor devices. */
import type { TrustView } from "../../protocol/api-trust.ts";
import { UsageError } from "./errors.ts";
import { readHolder } from "./key-file.ts";

/** @throws UsageError if the trust document names no approver with this key */
export async function mayApprove(file: string, { document }: TrustView): Promise<void> {
  const { person, keys } = await readHolder(file);
  const own = new Set(keys.map(({ keyId }) => keyId));
  if (document.approvers.holders.some((holder) => holder.keys.some(({ keyId }) => own.has(keyId)))) return;
  throw new UsageError(
    `The trust document names no approver with this key (${person}). Its roots can add it: ringback trust draft --approver.`,
  );
}
