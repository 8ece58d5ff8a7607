/** A table that scrolls inside itself where the page is narrow; the keyboard reaches it to scroll. */
import type { ReactNode } from "react";
import styles from "./data-table.module.css";

interface DataTableProps {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

export function DataTable({ caption, columns, children }: DataTableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- the keyboard must reach what scrolls; a fieldset is for fields
    <div className={styles["scroll"]} role="group" aria-label={caption} tabIndex={0}>
      <table className={styles["table"]}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
