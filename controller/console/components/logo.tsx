/** The name and its mark: a ring that turns back. */
import { Link } from "react-router";
import styles from "./logo.module.css";

export function Logo() {
  return (
    <Link to="/" className={styles["logo"]}>
      <svg
        viewBox="0 0 32 32"
        width="24"
        height="24"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
        aria-hidden
      >
        <path d="M6 8a13 13 0 1 1-2.6 11" />
        <path d="M5 2v7h7" strokeLinejoin="round" />
        <circle cx="16" cy="16" r="6" />
        <circle cx="16" cy="16" r="1.5" fill="currentColor" stroke="none" />
      </svg>
      Ringback
    </Link>
  );
}
