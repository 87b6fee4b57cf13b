// What is in an export, and what is to become of each part of it.

import type { Account, ImportPreview } from "../../api/types";
import { useMay } from "../../shell/session_context";
import { CheckField, SelectField, TextField } from "../../ui/field";
import { Badge, Notice } from "../../ui/notice";
import { Cut } from "../../ui/text";
import { type Choices, type Fate, faultOf } from "./import_choices";
import { Problems } from "./problems";
import styles from "./scenarios.module.css";

type Props = {
  preview: ImportPreview;
  choices: Choices;
  onChange: (choices: Choices) => void;
  /** Names of the scenarios that are here. */
  taken: string[];
  accounts: Account[];
};

export function Preview(props: Props) {
  const { preview, choices, onChange } = props;
  const { routes } = preview;
  return (
    <>
      <ul className={styles.coming} aria-label="Scenarios in it">
        {preview.scenarios.map((scenario) => (
          <Scenario key={scenario.name} {...props} scenario={scenario} />
        ))}
      </ul>
      <Accounts {...props} />
      <Blocks {...props} />
      <CheckField
        label="Publish them at once"
        hint="Calls get them from then on. Otherwise they wait as drafts."
        checked={choices.publish}
        onChange={(publish) => onChange({ ...choices, publish })}
      />
      {routes !== null && (
        <CheckField
          label={`Put its ${counted(routes, "route")} in the place of those here`}
          hint="Routes lead to published scenarios: they are taken only with publishing."
          checked={choices.publish && choices.routes}
          disabled={!choices.publish}
          onChange={(chosen) => onChange({ ...choices, routes: chosen })}
        />
      )}
    </>
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

type Coming = ImportPreview["scenarios"][number];

function Scenario({ scenario, choices, onChange, taken }: Props & { scenario: Coming }) {
  const { name, title, exported_version: exported, version, draft, problems } = scenario;
  const choice = choices.scenarios[name] ?? { fate: "take" as Fate, name: "" };
  const choose = (change: Partial<typeof choice>) =>
    onChange({
      ...choices,
      scenarios: { ...choices.scenarios, [name]: { ...choice, ...change } },
    });
  return (
    <li className={styles.one}>
      <div className={styles.what}>
        <Cut className={styles.strong}>{title ?? name}</Cut>
        <Cut className={styles.soft}>
          {`${name}, ${exported === null ? "a draft" : `version ${exported}`}`}
        </Cut>
        <div className={styles.badges}>
          {version === null && !draft && <Badge tone="neutral">New here</Badge>}
          {version !== null && <Badge tone="good">Version {version} is here</Badge>}
          {draft && <Badge tone="info">A draft is here</Badge>}
        </div>
        <Problems problems={problems} />
      </div>
      <div className={styles.fate}>
        <SelectField
          label={`What becomes of ${name}`}
          value={choice.fate}
          options={[
            ["take", taking(scenario, choices.publish)],
            ["rename", "Under another name"],
            ["skip", "Leave it out"],
          ]}
          onChange={(fate) => choose({ fate: fate as Fate })}
        />
        {choice.fate === "rename" && (
          <TextField
            label={`New name of ${name}`}
            mono
            value={choice.name}
            onChange={(wanted) => choose({ name: wanted })}
            error={faultOf(choices, name, taken)}
          />
        )}
      </div>
    </li>
  );
}

function taking({ version, draft }: Coming, publish: boolean): string {
  if (publish) return version === null ? "Publish it" : "Publish it as a new version";
  if (draft) return "In the place of the draft";
  return version === null ? "As a draft" : `As a draft, beside version ${version}`;
}

/** Accounts that have another name here, or none. */
function Accounts({ preview, choices, onChange, accounts }: Props) {
  const { missing } = preview;
  if (missing.accounts.length === 0) return null;
  return (
    <Notice tone="warn" title="It names integration accounts that are not here">
      <div className={styles.accounts}>
        {missing.accounts.map((old) => (
          <SelectField
            key={old}
            label={`In the place of “${old}”`}
            value={choices.accounts[old] ?? ""}
            options={[
              ["", "None: leave the name as it is"],
              ...accounts.map(({ name }): [string, string] => [name, name]),
            ]}
            onChange={(name) =>
              onChange({ ...choices, accounts: { ...choices.accounts, [old]: name } })
            }
          />
        ))}
      </div>
    </Notice>
  );
}

/** What blocks may be granted (docs/blocks.md, "Capabilities"). */
const GRANTS: [capability: string, shown: string][] = [
  ["query", "Query records"],
  ["retrieve", "Read one record"],
  ["create", "Create records"],
  ["update", "Update records"],
  ["delete", "Delete records"],
  ["execute", "Call actions"],
  ["table:*", "Use any table by themselves"],
  ["select-account", "Choose the account"],
  ["pop-screen", "Show a record to the agent"],
];

function Blocks({ preview, choices, onChange }: Props) {
  const mayInstall = useMay("administrator");
  const { installs, missing } = preview;
  const names = (blocks: typeof installs) =>
    blocks.map(({ id, version }) => `${id} ${version}`).join(", ");
  const toggle = (capability: string, granted: boolean) => {
    const others = choices.grants.filter((one) => one !== capability);
    onChange({ ...choices, grants: granted ? [...others, capability] : others });
  };
  return (
    <>
      {missing.blocks.length > 0 && (
        <Notice tone="warn" title="It needs blocks that are neither here nor in it">
          {names(missing.blocks)}
        </Notice>
      )}
      {installs.length > 0 && !mayInstall && (
        <Notice tone="warn" title="It has blocks that are not here">
          An administrator has to import it: {names(installs)} would be installed.
        </Notice>
      )}
      {installs.length > 0 && mayInstall && (
        <fieldset className={styles.grants}>
          <legend>
            {installs.length === 1 ? "One block is" : `${installs.length} blocks are`} installed
            with it: {names(installs)}
          </legend>
          <p className={styles.soft}>
            What they may do here. Each must be granted all that it asks for.
          </p>
          {GRANTS.map(([capability, shown]) => (
            <CheckField
              key={capability}
              label={shown}
              checked={choices.grants.includes(capability)}
              onChange={(granted) => toggle(capability, granted)}
            />
          ))}
        </fieldset>
      )}
    </>
  );
}
