// What a step changed.

import type { StepTrace } from "../../../api/types";
import { Table } from "../../../ui/table";
import { Value } from "../../../ui/value";

export function Changes({ changed }: { changed: NonNullable<StepTrace["changed"]> }) {
  const names = Object.entries(changed);
  if (names.length === 0) return null;
  return (
    <Table
      caption="Variables that the step set"
      rows={names}
      keyOf={([name]) => name}
      columns={[
        { title: "Variable", cell: ([name]) => <code>{name}</code> },
        {
          title: "Before",
          cell: ([name, change]) => <Value of={change.before} name={`${name} before`} />,
        },
        {
          title: "After",
          cell: ([name, change]) => <Value of={change.after} name={`${name} after`} />,
        },
      ]}
    />
  );
}
