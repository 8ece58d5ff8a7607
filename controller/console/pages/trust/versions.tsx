/** Every trust document, newest first, who signed it, and what the newest one changed. */
import { type Envelope, type KeyId, payloadDigest, peek } from "../../../../protocol/dsse.ts";
import { TrustDocument } from "../../../../protocol/trust-document.ts";
import { trustWords } from "../../../../protocol/trust-words.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Moment } from "../../components/moment.tsx";
import { Panel } from "../../components/panel.tsx";
import { WordLines } from "../../components/word-lines.tsx";

/** Older ones than these help nobody reading a table; the API has them all. */
const SHOWN_MAX = 12;

export function Versions({ documents }: { readonly documents: readonly Envelope[] }) {
  const shown = documents
    .slice(-SHOWN_MAX - 1)
    .map((envelope) => ({ envelope, document: peek(envelope, TrustDocument) }))
    .toReversed();
  const [newest, before] = shown;
  return (
    <Panel title="Versions">
      <DataTable caption="Trust documents" columns={["Version", "Issued", "Expires", "Signed by", "Digest"]}>
        {shown.slice(0, SHOWN_MAX).map(({ envelope, document }, index) => (
          <tr key={document.version}>
            <th scope="row" className="numeric">
              {document.version}
            </th>
            <td>
              <Moment at={document.issuedAt} />
            </td>
            <td>
              <Moment at={document.expiresAt} />
            </td>
            <td>{signersOf(envelope, document, shown[index + 1]?.document)}</td>
            <td>
              <code title={payloadDigest(envelope)}>{payloadDigest(envelope).slice(0, 12)}</code>
            </td>
          </tr>
        ))}
      </DataTable>
      {newest !== undefined && before !== undefined && (
        <details>
          <summary>What version {newest.document.version} changed</summary>
          <WordLines label="What changed" lines={trustWords(before.document, newest.document)} />
        </details>
      )}
    </Panel>
  );
}

/** Names of the roots whose keys stand under it, of its own and of those before. Devices check the signatures. */
function signersOf({ signatures }: Envelope, own: TrustDocument, before: TrustDocument | undefined): string {
  const holders = [...own.roots.holders, ...(before?.roots.holders ?? [])];
  const nameOf = (keyId: KeyId): string =>
    holders.find(({ keys }) => keys.some((key) => key.keyId === keyId))?.name ?? "a key that is not known";
  return [...new Set(signatures.map(({ keyid }) => nameOf(keyid)))].join(", ");
}
