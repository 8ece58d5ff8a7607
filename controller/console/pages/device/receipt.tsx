/** The device's own account of an order, and whether its signature makes it a proof. */
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import type { DeviceOrderView } from "../../../../protocol/api-device.ts";
import type { FileEffect } from "../../../../protocol/progress.ts";
import { Badge } from "../../components/badge.tsx";
import { Copyable } from "../../components/copyable.tsx";
import { Download } from "../../components/download.tsx";
import { JsonBlock } from "../../components/json-block.tsx";
import { Moment } from "../../components/moment.tsx";
import { bytes, duration } from "../../words/numbers.ts";
import styles from "./device.module.css";

interface ReceiptProps {
  readonly order: DeviceOrderView;
  readonly receipt: NonNullable<DeviceOrderView["receipt"]>;
}

export function ReceiptPart({ order: { id }, receipt: { envelope, check } }: ReceiptProps) {
  const isGood = check.kind === "verified";
  const said = isGood ? check.receipt : check.claimed;
  const files = said?.steps.flatMap((step) => step.files) ?? [];
  return (
    <section className={styles["receipt"]} data-tone={isGood ? "good" : "bad"} aria-label="Receipt">
      <p className={styles["badge-line"]}>
        <strong>Receipt</strong>
        {isGood ? (
          <>
            <Badge tone="good" Icon={IconShieldCheck} word="Signature verified" /> against this device's key
          </>
        ) : (
          <Badge tone="bad" Icon={IconShieldX} word="Proves nothing" />
        )}
      </p>
      {!isGood && <p>The receipt is not believed: {check.because}. What it says is shown as a claim only.</p>}
      {said !== null && (
        <p>
          {isGood ? "The device says" : "It claims"}: {said.outcome.replace("-", " ")}, in {duration(said.durationMs)},
          finished at <Moment at={said.finishedAt} /> by its own clock, in boot <code>{said.bootId}</code>.
        </p>
      )}
      {files.length > 0 && (
        <ul className={styles["lines"]} aria-label="Files">
          {files.map((file) => (
            <FileLine key={`${file.path} ${file.effect}`} file={file} />
          ))}
        </ul>
      )}
      <div className={styles["buttons"]}>
        {isGood && <Copyable text={check.digest} short={`SHA-256 ${check.digest.slice(0, 12)}`} what="digest" />}
        <Download value={envelope} fileName={`${id}.receipt.json`} label="Signed receipt" />
      </div>
      <JsonBlock value={said ?? envelope} summary="What it says, as JSON" what="the receipt as JSON" />
    </section>
  );
}

function FileLine({ file: { path, effect, sizeBytes, sha256 } }: { readonly file: FileEffect }) {
  return (
    <li>
      {effect === "quarantined" ? "Moved into quarantine" : "Put back"}: <code>{path}</code>, {bytes(sizeBytes)},{" "}
      <Copyable text={sha256} short={sha256.slice(0, 12)} what={`SHA-256 of ${path}`} />
    </li>
  );
}
