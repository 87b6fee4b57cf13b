// What is wrong with the document, each leading to its place.

import { cx } from "../../ui/class_names";
import { Icon } from "../../ui/icons";
import { useDesigner } from "./context";
import { enterPane } from "./enter_pane";
import { titleOf } from "./model/blocks";
import type { Found } from "./model/problems";
import styles from "./panes.module.css";

export function ProblemList({
  found,
  label,
  onJump,
}: {
  found: Found[];
  label: string;
  onJump: (found: Found) => void;
}) {
  const { document, blocks } = useDesigner();
  const name = (id: string | undefined) => {
    const instance = document.blocks.find((one) => one.id === id);
    return instance ? titleOf(instance, blocks) : "Scenario";
  };
  const ordered = [...found].sort(
    (one, other) => Number(one.severity === "warning") - Number(other.severity === "warning"),
  );
  return (
    <ul className={styles.problems} aria-label={label}>
      {ordered.map((one) => (
        <li key={`${one.instance}${one.field}${one.message}`}>
          <button
            type="button"
            className={cx(styles.problem, styles[one.severity])}
            onClick={() => {
              onJump(one);
              enterPane();
            }}
          >
            <Icon name="warning" size={15} />
            <span>
              <b>{name(one.instance)}</b> <span className="visually-hidden">{one.severity}: </span>
              {one.message}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
