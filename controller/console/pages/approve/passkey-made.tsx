/** The public part of a new passkey, to be carried to whoever keeps the trust document. */
import { spoken } from "../../../../protocol/spoken.ts";
import type { Holder } from "../../../../protocol/trust-document.ts";
import { CopyButton } from "../../components/copyable.tsx";
import { Download } from "../../components/download.tsx";
import { Panel } from "../../components/panel.tsx";
import styles from "./approve.module.css";

export function PasskeyMade({ holder }: { readonly holder: Holder }) {
  const record = JSON.stringify(holder, null, 2);
  return (
    <Panel title="Your passkey is made">
      <p>
        Hand this record to whoever keeps the trust document. It holds nothing secret.{" "}
        <strong>It is trusted by nobody yet.</strong>
      </p>
      <pre className={styles["record"]} data-testid="record">
        {record}
      </pre>
      <div className={styles["buttons"]}>
        <Download value={holder} fileName={`${holder.person}-passkey.json`} label="Download the record" />
        <span>
          <CopyButton text={record} what="record" /> Copy
        </span>
      </div>
      {holder.keys.map(({ keyId }) => (
        <div key={keyId}>
          <p>
            Then read this out over the phone, from this screen. It must be the same in the trust document before
            anybody signs it:
          </p>
          <p className={styles["spoken"]} data-testid="fingerprint">
            {spoken(keyId)}
          </p>
        </div>
      ))}
    </Panel>
  );
}
