// Rows that are edited one by one, while what they make is kept elsewhere. A row that makes nothing yet stays on the
// screen; what changes elsewhere, by an undo say, replaces them.

import { useRef, useState } from "react";

type Keyed<Row> = { key: number; row: Row };

export type Rows<Row> = {
  rows: Keyed<Row>[];
  set: (key: number, row: Row) => void;
  add: (row: Row) => void;
  remove: (key: number) => void;
};

let last = 0;
function keyed<Row>(row: Row): Keyed<Row> {
  last += 1;
  return { key: last, row };
}

export function useRows<Value, Row>(
  value: Value,
  read: (value: Value) => Row[],
  write: (rows: Row[]) => Value,
  onChange: (value: Value) => void,
): Rows<Row> {
  const [rows, setRows] = useState(() => read(value).map(keyed));
  const told = useRef(JSON.stringify(value));
  const now = JSON.stringify(value);
  if (now !== told.current) {
    told.current = now;
    setRows(read(value).map(keyed));
  }
  const put = (next: Keyed<Row>[]) => {
    const made = write(next.map(({ row }) => row));
    told.current = JSON.stringify(made);
    setRows(next);
    onChange(made);
  };
  return {
    rows,
    set: (key, row) => put(rows.map((one) => (one.key === key ? { key, row } : one))),
    add: (row) => put([...rows, keyed(row)]),
    remove: (key) => put(rows.filter((one) => one.key !== key)),
  };
}
