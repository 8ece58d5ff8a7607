/** The ways through a list that the server pages: the cursor is in the address, so a page can be handed on. */
import { Link, useLocation, useSearchParams } from "react-router";
import styles from "./pager.module.css";

interface PagerProps {
  readonly next: string | null;
  /** Of lists that lead back; of others "back" is the browser's. */
  readonly previous?: string | null;
  /** "51 to 100 of 12,431". */
  readonly range?: string | undefined;
}

export function Pager({ next, previous, range }: PagerProps) {
  const { pathname } = useLocation();
  const [query] = useSearchParams();
  const isFirst = !query.has("cursor");
  if (isFirst && next === null) return null;
  const to = (cursor: string | null): string => {
    const changed = new URLSearchParams(query);
    if (cursor === null) changed.delete("cursor");
    else changed.set("cursor", cursor);
    return `${pathname}?${changed.toString()}`;
  };
  return (
    <nav aria-label="Pages" className={styles["pager"]}>
      {isFirst ? <span className="muted">First page</span> : <Link to={to(null)}>First page</Link>}
      {previous !== undefined &&
        (previous === null ? (
          <span className="muted">Previous page</span>
        ) : (
          <Link to={to(previous)}>Previous page</Link>
        ))}
      {next === null ? <span className="muted">Last page</span> : <Link to={to(next)}>Next page</Link>}
      {range !== undefined && <span className="muted numeric">{range}</span>}
    </nav>
  );
}
