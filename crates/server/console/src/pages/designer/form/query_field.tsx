// An OData query: text, and beside it rows for who does not write OData.

import { type ReactNode, useState } from "react";
import { Button } from "../../../ui/button";
import { Completed } from "../../../ui/completed";
import { Field } from "../../../ui/field";
import { readQuery } from "../model/odata";
import { completeVariables } from "./completions";
import styles from "./form.module.css";
import { useForm } from "./form_context";
import { QueryRows } from "./query_rows";

export function QueryField({
  label,
  hint,
  error,
  value,
  onChange,
  table,
}: {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  value: string;
  onChange: (text: string) => void;
  table: string | undefined;
}) {
  const { variables } = useForm();
  const [building, setBuilding] = useState(false);
  const query = readQuery(value);
  return (
    <div className={styles.stack}>
      <Field label={label} hint={hint} error={error} optional>
        {(wiring) => (
          <Completed
            {...wiring}
            value={value}
            onChange={onChange}
            complete={completeVariables(variables)}
            multiline
            rows={4}
            mono
          />
        )}
      </Field>
      <div>
        <Button
          icon={building ? "close" : "search"}
          aria-expanded={building}
          onClick={() => setBuilding(!building)}
        >
          {building ? "Close the query helper" : "Query helper"}
        </Button>
      </div>
      {building &&
        (query ? (
          <QueryRows value={value} query={query} onChange={onChange} table={table} />
        ) : (
          <p className={styles.hint}>
            This query says more than rows can. It stays as it is; edit it as text above.
          </p>
        ))}
    </div>
  );
}
