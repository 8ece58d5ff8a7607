/** The ways through a list that the server pages: the cursor is in the address, "back" is the browser's. */
import { Link, useLocation, useSearchParams } from "react-router";
import styles from "./pager.module.css";

export function Pager({ next }: { readonly next: string | null }) {
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
      {next === null ? <span className="muted">Last page</span> : <Link to={to(next)}>Next page</Link>}
    </nav>
  );
}
