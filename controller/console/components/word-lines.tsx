/** What is signed, line by line, as `protocol/plain-words.ts` gives it: what is loud cannot be overlooked. */
import { IconAlertTriangle } from "@tabler/icons-react";
import type { WordLine } from "../../../protocol/plain-words.ts";
import styles from "./word-lines.module.css";

interface WordLinesProps {
  readonly lines: readonly WordLine[];
  readonly label: string;
}

export function WordLines({ lines, label }: WordLinesProps) {
  return (
    <ul className={styles["lines"]} aria-label={label}>
      {lines.map(({ kind, text }, index) => (
        // biome-ignore lint: the lines of a signed text never change, their place is their identity
        <li key={index} data-kind={kind} data-tone={kind === "loud" ? "bad" : undefined}>
          {kind === "loud" && <IconAlertTriangle size={18} aria-label="Mind this:" />}
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
