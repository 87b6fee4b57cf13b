// The exits of a block as choices: where each of them leads.

import { SelectField } from "../../ui/field";
import { useDesigner } from "./context";
import { exitsOf, shownExits, titles } from "./model/blocks";
import { connect, type Instance } from "./model/document";
import { messagesAt, ofInstance } from "./model/problems";
import styles from "./panes.module.css";

export function ExitFields({ instance }: { instance: Instance }) {
  const { blocks } = useDesigner();
  const block = blocks.find(instance.block);
  const shown = shownExits(instance, block);
  const more = exitsOf(instance, block).filter((exit) => !shown.some(({ id }) => id === exit.id));
  return (
    <div className={styles.group}>
      <h3>Exits</h3>
      {shown.length === 0 && <p className={styles.soft}>A run ends here.</p>}
      {shown.map((exit) => (
        <ExitField key={exit.id} instance={instance} exit={exit.id} />
      ))}
      {more.length > 0 && (
        <details>
          <summary className={styles.summary}>Exits for single kinds of failures</summary>
          <div className={styles.group}>
            {more.map((exit) => (
              <ExitField key={exit.id} instance={instance} exit={exit.id} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

/** Where one exit leads. */
export function ExitField({
  instance,
  exit: id,
  brief,
}: {
  instance: Instance;
  exit: string;
  /** Without its explanation. */
  brief?: boolean;
}) {
  const { document, blocks, found, readOnly, edit } = useDesigner();
  const exit = exitsOf(instance, blocks.find(instance.block)).find((one) => one.id === id);
  const target = instance.exits?.[id] ?? "";
  const optional = exit?.failure ?? false;
  const targets = titles(document, blocks);
  const gone = target && !targets.some(([value]) => value === target);
  return (
    <SelectField
      label={exit?.title ?? id}
      hint={brief ? undefined : exit?.description}
      optional={optional}
      disabled={readOnly}
      value={target}
      options={[
        ["", "– not wired –"],
        ...targets,
        ...(gone ? [[target, `${target} (not there)`] as [string, string]] : []),
      ]}
      onChange={(to) => edit((document) => connect(document, instance.id, id, to || undefined))}
      error={messagesAt(ofInstance(found, instance.id), `/exits/${id}`)}
    />
  );
}
