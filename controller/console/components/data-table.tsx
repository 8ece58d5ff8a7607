/**
 * A table that scrolls inside itself where the page is narrow; the keyboard reaches it to scroll. With `cards` each row
 * becomes a card there instead, so that nothing has to be scrolled for.
 */
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import styles from "./data-table.module.css";

export interface SortableColumn {
  readonly name: string;
  /** Where the list is in this order; pressed again, in the opposite one. */
  readonly to: string;
  readonly sorted: "ascending" | "descending" | undefined;
}

interface DataTableProps {
  readonly caption: string;
  readonly columns: readonly (string | SortableColumn)[];
  readonly children: ReactNode;
  /** Each cell then names its column in `data-label`. */
  readonly cards?: boolean;
}

export function DataTable({ caption, columns, children, cards = false }: DataTableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- the keyboard must reach what scrolls; a fieldset is for fields
    <div className={styles["scroll"]} role="group" aria-label={caption} tabIndex={0} data-cards={cards}>
      <table className={styles["table"]}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === "string" ? (
                <th key={column} scope="col">
                  {column}
                </th>
              ) : (
                <SortableHead key={column.name} {...column} />
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function SortableHead({ name, to, sorted }: SortableColumn) {
  const Icon = sorted === undefined ? IconArrowsSort : sorted === "ascending" ? IconArrowUp : IconArrowDown;
  return (
    <th scope="col" aria-sort={sorted ?? "none"}>
      <Link to={to} className={styles["sort"]} data-sorted={sorted !== undefined}>
        {name} <Icon size={14} aria-hidden />
      </Link>
    </th>
  );
}
