/** There is nothing, and that is the answer: says so, and what the next step would be. */
import type { ReactNode } from "react";
import styles from "./empty.module.css";

export function Empty({ what, children }: { readonly what: string; readonly children?: ReactNode }) {
  return (
    <div className={styles["empty"]}>
      <p>
        <strong>{what}</strong>
      </p>
      {children}
    </div>
  );
}
