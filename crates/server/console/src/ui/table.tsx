// Tables. On a narrow screen each row becomes a card, with the columns' titles beside what stands in them.

import { type ReactNode, useState } from "react";
import { cx } from "./class_names";
import { SelectField } from "./field";
import { Icon } from "./icons";
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
  /** By what the rows are sorted where this column is chosen: texts from A to Z, numbers from the largest. */
  sortBy?: (row: Row) => string | number;
};

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  sortedBy,
}: {
  /** What the table is of, for readers of screens. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** The title of the column by which the rows are sorted at first, where they can be sorted. */
  sortedBy?: string;
}) {
  const [sorting, setSorting] = useState({ by: sortedBy, reversed: false });
  const sort = (by: string) =>
    setSorting((before) => ({ by, reversed: before.by === by && !before.reversed }));
  const look = (column: Column<Row>) =>
    cx(column.number && styles.number, column.narrow && styles.narrow);
  const table = (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard
    <section className={styles.frame} tabIndex={0} aria-label={caption}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={look(column)}
                aria-sort={
                  column.title === sorting.by ? direction(column, rows, sorting) : undefined
                }
              >
                <Title column={column} sorting={sorting} onSort={sort} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, columns, sorting).map((row) => (
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
  const sortable = columns.filter((column) => column.sortBy).map((column) => column.title);
  if (sortable.length === 0) return table;
  return (
    <>
      <div className={styles.sorting}>
        <SelectField
          label="Sort by"
          value={sorting.by ?? ""}
          onChange={(by) => setSorting({ by, reversed: false })}
          options={sortable.map((title) => [title, title])}
        />
      </div>
      {table}
    </>
  );
}

type Sorting = { by: string | undefined; reversed: boolean };

function Title<Row>({
  column,
  sorting,
  onSort,
}: {
  column: Column<Row>;
  sorting: Sorting;
  onSort: (by: string) => void;
}) {
  if (column.untitled) return <span className="visually-hidden">{column.title}</span>;
  if (!column.sortBy) return column.title;
  const chosen = column.title === sorting.by;
  return (
    <>
      <button type="button" className={styles.sort} onClick={() => onSort(column.title)}>
        {column.title}
        <span className={cx(styles.arrow, chosen && styles.chosen, sorting.reversed && styles.up)}>
          <Icon name="sorted" size={12} />
        </span>
      </button>
      <span className={styles.plain}>{column.title}</span>
    </>
  );
}

/** Stable, so that rows that are alike stay where they are. */
function sorted<Row>(rows: Row[], columns: Column<Row>[], sorting: Sorting): Row[] {
  const of = columns.find((column) => column.title === sorting.by)?.sortBy;
  if (!of) return rows;
  const sign = sorting.reversed ? -1 : 1;
  return [...rows].sort((one, other) => sign * compared(of(one), of(other)));
}

function compared(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return other - one;
  return String(one).localeCompare(String(other));
}

function direction<Row>(column: Column<Row>, rows: Row[], sorting: Sorting) {
  const first = rows[0];
  const largestFirst = first !== undefined && typeof column.sortBy?.(first) === "number";
  return largestFirst === sorting.reversed ? "ascending" : "descending";
}
