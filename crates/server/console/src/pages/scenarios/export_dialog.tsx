// Giving scenarios away as a file: which of them, and what goes with them.

import { useId, useState } from "react";
import type { ScenarioSummary } from "../../api/types";
import { Button, LinkButton } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { CheckField } from "../../ui/field";
import { Cut } from "../../ui/text";
import { exportAddress, type Which } from "./export_address";
import styles from "./scenarios.module.css";

export function ExportDialog({
  scenarios,
  onClose,
}: {
  scenarios: ScenarioSummary[];
  onClose: () => void;
}) {
  const usual = ({ version }: ScenarioSummary): Which => (version === null ? "draft" : "published");
  const all = () => new Map(scenarios.map((one) => [one.name, usual(one)]));
  const [chosen, setChosen] = useState<ReadonlyMap<string, Which>>(all);
  const [routes, setRoutes] = useState(false);
  const [blocks, setBlocks] = useState(false);
  const choose = (name: string, which: Which | undefined) => {
    const next = new Map(chosen);
    if (which) next.set(name, which);
    else next.delete(name);
    setChosen(next);
  };
  const only = chosen.size === 1 ? [...chosen.keys()][0] : undefined;
  const file = `${only ?? "scenarios"}.${blocks ? "zip" : "json"}`;
  return (
    <Dialog
      title="Export scenarios"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          {chosen.size === 0 ? (
            <Button look="primary" disabled>
              Export
            </Button>
          ) : (
            <LinkButton
              look="primary"
              href={exportAddress(chosen, { routes, blocks }).href}
              download={file}
            >
              {chosen.size === 1 ? "Export one scenario" : `Export ${chosen.size} scenarios`}
            </LinkButton>
          )}
        </>
      }
    >
      <div className={styles.all}>
        <Button look="quiet" onClick={() => setChosen(all())}>
          All
        </Button>
        <Button look="quiet" onClick={() => setChosen(new Map())}>
          None
        </Button>
      </div>
      <ul className={styles.choices} aria-label="Scenarios">
        {scenarios.map((one) => (
          <Choice
            key={one.name}
            scenario={one}
            which={chosen.get(one.name)}
            usual={usual(one)}
            onChoose={(which) => choose(one.name, which)}
          />
        ))}
      </ul>
      <CheckField
        label="With the routes"
        hint="All of them: which numbers and queues lead to which scenario."
        checked={routes}
        onChange={setRoutes}
      />
      <CheckField
        label="With their blocks"
        hint="As a .zip file, for a server that does not have these blocks."
        checked={blocks}
        onChange={setBlocks}
      />
      <p className={styles.soft}>
        It holds the names of integration accounts, and none of their secrets.
      </p>
    </Dialog>
  );
}

function Choice({
  scenario,
  which,
  usual,
  onChoose,
}: {
  scenario: ScenarioSummary;
  which: Which | undefined;
  usual: Which;
  onChoose: (which: Which | undefined) => void;
}) {
  const { name, title, version, draft } = scenario;
  const id = useId();
  return (
    <li>
      <input
        id={id}
        type="checkbox"
        checked={which !== undefined}
        onChange={(event) => onChoose(event.target.checked ? usual : undefined)}
      />
      <label htmlFor={id}>
        <Cut className={styles.strong}>{title ?? name}</Cut>
        <Cut className={styles.soft}>{name}</Cut>
      </label>
      {version !== null && draft !== null ? (
        <select
          className={styles.which}
          aria-label={`What of ${name}`}
          value={which ?? usual}
          disabled={which === undefined}
          onChange={(event) => onChoose(event.target.value as Which)}
        >
          <option value="published">Version {version}</option>
          <option value="draft">Draft</option>
        </select>
      ) : (
        <span className={styles.soft}>{version === null ? "Draft" : `Version ${version}`}</span>
      )}
    </li>
  );
}
