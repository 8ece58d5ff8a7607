/** Something as the API gives it, folded away until somebody wants it. */
import { type ReactNode, useState } from "react";
import { CopyButton } from "./copyable.tsx";
import styles from "./json-block.module.css";

interface JsonBlockProps {
  readonly value: unknown;
  readonly summary: ReactNode;
  /** What is copied: "device as JSON". */
  readonly what: string;
}

export function JsonBlock({ value, summary, what }: JsonBlockProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className={styles["block"]} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {open && <Json value={value} what={what} />}
    </details>
  );
}

function Json({ value, what }: Pick<JsonBlockProps, "value" | "what">) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className={styles["frame"]}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard must reach what scrolls */}
      <pre tabIndex={0}>{text}</pre>
      <span className={styles["copy"]}>
        <CopyButton text={text} what={what} />
      </span>
    </div>
  );
}
