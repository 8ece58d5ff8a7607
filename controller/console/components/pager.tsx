/** The ways through a list that the server pages: the cursor is in the address, so a page can be handed on. */
import { Link, useLocation, useSearchParams } from "react-router";
import styles from "./pager.module.css";

interface PagerProps {
  readonly next: string | null;
  /** Of lists that lead back; of others "back" is the browser's. */
  readonly previous?: string | null;
  /** "51 to 100 of 12,431". */
  readonly range?: string | undefined;
  /** Where a page has several lists: the name of this one's cursor in the address, and of the list. */
  readonly param?: string;
  readonly label?: string;
  readonly first?: string;
  readonly further?: string;
}

export function Pager({
  next,
  previous,
  range,
  param = "cursor",
  label = "Pages",
  first = "First page",
  further = "Next page",
}: PagerProps) {
  const { pathname } = useLocation();
  const [query] = useSearchParams();
  const isFirst = !query.has(param);
  if (isFirst && next === null) return null;
  const to = (cursor: string | null): string => {
    const changed = new URLSearchParams(query);
    if (cursor === null) changed.delete(param);
    else changed.set(param, cursor);
    return `${pathname}?${changed.toString()}`;
  };
  return (
    <nav aria-label={label} className={styles["pager"]}>
      {isFirst ? <span className="muted">{first}</span> : <Link to={to(null)}>{first}</Link>}
      {previous !== undefined &&
        (previous === null ? (
          <span className="muted">Previous page</span>
        ) : (
          <Link to={to(previous)}>Previous page</Link>
        ))}
      {next === null ? <span className="muted">Last page</span> : <Link to={to(next)}>{further}</Link>}
      {range !== undefined && <span className="muted numeric">{range}</span>}
    </nav>
  );
}
