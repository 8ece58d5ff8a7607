/** An icon and a word in a colour: a condition, a status, a phase. */
import type { Tone } from "../words/tones.ts";
import type { IconType } from "../words/icon.ts";
import styles from "./badge.module.css";

interface BadgeProps {
  readonly tone: Tone;
  readonly Icon: IconType;
  readonly word: string;
  readonly title?: string;
  readonly size?: "normal" | "large";
}

export function Badge({ tone, Icon, word, title, size = "normal" }: BadgeProps) {
  return (
    <span className={styles["badge"]} data-tone={tone} data-size={size} title={title}>
      <Icon size={size === "large" ? 20 : 16} aria-hidden />
      {word}
    </span>
  );
}
