// A choice among few that are all shown, such as how something is looked at.

import { cx } from "./class_names";
import styles from "./segments.module.css";

export function Segments<Choice extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string;
  options: [choice: Choice, shown: string][];
  chosen: Choice;
  onChoose: (choice: Choice) => void;
}) {
  return (
    <fieldset className={styles.segments}>
      <legend className="visually-hidden">{label}</legend>
      {options.map(([choice, shown]) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === chosen}
          className={cx(styles.segment, choice === chosen && styles.chosen)}
          onClick={() => onChoose(choice)}
        >
          {shown}
        </button>
      ))}
    </fieldset>
  );
}
