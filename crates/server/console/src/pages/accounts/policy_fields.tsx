// What may be done with the account, and how hard.

import { CheckField, TextField } from "../../ui/field";
import { Columns } from "../../ui/form";
import type { PolicyForm } from "./account_form";
import styles from "./accounts.module.css";
import type { PartProps } from "./parts";

const OPERATIONS = ["query", "retrieve", "create", "update", "delete", "associate", "execute"];

export function PolicyFields({ form, change, fault }: PartProps) {
  const { policy } = form;
  const set = (part: Partial<PolicyForm>) => change({ policy: { ...policy, ...part } });
  return (
    <>
      <Operations policy={policy} set={set} fault={fault} />
      <Columns>
        <TextField
          label="Tables allowed"
          optional
          placeholder="contacts, incidents"
          hint="Entity set names, separated by commas. Empty: all."
          value={policy.tables}
          onChange={(tables) => set({ tables })}
          error={fault("/policy/tables")}
        />
        <TextField
          label="Sensitive columns"
          optional
          placeholder="birthdate, contacts.governmentid"
          hint="Their values are shown in no trace of a run."
          value={policy.sensitiveColumns}
          onChange={(sensitiveColumns) => set({ sensitiveColumns })}
          error={fault("/policy/sensitive_columns")}
        />
      </Columns>
      <Columns>
        <TextField
          label="Requests at once"
          inputMode="numeric"
          hint="Dynamics 365 takes 52 of one user."
          value={policy.maxConcurrent}
          onChange={(maxConcurrent) => set({ maxConcurrent })}
          error={fault("/policy/max_concurrent")}
        />
        <TextField
          label="Request time-out (ms)"
          inputMode="numeric"
          value={policy.requestTimeout}
          onChange={(requestTimeout) => set({ requestTimeout })}
          error={fault("/policy/request_timeout_ms")}
        />
        <TextField
          label="Token time-out (ms)"
          inputMode="numeric"
          value={policy.tokenTimeout}
          onChange={(tokenTimeout) => set({ tokenTimeout })}
          error={fault("/policy/token_timeout_ms")}
        />
        <TextField
          label="Connection time-out (ms)"
          inputMode="numeric"
          value={policy.connectTimeout}
          onChange={(connectTimeout) => set({ connectTimeout })}
          error={fault("/policy/connect_timeout_ms")}
        />
      </Columns>
      <CheckField
        label="Stay with one server of Dynamics 365"
        hint="Keeps its affinity cookie. Microsoft advises against it where many requests run at once."
        checked={policy.affinityCookie}
        onChange={(affinityCookie) => set({ affinityCookie })}
        error={fault("/policy/affinity_cookie")}
      />
    </>
  );
}

function Operations({
  policy,
  set,
  fault,
}: {
  policy: PolicyForm;
  set: (part: Partial<PolicyForm>) => void;
  fault: PartProps["fault"];
}) {
  const { operations } = policy;
  const toggle = (operation: string, allowed: boolean) => {
    const before = operations ?? OPERATIONS;
    const after = OPERATIONS.filter((name) =>
      name === operation ? allowed : before.includes(name),
    );
    set({ operations: after });
  };
  return (
    <fieldset className={styles.group}>
      <legend>Operations allowed</legend>
      <CheckField
        label="All operations"
        checked={operations === null}
        onChange={(all) => set({ operations: all ? null : OPERATIONS })}
        error={fault("/policy/operations")}
      />
      {operations !== null && (
        <div className={styles.choices}>
          {OPERATIONS.map((operation) => (
            <CheckField
              key={operation}
              label={operation}
              checked={operations.includes(operation)}
              onChange={(allowed) => toggle(operation, allowed)}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
