/** A part of a page with a heading of its own. */
import { type ReactNode, useId } from "react";
import styles from "./panel.module.css";

interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  readonly id?: string;
}

export function Panel({ title, children, aside, id }: PanelProps) {
  const titleId = useId();
  return (
    <section aria-labelledby={titleId} className={styles["panel"]} id={id}>
      <div className={styles["head"]}>
        <h2 id={titleId}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
