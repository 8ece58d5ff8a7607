/** On every page, until it is put right: starter keys on the controller, and a trust document that is about to expire. */
import { Link } from "react-router";
import { TrustView } from "../../../protocol/api-trust.ts";
import { useNow } from "../hooks/use-now.ts";
import { useView } from "../hooks/use-view.ts";
import { expiryOf } from "../words/expiry.ts";
import styles from "./layout.module.css";
import { Notice } from "./notice.tsx";

export function TrustBanner() {
  const trust = useView(TrustView, "/trust", [{ topic: "trust" }]);
  const now = useNow();
  if (trust.kind !== "here") return null;
  const { starterRoles, sentence, document } = trust.data;
  const expiry = expiryOf(document, now);
  if (starterRoles.length === 0 && expiry.kind === "far") return null;
  return (
    <aside aria-label="About trust" className={styles["banner"]}>
      {expiry.kind !== "far" && (
        <Notice tone={expiry.kind === "over" ? "bad" : "warn"}>
          <p>
            <strong>
              {expiry.kind === "over" ? "The trust document has expired." : "The trust document expires soon."}
            </strong>{" "}
            {expiry.words} {expiry.kind === "over" ? "Devices" : "Then devices"} change nothing until the holders of the
            root keys have signed the next one. <Link to="/trust">See whom devices believe</Link>
          </p>
        </Notice>
      )}
      {starterRoles.length > 0 && (
        <Notice tone="warn">
          <p>
            <strong>This controller still holds its starter keys.</strong> {sentence}{" "}
            <Link to="/trust">See whom devices believe</Link>
          </p>
        </Notice>
      )}
    </aside>
  );
}
