// Tables. On a narrow screen each row becomes a card, with the columns' titles beside what stands in them.

import type { ReactNode } from "react";
import { cx } from "./class_names";
import styles from "./table.module.css";

export type Column<Row> = {
  title: string;
  cell: (row: Row) => ReactNode;
  /** The title is for readers of screens alone: what stands in the column explains itself. */
  untitled?: boolean;
  /** Numbers stand at the end of their column. */
  number?: boolean;
  /** No wider than what stands in it. */
  narrow?: boolean;
};

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  /** What the table is of, for readers of screens. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
}) {
  const look = (column: Column<Row>) =>
    cx(column.number && styles.number, column.narrow && styles.narrow);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard
    <section className={styles.frame} tabIndex={0} aria-label={caption}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={look(column)}>
                {column.untitled ? (
                  <span className="visually-hidden">{column.title}</span>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td
                  key={column.title}
                  data-title={column.untitled ? "" : column.title}
                  className={look(column)}
                >
                  <div className={styles.cell}>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
