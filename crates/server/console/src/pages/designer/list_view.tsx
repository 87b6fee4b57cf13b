// The scenario as a list, in the order of a run: for keyboards and readers of screens, and for small windows.
// Everything that the canvas does can be done here.

import { Button, IconButton } from "../../ui/button";
import { cx } from "../../ui/class_names";
import { Icon } from "../../ui/icons";
import { Badge } from "../../ui/notice";
import { Cut } from "../../ui/text";
import { useDesigner } from "./context";
import { enterPane } from "./enter_pane";
import { ExitField } from "./exit_fields";
import styles from "./list_view.module.css";
import { shownExits, subtitleOf, titleOf } from "./model/blocks";
import { type Instance, remove } from "./model/document";
import { inOrder } from "./model/order";
import { counted, ofInstance } from "./model/problems";
import { toldOf } from "./model/trial";
import { StateIcon } from "./trying/state_icon";

export function ListView({ onAdd }: { onAdd: () => void }) {
  const { document, blocks, readOnly } = useDesigner();
  return (
    <div className={styles.view}>
      <ol className={styles.list} aria-label="Blocks in the order of a run">
        {inOrder(document, blocks).map((instance) => (
          <Item key={instance.id} instance={instance} />
        ))}
      </ol>
      {document.blocks.length === 0 && (
        <p className={styles.none}>There is no block yet. Add the first one from the palette.</p>
      )}
      {!readOnly && (
        <div>
          <Button icon="create" onClick={onAdd}>
            Add block
          </Button>
        </div>
      )}
    </div>
  );
}

function Item({ instance }: { instance: Instance }) {
  const { document, blocks, found, marks, readOnly, selection, select, edit } = useDesigner();
  const mark = marks?.instances.get(instance.id);
  const told = toldOf(marks, instance.id);
  const block = blocks.find(instance.block);
  const mine = ofInstance(found, instance.id);
  const { errors, warnings } = counted(mine);
  const title = titleOf(instance, blocks);
  const chosen = selection.has(instance.id);
  const takeOut = () => {
    edit((document) => remove(document, new Set([instance.id])));
    select([]);
  };
  return (
    <li className={cx(styles.item, chosen && styles.chosen)} data-instance={instance.id}>
      <div className={styles.head}>
        <Icon name={block?.icon ?? "warning"} />
        <div className={styles.names}>
          <h3>
            <Cut>{title}</Cut>
          </h3>
          <Cut className={styles.kind}>{subtitleOf(instance, blocks)}</Cut>
        </div>
        {told && (
          <span className={styles.trial}>
            {mark && <StateIcon state={mark.state} />}
            {told}
          </span>
        )}
        {document.start === instance.id && <Badge tone="good">Start</Badge>}
        {errors + warnings > 0 && (
          <Badge tone={errors ? "bad" : "warn"} icon="warning">
            {errors + warnings}
          </Badge>
        )}
        <Button
          icon="update"
          aria-label={`${readOnly ? "Look at" : "Edit"} ${title}`}
          aria-pressed={chosen}
          onClick={() => {
            select([instance.id]);
            enterPane();
          }}
        >
          {readOnly ? "Look" : "Edit"}
        </Button>
        {!readOnly && <IconButton icon="delete" label={`Delete ${title}`} onClick={takeOut} />}
      </div>
      <div className={styles.exits}>
        {shownExits(instance, block).map((exit) => (
          <ExitField key={exit.id} instance={instance} exit={exit.id} brief />
        ))}
      </div>
    </li>
  );
}
