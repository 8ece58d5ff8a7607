/**
 * How strong the evidence against a version is, of what it takes to convict. The bar grows with the powers of E, because
 * evidence multiplies; the words beside it say all that it shows.
 */
import { largeNumber, NOTIFY_AT_E, strengthShare, strengthWords } from "../../../protocol/incident-words.ts";
import styles from "./evidence-meter.module.css";
import { Meter } from "./meter.tsx";

interface EvidenceMeterProps {
  readonly e: number;
  readonly threshold: number;
  /** Of a table's cell: the numbers and the bar, without the sentence. */
  readonly brief?: boolean;
}

export function EvidenceMeter({ e, threshold, brief = false }: EvidenceMeterProps) {
  return (
    <div className={styles["strength"]} data-convicts={e >= threshold}>
      <p className="numeric">
        {!brief && "Strength of evidence: "}
        <strong>{largeNumber(Math.max(0, e))}</strong> of {largeNumber(threshold)}
        {brief ? "" : " that it takes to convict"}
      </p>
      <Meter value={strengthShare(e, threshold)} mark={strengthShare(NOTIFY_AT_E, threshold)} />
      {!brief && (
        <p className="muted">
          {strengthWords(e, threshold)} The mark stands at {NOTIFY_AT_E}, where people are told; the bar is full where
          it convicts.
        </p>
      )}
    </div>
  );
}
