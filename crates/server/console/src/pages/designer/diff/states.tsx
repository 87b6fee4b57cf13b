// How what became of a block or a wire is told: by a word, a sign and a colour.

import { cx } from "../../../ui/class_names";
import { Icon } from "../../../ui/icons";
import type { BlockState } from "../model/comparison";
import styles from "./diff.module.css";

export type Told = { word: string; icon: string };

export const STATES: Record<Exclude<BlockState, "same">, Told> = {
  added: { word: "Added", icon: "create" },
  removed: { word: "Removed", icon: "delete" },
  changed: { word: "Changed", icon: "update" },
  rewired: { word: "Rewired", icon: "branch" },
  moved: { word: "Moved", icon: "move" },
};

export function StateBadge({ state }: { state: Exclude<BlockState, "same"> }) {
  const { word, icon } = STATES[state];
  return (
    <span className={cx(styles.badge, styles[state])}>
      <Icon name={icon} size={13} />
      {word}
    </span>
  );
}

/** What the signs and colours of the picture mean, and how often each is there. */
export function Legend({ counts }: { counts: Record<BlockState, number> }) {
  const states = Object.keys(STATES) as Exclude<BlockState, "same">[];
  const there = states.filter((state) => counts[state] > 0);
  if (there.length === 0) return null;
  return (
    <ul className={styles.legend} aria-label="What became of the blocks">
      {there.map((state) => (
        <li key={state}>
          <StateBadge state={state} /> {counts[state]}
        </li>
      ))}
    </ul>
  );
}
