/** What stands in for a page that is still being asked for. Shown only after 300 ms, so that quick answers don't flicker. */
import styles from "./skeleton.module.css";

export function Skeleton({ what }: { readonly what: string }) {
  return (
    <output className={styles["skeleton"]}>
      <span className="visually-hidden">Loading {what}</span>
      <div aria-hidden />
      <div aria-hidden />
      <div aria-hidden />
    </output>
  );
}
