/** Text that people carry elsewhere, an id or a command, with a button that copies it. */
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import styles from "./copyable.module.css";

interface CopyableProps {
  readonly text: string;
  /** What the text is: "rollout id". */
  readonly what: string;
  /** Shown instead of the text where space is short; the whole text is copied. */
  readonly short?: string;
}

export function Copyable({ text, what, short }: CopyableProps) {
  return (
    <span className={styles["copyable"]}>
      <code title={short === undefined ? undefined : text}>{short ?? text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

export function CopyButton({ text, what }: Pick<CopyableProps, "text" | "what">) {
  const [outcome, setOutcome] = useState<"copied" | "failed">();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      setOutcome("failed"); // not a secure context, or not allowed
    }
  };
  const Icon = outcome === "copied" ? IconCheck : IconCopy;
  return (
    <>
      <button
        type="button"
        className={styles["button"]}
        onClick={() => void copy()}
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
      >
        <Icon size={16} aria-hidden />
      </button>
      <output className={outcome === "failed" ? styles["failed"] : "visually-hidden"}>
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "Cannot copy: select the text instead" : ""}
      </output>
    </>
  );
}
