// A list that comes page by page, with what stands in its place when it is empty, on its way, or cannot be had.

import type { ReactNode } from "react";
import { messageOf } from "../api/problem";
import { Button } from "./button";
import { Notice } from "./notice";
import { Loading } from "./page";
import styles from "./page.module.css";
import { type Column, Table } from "./table";
import type { Pages } from "./use_pages";

export function Paged<Row>({
  caption,
  pages,
  columns,
  keyOf,
  empty,
}: {
  caption: string;
  pages: Pages<Row>;
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  empty: ReactNode;
}) {
  const { rows, error, more, busy } = pages;
  return (
    <>
      {rows && rows.length > 0 && (
        <Table caption={caption} rows={rows} columns={columns} keyOf={keyOf} />
      )}
      {error !== undefined && <Notice tone="bad">{messageOf(error)}</Notice>}
      {rows?.length === 0 && empty}
      {!rows && error === undefined && <Loading />}
      {more && (
        <div className={styles.more}>
          <Button busy={busy} onClick={more}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
